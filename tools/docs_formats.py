"""Write the table of docs/formats.md, which fields each format can give, from the tables that read them.

    python tools/docs_formats.py docs/formats.md

The rest of the page is written by hand; the table stands between its two marks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from extract.readers.mapping import formats
from extract.rules.fields import fields

BEGINS, ENDS = "<!-- table: tools/docs_formats.py -->", "<!-- end of table -->"

# Formats read by rules, as far as the rules reach: a page has every field; a protocol's rules are rules/protocol.py.
_PROTOCOL = frozenset(
    {"nctId", "orgStudyId", "secondaryIds", "leadSponsor", "phases", "eligibilityCriteria"}
    | {"minimumAge", "maximumAge"}
)
_KEYWORDS = frozenset({"from", "items", "codes", "joined", "is"})


def patterns(spec: Any, at: str = "") -> Iterator[str]:
    """The pointer of every value that a table maps, "*" for list items."""
    if isinstance(spec, str):
        yield at
    elif isinstance(spec, Mapping):
        if "all" in spec:
            yield f"{at}/*"
        elif _KEYWORDS & spec.keys():
            yield f"{at}/*" if "items" in spec or "codes" in spec else at
        else:
            inner = f"{at}/*" if "each" in spec else at
            for key, below in spec.items():
                if key not in ("each", "when", "split"):
                    yield from patterns(below, f"{inner}/{key}")
    else:
        for one in spec:
            yield from patterns(one, at)


def table() -> str:
    """The table in Markdown: a row a field, a column a format."""
    given = {form.name: set(patterns(form.study)) for form in formats()}
    names = [*given, "pdf"]
    rows = [f"| field | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for name, field in fields().items():
        cells = ["•" if field.pointer in patterns_of else "" for patterns_of in given.values()]
        rows.append(f"| {name} | {' | '.join([*cells, '•' if name in _PROTOCOL else ''])} |")
    return "\n".join(rows)


def main() -> None:
    """Put the table in its place in the page named on the command line."""
    page = Path(sys.argv[1])
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    page.write_text(f"{before}{BEGINS}\n\n{table()}\n\n{ENDS}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
