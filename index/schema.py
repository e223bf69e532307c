"""The library's tables, as the steps that made them.

A step is never changed once released: a library of any earlier version is brought to the present by the steps it
lacks, each in one transaction.
"""

from __future__ import annotations

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE documents (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            path TEXT NOT NULL,
            member TEXT NOT NULL,
            format TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            encoding TEXT NOT NULL,
            lines INTEGER NOT NULL,
            version TEXT NOT NULL,
            added TEXT NOT NULL,
            UNIQUE (path, member)
        )""",
        """CREATE VIEW listing AS
            SELECT number, id, path, NULLIF(member, '') AS member, format, sha256, encoding, lines, version, added
            FROM documents""",
        """CREATE TABLE contents (
            document INTEGER PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
            text TEXT NOT NULL,
            passages BLOB NOT NULL,
            places BLOB NOT NULL,
            extraction BLOB NOT NULL
        )""",
        """CREATE TABLE chunks (
            document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
            number INTEGER NOT NULL,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            start INTEGER NOT NULL,
            end INTEGER NOT NULL,
            section TEXT NOT NULL,
            label TEXT,
            place TEXT,
            row INTEGER NOT NULL,
            PRIMARY KEY (document, number)
        ) WITHOUT ROWID""",
        """CREATE TABLE facets (
            document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
            field TEXT NOT NULL,
            text TEXT NOT NULL,
            low,
            high
        )""",
        "CREATE INDEX facets_by_document ON facets (document)",
        "CREATE INDEX facets_by_text ON facets (field, text, document)",
        "CREATE INDEX facets_by_low ON facets (field, low, document)",
        """CREATE TABLE vectors (
            document INTEGER PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
            dimension INTEGER NOT NULL,
            data BLOB NOT NULL
        )""",
        """CREATE TABLE gone (
            removal INTEGER PRIMARY KEY AUTOINCREMENT,
            document INTEGER NOT NULL,
            chunks INTEGER NOT NULL
        )""",
        """CREATE TABLE progress (
            index_name TEXT PRIMARY KEY,
            applied INTEGER NOT NULL,
            cleared INTEGER NOT NULL,
            rows INTEGER
        ) WITHOUT ROWID""",
    ),
)
