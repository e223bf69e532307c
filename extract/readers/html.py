"""Saved web pages: the main text as lines, then read as a page or any other text is.

What stands around the text (navigation, scripts, footers) is left out, blocks and breaks are lines, items of lists get
their markers. Every line keeps the line of the file on which its element begins.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

from extract.readers import page, plain
from extract.reading import Reading
from extract.source import Source, decode, sha256
from trialcite.errors import EmptyInput, InputError

if TYPE_CHECKING:
    from bs4 import Tag

FORMAT = "html"

_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype html|html)\b", re.I | re.S)
_FURNITURE = "script, style, noscript, template, svg, nav, header, footer, aside, form, button, iframe, [hidden]"
_MAIN = ("main", "[role=main]", "article", "body")
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "br",
        "caption",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_LONGEST_LABEL = 60
_SPACED = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "p", "section", "table", "ul", "ol", "dl"])


def recognises(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a web page."""
    return bool(_BEGINS.match(head))


def read(data: bytes, *, where: str) -> Reading | InputError:
    """Read a page. Raises what decoding raises: EmptyInput, NotText, UnreadableInput."""
    from bs4 import BeautifulSoup

    markup, encoding = decode(data, where=where)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # XHTML read as HTML is what we want
        soup = BeautifulSoup(markup, "html.parser")
    main = next((found for selector in _MAIN if (found := soup.select_one(selector))), soup)
    for furniture in main.select(_FURNITURE):
        furniture.extract()
    text = _text(main, pairs=False)
    if not any(line.strip() for line in text.lines):
        return EmptyInput("a web page without text", where=where, hint="save the page once it is shown in full")
    is_page = page.recognises("\n".join(text.lines))
    text = text if is_page else _text(main, pairs=True)
    source = Source(where, FORMAT, sha256(data), "\n".join(text.lines), encoding)
    places = tuple(f"line {n}" for n in text.places)
    return page.read(source, places) if is_page else replace(plain.read(source), line_places=places)


def _text(main: Tag, *, pairs: bool) -> _Text:
    """The lines of an element; with `pairs` a label in a list of definitions or a table stands with its value."""
    text = _Text(pairs=pairs)
    text.add(main)
    text.close()
    return text


class _Text:
    """Lines in the making; `places` are the lines of the file on which their elements begin."""

    def __init__(self, *, pairs: bool) -> None:
        self._pairs = pairs
        self.lines: list[str] = []
        self.places: list[int] = []
        self._open = False

    def add(self, element: Tag) -> None:
        """Add what an element says, in the order of the page."""
        pending: list[tuple[Tag | str, int, bool]] = [(element, 1, False)]
        while pending:
            node, line, is_end = pending.pop()
            if isinstance(node, str):
                self._say(node, line)
                continue
            name, here = node.name, node.sourceline or line
            if self._pairs and not is_end and self.lines and self.lines[-1] and _is_value(node):
                self._open = True
                self._say(" " if self.lines[-1].endswith(":") else ": ", here)
            elif name in _BLOCKS:
                self._break(blank=name in _SPACED)
            if is_end:
                continue
            if name == "li":
                self._say(_marker(node), here)
            pending.append((node, here, True))
            pending += [(child, here, False) for child in reversed(_children(node))]

    def close(self) -> None:
        """End the text behind its last line."""
        self._break(blank=False)
        while self.lines and not self.lines[-1]:
            self.lines.pop()
            self.places.pop()

    def _say(self, words: str, line: int) -> None:
        folded = re.sub(r"\s+", " ", words)
        if not folded.strip() and not self._open:
            return
        if self._open:
            self.lines[-1] += folded if not self.lines[-1].endswith(" ") else folded.lstrip()
        else:
            self.lines.append(folded.lstrip())
            self.places.append(line)
            self._open = True

    def _break(self, *, blank: bool) -> None:
        if self._open:
            self.lines[-1] = self.lines[-1].rstrip()
        self._open = False
        if blank and self.lines and self.lines[-1]:
            self.lines.append("")
            self.places.append(self.places[-1])


def _children(node: Tag) -> list[Tag | str]:
    from bs4 import Comment, Doctype, Tag

    return [c if isinstance(c, Tag) else str(c) for c in node.children if not isinstance(c, Comment | Doctype)]


def _is_value(node: Tag) -> bool:
    """Whether an element is the value of the label before it: <dt>Sponsor <dd>…, or the second of two cells."""
    label = node.find_previous_sibling()
    if label is None or node.name not in ("dd", "td") or len(label.get_text(strip=True)) > _LONGEST_LABEL:
        return False
    if node.name == "dd":
        return label.name == "dt"
    return label.find_previous_sibling() is None and node.find_next_sibling() is None


def _marker(item: Tag) -> str:
    """What a browser shows before an item of a list."""
    parent = item.parent
    if parent is None or parent.name != "ol":
        return "* "
    return f"{len(item.find_previous_siblings('li')) + 1}. "
