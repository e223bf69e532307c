"""How units are written: one unit read at a place in a text.

    read("5 mg per kg a day", 2)      Written("mg/kg/d", end=17)

A unit is read by composition: an atom of `units.csv` in any of its spellings, then as many divisors as follow. Only the
characters of the unit and the word behind it are looked at, so that reading at every number of a line stays linear.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from extract.criteria.phrases import NORMAL, Phrases, Token, expand, simplify
from extract.criteria.tables import entries, rows

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[a-zμ]+|-(?=\d)|[^\s\-^\\\u00ad]")
_LONGEST = 72
"""No unit is written longer than this; looking no further keeps a long line linear."""

_POWER_OF_TEN = re.compile(
    r"(?:[x×*·∙•]\s*)?10\s?(?:\\?\^|\\?\*{1,2}|exp|e|(?=[⁰¹²³⁴-⁹]|\())\s?\(?\+?(?P<marked>[\d⁰¹²³⁴-⁹]{1,2})\)?(?!\d)"
    r"|[x×*·∙•]\s*10\s?(?P<bare>3|6|9|12)(?!\d)",
    re.IGNORECASE,
)
_POWER_CODE = re.compile(r"10\*\d+")
_PER = frozenset(("/", "per"))
_TIMES = frozenset(("x", "×", "*", "time", "times", "fold"))
_WHOSE = frozenset(("of", "the", "their", "institutional", "institution", "laboratory", "lab", "local"))
_POWER_SIGNS = frozenset("x×X*·∙•1")
_LIMITS = ("{ULN}", "{LLN}")
_DOTS = frozenset("·.*∙•")
_FIRST_SCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


class Written(NamedTuple):
    """A unit's UCUM code, where it ends in the text, and the id of the measure that it gives away."""

    ucum: str
    end: int
    implies: str | None = None


class Spelling(NamedTuple):
    """What a spelling stands for."""

    ucum: str
    implies: str | None = None


def read(text: str, start: int) -> Written | None:
    """The longest unit that begins at `start`."""
    window = text[start : start + _LONGEST]
    power = _POWER_OF_TEN.match(window) if window[:1] in _POWER_SIGNS else None
    taken = power.end() if power else 0
    simple = simplify(window[taken:])
    first = _TOKEN.match(simple)
    if power is None and (first is None or NORMAL[first[0]] not in _openers()):
        return None  # nearly always: what follows a number is seldom a unit
    reading = _Reading(window[taken:], simple, cut=len(window) == _LONGEST)
    code = reading.unit(_power(power) if power else None)
    if code is None:
        return None
    length = taken + reading.end if reading.end else len(window[:taken].rstrip())
    return Written(code, start + length, reading.implies)


class _Tables(NamedTuple):
    atoms: Phrases[Spelling]
    below: Phrases[Spelling]
    after_times: Phrases[Spelling]
    rates: Phrases[Spelling]


@cache
def _spellings() -> _Tables:
    tables = _Tables(Phrases(_TOKEN), Phrases(_TOKEN), Phrases(_TOKEN), Phrases(_TOKEN))
    for row in rows("units.csv"):
        spelling = Spelling(row["ucum"], row["implies"] or None)
        columns = {
            "spellings": (tables.atoms,) if spelling.ucum in _LIMITS else (tables.atoms, tables.below),
            "exact": (tables.atoms, tables.below),
            "denominator": (tables.below,),
            "after_times": (tables.after_times,),
            "rate": (tables.rates,),
        }
        for column, phrases in columns.items():
            for template in entries(row[column]):
                for phrase in expand(template):
                    for table in phrases:
                        table.add(phrase, spelling, exact=column == "exact")
    return tables


def _power(written: re.Match[str]) -> str:
    """The UCUM code of a power of ten, which is a multiplier before a unit: "x 10^9" is 10*9."""
    return "10*" + (written["marked"] or written["bare"]).translate(_FIRST_SCRIPT)


@cache
def _openers() -> frozenset[str]:
    """Every word that can open a unit."""
    tables = _spellings()
    return frozenset((*tables.atoms.openers(), *tables.rates.openers())) | _PER | _TIMES


