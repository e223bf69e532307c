"""Evidence: which lines prove a value, and the check that they do.

A quote is verbatim text of its lines with white space folded: every run of white space, line ends included, is one
space. A quote that does not stand at its lines is no evidence, and what has no evidence is not emitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from extract.source import LineRange, Source

Line = Annotated[int, Field(ge=1)]
Method = Literal["rule", "model", "source"]


@dataclass(slots=True, unsafe_hash=True)
class Evidence:
    """Lines and the words there. `locator` places a value in a source that has no lines of its own (a JSON pointer).

    Never changed, but no frozen dataclass: a page has hundreds of them, and a frozen one takes twice as long to make.
    Pydantic checks them only where they come from outside.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    lines: tuple[Line, Line]
    quote: str
    method: Method = "rule"
    locator: str | None = None


def fold(text: str) -> str:
    """White space folded: runs become one space, the ends are bare. NBSP and the like count as white space."""
    # Most texts are folded already, and to see that takes half as long as to fold them.
    if text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(text.split())


def stands_at(quote: str, lines: LineRange, source: Source) -> bool:
    """Whether the quote, folded, is text of those lines."""
    first, last = lines
    if not (1 <= first <= last <= len(source)):
        return False
    folded = fold(quote)
    return bool(folded) and folded in fold(source.span(first, last))


def pointer(*steps: str | int) -> str:
    """An RFC 6901 JSON pointer: pointer("a/b", 0) is "/a~1b/0"."""
    return "".join("/" + str(s).replace("~", "~0").replace("/", "~1") for s in steps)


def steps(pointer: str) -> list[str]:
    """The unescaped steps of an RFC 6901 pointer; the inverse of `pointer`, with array indexes as digits."""
    return [s.replace("~1", "/").replace("~0", "~") for s in pointer.split("/")[1:]]
