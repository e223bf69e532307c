"""PDF files: the text of a protocol, each line with its page and its number there.

A page that is a picture has no text; it is said in its place, and a file of nothing else is refused as scanned, so that
no page is lost in silence. What is not the document's text (running heads, page numbers, the table of contents) is left
out by `pdf_layout`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from extract.readers.pdf_layout import Protocol, protocol_of
from extract.source import MAX_RECORD_BYTES, sha256
from trialcite.errors import InputError, MalformedRecord, UnreadableInput

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

MAX_BYTES = 100 * 1024 * 1024
"""Protocols with figures and scanned appendices reach some tens of megabytes."""

MAX_PAGES = 5_000

_FORMAT = "pdf"


def recognises(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a PDF; some writers put a few before it."""
    return b"%PDF-" in head[:1024]


def read(data: bytes, *, where: str) -> Protocol | InputError:
    """Read a file, or say why it cannot be: broken, encrypted, scanned, too large."""
    from pypdfium2 import PdfDocument, PdfiumError

    if len(data) > MAX_BYTES:
        return UnreadableInput("a PDF larger than a protocol can be", where=where, hint=f"at most {MAX_BYTES >> 20} MB")
    try:
        document = PdfDocument(data)
    except PdfiumError as e:
        reason = "it needs a password" if "assword" in str(e) else f"{e}"
        return MalformedRecord(f"a PDF that cannot be opened ({reason})", where=where)
    try:
        pages = list(_pages(document, where))
    except PdfiumError as e:
        return MalformedRecord(f"a broken PDF ({e})", where=where)
    except InputError as e:
        return e
    finally:
        document.close()
    if not any(lines for lines, _ in pages):
        count = f"{len(pages)} page{'s' * (len(pages) != 1)}"
        return MalformedRecord(f"a PDF of {count} without text, as scans are", where=where, hint="run OCR on it")
    texts = [
        [f"[Page {number} is a picture without text]"] if is_picture else lines
        for number, (lines, is_picture) in enumerate(pages, start=1)
    ]
    return protocol_of(texts, path=where, format=_FORMAT, sha256=sha256(data))


def _pages(document: PdfDocument, where: str) -> Iterator[tuple[list[str], bool]]:
    """The lines of each page, and whether a page without any is a picture."""
    if len(document) > MAX_PAGES:
        raise UnreadableInput(f"a PDF of {len(document)} pages", where=where, hint=f"at most {MAX_PAGES}")
    size = 0
    for page in document:
        text = page.get_textpage().get_text_range().translate(_symbols())
        size += len(text)
        if size > MAX_RECORD_BYTES:
            raise UnreadableInput("a PDF with more text than a protocol can have", where=where)
        lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
        lines = lines if any(line.strip() for line in lines) else []
        yield lines, not lines and _has_picture(page)


def _has_picture(page: PdfPage) -> bool:
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    return any(True for _ in page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE]))


@cache
def _symbols() -> dict[int, str]:
    """What each character of a symbol font is; control characters are nothing."""
    table = tomllib.loads(files("extract.readers").joinpath("pdf_symbols.toml").read_text(encoding="utf-8"))
    controls = {code: "" for code in range(32) if chr(code) not in "\t\r\n"}
    return controls | {int(code, 16): said for code, said in table.items()}