class _Words:
    """The tokens of a simplified window, found as they are asked for. `stop`: none from this index on is given."""

    def __init__(self, simple: str, *, cut: bool) -> None:
        self._found: list[Token] = []
        self._more = _TOKEN.finditer(simple)
        self._whole = len(simple) - cut
        self.stop = len(simple)

    def __getitem__(self, at: int, /) -> Token:
        while at >= len(self._found):
            m = next(self._more, None)
            if m is None or m.end() > self._whole:  # what touches the end of a cut window may be longer
                raise IndexError(at)
            self._found.append(Token(NORMAL[m[0]], *m.span()))
        if at >= self.stop:
            raise IndexError(at)
        return self._found[at]

    def word(self, at: int) -> str:
        """The token's word; "" behind the last."""
        try:
            return self[at].word
        except IndexError:
            return ""


class _Reading:
    """One walk over the tokens of a window."""

    def __init__(self, window: str, simple: str, *, cut: bool) -> None:
        self.window = window
        self.words = _Words(simple, cut=cut)
        self.at = 0
        self.implies: str | None = None

    @property
    def end(self) -> int:
        """How many characters have been read."""
        return self.words[self.at - 1].end if self.at else 0

    def unit(self, multiplier: str | None) -> str | None:
        """The UCUM code of the unit at the front, having moved behind it."""
        if multiplier is None and (limit := self._limit_of_normal()):
            return limit
        above = [multiplier] if multiplier else []
        while (found := self._above()) is not None:
            above.append(found.ucum)
            self.implies = found.implies
            if not _is_number(found.ucum):
                break
        below = self._divisors()
        if not below and multiplier is None and all(map(_is_number, above)):
            return None  # "3 million" or "100 cells": a number, not yet a unit
        return ".".join(code for code in above if code != "1") + "".join(f"/{code}" for code in below)

    def _above(self) -> Spelling | None:
        """What stands above the line. A 2 that stands apart is no exponent: "5 m 2 weeks ago" has no m2."""
        atoms, at = _spellings().atoms, self.at
        found = atoms.longest(self.window, self.words, at)
        if found is None:
            return None
        for i in range(at + 1, at + found[0]):
            token = self.words[i]
            if token.word in ("2", "3") and self.window[token.start - 1].isspace():
                self.words.stop = i
                found = atoms.longest(self.window, self.words, at)
                self.words.stop = len(self.window)
                break
        return self._take(found)

    def _limit_of_normal(self) -> str | None:
        """ "x ULN", "times the institutional upper limit of normal" """
        if self.words.word(self.at) not in _TIMES:
            return None
        at = self.at + 1
        while self.words.word(at) in _WHOSE:
            at += 1
        for table in (_spellings().atoms, _spellings().after_times):
            found = table.longest(self.window, self.words, at)
            if found and found[1].ucum in _LIMITS:
                self.at = at + found[0]
                return found[1].ucum
        return None

    def _divisors(self) -> list[str]:
        codes: list[str] = []
        while (code := self._per() or self._rate() or self._inverse()) is not None:
            codes.append(code)
        return codes

    def _per(self) -> str | None:
        """ "/kg", "per 1.73 m2" """
        if self.words.word(self.at) not in _PER:
            return None
        found = _spellings().below.longest(self.window, self.words, self.at + 1)
        if found is None or _is_number(found[1].ucum):
            return None
        self.at += 1 + found[0]
        return found[1].ucum

    def _rate(self) -> str | None:
        """ "daily" """
        found = self._take(_spellings().rates.longest(self.window, self.words, self.at))
        return found.ucum if found else None

    def _inverse(self) -> str | None:
        """ "min-1", "m−2" """
        at = self.at + (self.words.word(self.at) in _DOTS)
        found = _spellings().below.longest(self.window, self.words, at)
        if found is None or self.words.word(at + found[0]) != "-":
            return None
        code, exponent = found[1].ucum, self.words.word(at + found[0] + 1)
        if exponent not in ("1", "2", "3"):
            return None
        self.at = at + found[0] + 2
        return code if exponent == "1" or code.startswith("{") else code + exponent

    def _take(self, found: tuple[int, Spelling] | None) -> Spelling | None:
        if found is None:
            return None
        self.at += found[0]
        return found[1]


def _is_number(code: str) -> bool:
    return code == "1" or _POWER_CODE.fullmatch(code) is not None
