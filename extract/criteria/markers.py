"""List markers: the bullet, number or letter that opens an item of a list of criteria.

    "1. ", "1) ", "(1)", "1、", "1\\. "      numbers        "2.1. "           dotted numbers
    "a) ", "(b) ", "C. ", "ii. "            letters, roman numerals
    "* ", "- ", "• ", "\\- ", "-- ", "o "     bullets

Some starts of a line are markers only in company: "1-Age over 18" next to "2-Able to consent" is, "6-month history"
alone is not; "A. …" before "B. …" is, "E. coli infection" is not. Such markers are `weak`; whoever sees the whole list
decides.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_OPEN, _CLOSE = r"[(（\[]?", r"\s?\\?(?:[.)\]）．]{1,2}|[、:](?=\s|[^\W\d]))-?"
_MARKER = re.compile(
    rf"""
      (?P<bullet>\\?[*·•●○▪▫■□◦‣⁃∙➢➤►▶→✓✔※◆◇★☆](?:\s|(?<![*])(?=\w)|$) | \\?[-–—]{{1,3}}(?:\s|(?=[^\W\d])|$) | o(?=\s))
    | (?P<dotted>{_OPEN}\d{{1,2}}(?:\.\d{{1,2}}){{1,3}}(?P<dotted_close>{_CLOSE}|(?=\s)))(?!\d)
    | (?P<decimal>{_OPEN}\d{{1,3}}(?:{_CLOSE}))(?!\d)
    | (?P<circled>[①-⑳])
    | (?P<dash>\d{{1,2}}\s?[-–]\s*(?=[^\W\d]))
    | (?P<mixed>{_OPEN}\d{{1,2}}[a-z]{_CLOSE})(?=\s)
    | (?P<letter>{_OPEN}(?:[a-zA-Z]|[ivx]{{2,5}}|[IVX]{{2,5}})\\?[.)\]）]{{1,2}})(?=\s|[^\W\d_][^.])
    """,
    re.VERBOSE,
)
_BRACKETS = re.compile(r"[^0-9A-Za-z]")
_ROMAN = {n: i for i, n in enumerate("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv".split(), 1)}  # noqa: SIM905 - read as a row


class Marker(NamedTuple):
    """One marker. `end` is where the words after it begin. `readings` are the ways to understand it, likeliest first:
    (style, ordinal); "i." is a roman one or the ninth letter. A bullet has the ordinal None."""

    end: int
    readings: tuple[tuple[str, int | None], ...]
    weak: bool = False
    prefix: int | None = None
    """The number before the last dot of a dotted number: 2 of "2.1."."""


def marker(text: str, start: int = 0) -> Marker | None:
    """The marker that begins at `start`, or None. White space after it belongs to it."""
    m = _MARKER.match(text, start)
    if m is None:
        return None
    end = _past_space(text, m.end())
    found = m[0].strip()
    if m["bullet"]:
        return _inside_bullet(text, Marker(end, ((found.lstrip("\\")[:1], None),)))
    if m["dotted"]:
        parts = [int(n) for n in re.findall(r"\d+", found)]
        style = "1." * len(parts) + str(parts[:-1])
        return Marker(end, ((style, parts[-1]),), weak=not m["dotted_close"], prefix=parts[-2])
    if m["circled"]:
        return Marker(end, (("①", ord(found) - ord("①") + 1),))
    return _ordered(m, found, end)


def _ordered(m: re.Match[str], found: str, end: int) -> Marker:
    core = _BRACKETS.sub("", found)
    shape = "(" * (found[0] in "(（[") + "1" + found.lstrip("([（")[len(core) :].strip().strip("\\ ")[:1]
    if m["dash"]:
        return Marker(end, (("1-", int(core)),), weak=True)
    if m["decimal"]:
        return Marker(end, ((shape, int(core)),))
    if m["mixed"]:
        return Marker(end, ((shape.replace("1", "1a"), ord(core[-1]) - 96),), prefix=int(core[:-1]))
    case = "A" if core.isupper() else "a"
    letter, roman = (
        (shape.replace("1", case), ord(core.lower()) - 96) if len(core) == 1 else None,
        _ROMAN.get(core.lower()),
    )
    as_roman = (shape.replace("1", "I" if case == "A" else "i"), roman) if roman else None
    readings = tuple(r for r in ((as_roman, letter) if roman == 1 or letter is None else (letter, as_roman)) if r)
    # "C. difficile", "S. aureus", "I. V. access": a capital and a full stop open many names.
    return Marker(
        end, readings or ((shape, 0),), weak=not readings or (case == "A" and ")" not in found and len(core) == 1)
    )


def _inside_bullet(text: str, bullet: Marker) -> Marker:
    """A marker right after a bullet ("* 1. Age", "* • Age") is skipped too; the bullet gives the place in the list."""
    inner = _MARKER.match(text, bullet.end)
    if inner is None or inner["dash"] or (inner["dotted"] and not inner["dotted_close"]):
        return bullet
    if inner["letter"] and inner[0][0].isupper():
        return bullet
    return Marker(_past_space(text, inner.end()), bullet.readings)


def _past_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def inline(text: str, start: int, first: Marker) -> list[tuple[int, Marker]]:
    """The markers inside a line that go on counting from `first`: "1. Age over 18 2. BMI below 30" has one.

    Each is (where it begins, the marker). A bullet goes on with the same bullet, and only "•" and the like, never "-".
    """
    style, number = first.readings[0]
    found: list[tuple[int, Marker]] = []
    if number is None and style in "*-–—o·":
        return found
    for m in _INLINE.finditer(text, start):
        at = m.end()
        following = marker(text, at)
        if following is None or following.weak:
            continue
        for reading in following.readings:
            if reading[0] == style and (number is None or reading[1] == number + 1):
                found.append((at, Marker(following.end, (reading,))))
                number = reading[1]
                break
    return found


_INLINE = re.compile(r"[\s;:,.。；，](?=[(（\[]?[0-9a-zA-Z]{1,4}\\?[.)\]）、．]|[•●○▪■◦‣➢➤►▶✓✔※◆①-⑳])")
