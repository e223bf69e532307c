"""A criterion's text as tokens: quantities with their units, comparisons, measures, and the small words of the grammar.

    lex("BMI ≤ 30 kg/m2")      MEASURE(bmi)  COMPARE(≤)  QUANTITY(30, kg/m2)

The longest phrase of the vocabulary at each place is one token. Numbers inside names ("IL-6", "type 2", "Day 1") are
plain words.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache, reduce
from operator import itemgetter, or_
from typing import Any, NamedTuple

from extract.criteria import units
from extract.criteria.bounds import TIME_UNITS
from extract.criteria.measures import Measure
from extract.criteria.roles import (
    AFTERWORD,
    AND,
    CLOSE,
    COLON,
    COMPARE,
    MEASURE,
    NAME,
    OR,
    QUANTITY,
    SIGN,
    STOP,
    WORD,
)
from extract.criteria.units import Unit
from extract.criteria.vocabulary import COMPARISON_SIGNS, Entry, Head, Node, longest, symbol, vocabulary, words_of

_ESCAPES = re.compile(r"\\(?=[^\w\s])|&(?:gt|lt|ge|le|amp|nbsp|#\d{2,4});")
_ENTITIES = {"&gt;": ">", "&lt;": "<", "&ge;": "≥", "&le;": "≤", "&amp;": "&", "&nbsp;": " "}
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b")
_RANGE = re.compile(r"\s?[-–—~]\s?\d")
_AFTER_MINUS = frozenset(("", " ", "<", ">", "=", "≤", "≥", "(", "⩽", "⩾"))
_NO_UNIT = frozenset(",;)]}:<>≥≤=+-–—~&.")
_UNIT_WORD = r"(?:[^\s,;\[\]<>≥≤=()]|(?<=\w)\((?:s|2|3)\))+"
_UNIT_PIECE = re.compile(
    rf"{_UNIT_WORD}(?:\s+(?!(?:and|or|with|at|in|for|to|by|who|if|prior|before|after|but|on|as|from|since|is|are)\b)"
    rf"{_UNIT_WORD}){{0,7}}",
    re.IGNORECASE,
)
"""What a unit may be written with; so cut, the same units come again and again."""

_LEAD = re.compile(
    r"\s*(?:-(?=[^\W\d]))?\s*(?:(?:consecutive|continuous|completed?|full|calendar|whole|entire|successive|additional)\s+)?",
    re.IGNORECASE,
)
"""White space, a hyphen, or an adjective between a number and its unit: "3 consecutive weeks"."""

_DEVIATIONS = frozenset(("{SD}", "{Z-score}", "{T-score}"))
"""Units in which anything can be negative."""

_SIGN_REACH = 6
"""How many tokens before a number its measure is looked for, to tell a minus from a dash."""

_PLAIN = Entry(WORD)
_NO_HEAD = Head(None, None)
_AHEAD = [0] * 32
"""No rule of the grammar looks further ahead than this."""


class Quantity(NamedTuple):
    """A number with the unit that follows it. `digits` is False for a number word."""

    value: float
    unit: Unit | None
    digits: bool


class Tokens:
    """The tokens of one criterion, in parallel lists.

    roles[k], starts[k], ends[k]: what token k is and where it stands in `text`; `roles` goes on with zeros, so that the
    tokens before the first and after the last have no role. values[k]: what it stands for, if anything. seen: the roles
    of all tokens together.
    """

    __slots__ = ("count", "ends", "given", "roles", "seen", "shifts", "starts", "text", "values")

    def __init__(self, given: str, text: str, shifts: list[tuple[int, int]]) -> None:
        self.given = given
        self.text = text
        self.shifts = shifts
        self.roles: list[int] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.values: dict[int, Any] = {}
        self.seen = 0
        self.count = 0

    def add(self, roles: int, start: int, end: int, value: Any = None) -> None:
        if value is not None:
            self.values[len(self.roles)] = value
        self.roles.append(roles)
        self.starts.append(start)
        self.ends.append(end)

    def close(self) -> Tokens:
        self.count = len(self.roles)
        self.seen = reduce(or_, self.roles, 0)
        self.roles += _AHEAD
        return self

    def words(self, first: int, last: int) -> str:
        """The text of tokens first to last - 1, white space folded."""
        return " ".join(self.text[self.starts[first] : self.ends[last - 1]].split()) if last > first >= 0 else ""

    def word(self, at: int) -> str:
        """The text of one token in lower case; "" outside."""
        return self.text[self.starts[at] : self.ends[at]].lower() if 0 <= at < self.count else ""

    def quote(self, start: int, stop: int) -> tuple[str, tuple[int, int]]:
        """What stands at `text[start:stop]` in the text as given, white space folded, and where."""
        chars = self.original(start), self.original(stop - 1) + 1
        return " ".join(self.given[chars[0] : chars[1]].split()), chars

    def original(self, place: int) -> int:
        """Where a place in `text` was in the text as given, before its escapes were taken out."""
        if not self.shifts:
            return place
        before = bisect_right(self.shifts, place, key=itemgetter(0))
        return place + (self.shifts[before - 1][1] if before else 0)


def lex(text: str) -> Tokens:
    """The tokens of one criterion. Time is linear in its length."""
    clean, shifts = _unescaped(text) if "\\" in text or "&" in text else (text, [])
    return _Lexer(Tokens(text, clean, shifts)).run()


def _unescaped(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without Markdown's backslashes and HTML's entities, and how far what follows each was moved."""
    parts: list[str] = []
    shifts: list[tuple[int, int]] = []
    at = size = 0
    for m in _ESCAPES.finditer(text):
        plain = _ENTITIES.get(m[0], "" if m[0] == "\\" else " ")
        parts += [text[at : m.start()], plain]
        size += m.start() - at + len(plain)
        at = m.end()
        shifts.append((size, at - size))
    parts.append(text[at:])
    return "".join(parts), shifts


class _Lexer:
    """Words, then tokens. Most words say nothing to the grammar; runs of them are taken over in one go."""

    def __init__(self, tokens: Tokens) -> None:
        self.out = tokens
        self.text = tokens.text
        self.found = words_of(tokens.text)
        self.simple, self.words, self.starts, self.ends = self.found

    def run(self) -> Tokens:
        heads, words, out = vocabulary(), self.words, self.out
        roles, starts, ends, values = out.roles, out.starts, out.ends, out.values
        at, count = 0, len(words)
        entry: Entry | None
        node: Node | None
        for k in [k for k, word in enumerate(words) if word in heads or not word.isalpha()]:
            if k < at:
                continue
            if k > at:
                self._plain(at, k)
            word, at = words[k], k + 1
            entry, node = heads.get(word, _NO_HEAD)
            if node is not None and (" " in node or (at < count and words[at] in node)):
                at, entry = longest(node, self.text, self.found, k) or (at, entry)
            if entry is None:
                if not word[0].isalpha():
                    at = self._number_or_sign(k, word)
                    continue
                entry = _PLAIN
            if entry.roles & (QUANTITY | AFTERWORD):
                at = self._with_value(k, at, word, entry)
                continue
            if entry.value is not None:
                values[len(roles)] = entry.value
            roles.append(entry.roles)
            starts.append(self.starts[k])
            ends.append(self.ends[at - 1])
        self._plain(at, count)
        return out.close()

    def _plain(self, first: int, last: int) -> None:
        """Appends words that are in no vocabulary."""
        self.out.starts += self.starts[first:last]
        self.out.ends += self.ends[first:last]
        self.out.roles += [WORD] * (last - first)

    def _with_value(self, at: int, after: int, word: str, entry: Entry) -> int:
        """Appends a number word with its unit, or a comparison that stands after its value; the index behind it."""
        if entry.roles & QUANTITY:
            return self._quantity(after - 1, self.starts[at], entry.value, digits=False)
        if after > at + 1 and word in ("or", "and") and self._compares(after):
            after, entry = at + 1, Entry(OR if word == "or" else AND)  # "or less than 5", "and above 45"
        self.out.add(entry.roles, self.starts[at], self.ends[after - 1], entry.value)
        return after

    def _number_or_sign(self, at: int, word: str) -> int:
        """Appends a number, or a sign that is not in the vocabulary; the index of the token after it."""
        start, end = self.starts[at], self.ends[at]
        first = word[0]
        if first.isdecimal():
            if not self._is_name(start):
                return self._quantity(at, start, number(word), digits=True)
            self.out.add(WORD, start, end)
        elif first == ".":
            self.out.add(SIGN if self.simple[end : end + 1].isalnum() else STOP, start, end)
        elif first in COMPARISON_SIGNS:
            self.out.add(COMPARE, start, end, symbol(word))
        else:
            self.out.add(WORD if first.isalnum() else SIGN, start, end)
        return at + 1

    def _compares(self, at: int) -> bool:
        """Whether what stands before token `at` compares a value after it: "… than", "… 45"."""
        word = self.words[at] if at < len(self.words) else ""
        return word in ("than", "equal") or word[:1].isdecimal()

    def _before(self) -> int:
        return self.out.roles[-1] if self.out.roles else 0

    def _is_name(self, start: int) -> bool:
        """Whether a number is part of a name: "IL-6", "HbA1c", "CD4"; but "≥18", "within14 days", "ECOG0-1" are not."""
        before = self.simple[start - 1 : start]
        joined = before.isalpha() or (before == "-" and self.simple[start - 2 : start - 1].isalpha())
        return joined and self._before() & (WORD | NAME) != 0

    def _quantity(self, at: int, start: int, value: float, *, digits: bool) -> int:
        """Appends the quantity that begins with the number at token `at`; the index of the token after it."""
        end = self.ends[at]
        ordinal = _ORDINAL.match(self.simple, end)
        unit, last = unit_at(self.text, ordinal.end() if ordinal else end)
        before = self._before()
        if unit is None and digits:
            named = before & NAME and not _RANGE.match(self.simple, end)
            glued = not ordinal and self.simple[end : end + 1].isalpha()
            if named or glued or (ordinal and not before & COMPARE):
                self.out.add(WORD, start, end)
                return at + 1
        last = last if unit else end
        if self._negative(start, before, unit) and not (unit and unit.ucum in TIME_UNITS):
            value = -value
        self.out.add(QUANTITY, start, last, Quantity(value, unit, digits))
        at += 1
        while at < len(self.words) and self.starts[at] < last:
            at += 1
        return at

    def _negative(self, start: int, before: int, unit: Unit | None) -> bool:
        """Whether the hyphen before a number is a minus: "< -2.5", "of -1", never "18-65" or "2 - 3".

        What cannot be negative has no minus: "Age: -18 to 65", "BMI -20-30".
        """
        if self.simple[start - 1 : start] != "-" or self.simple[start - 2 : start - 1] not in _AFTER_MINUS:
            return False
        if not before or before & (QUANTITY | WORD):
            return False
        if unit is not None and unit.ucum in _DEVIATIONS:
            return True
        last = len(self.out.roles) - 1
        named = (k for k in range(last, max(-1, last - _SIGN_REACH), -1) if self.out.roles[k] & MEASURE)
        measure: Measure | None = next((self.out.values[k] for k in named), None)
        if measure is None:
            return not before & (COLON | CLOSE)
        return measure.plausible.lower is None or measure.plausible.lower < 0


@lru_cache(maxsize=1 << 12)
def number(text: str) -> float:
    """The value of "1,500", "1 500", "7,5" or "2.5". A comma before three digits parts thousands, else decimals."""
    if text.isdecimal():
        return float(text)
    bare = text.replace("·", ".")
    if re.fullmatch(r"[1-9]\d{0,2}(?:[,\s]\d{3})+(?:\.\d+)?", bare):
        return float(re.sub(r"[,\s]", "", bare))
    whole, *rest = re.split(r"[.,\s]", bare)
    return float(f"{whole}.{''.join(rest)}" if rest else whole)


def unit_at(text: str, pos: int) -> tuple[Unit | None, int]:
    """(the unit at `pos`, where it ends). Few are ever written, so the words after a number are remembered; the places
    in the unit itself are of no use then."""
    lead = _LEAD.match(text, pos)
    end = lead.end() if lead else pos
    if end >= len(text) or text[end] in _NO_UNIT:
        return None, pos
    piece = _UNIT_PIECE.match(text, end)
    found = _unit(piece[0]) if piece else None
    return (found, found.end + end) if found else (None, pos)


@lru_cache(maxsize=1 << 14)
def _unit(piece: str) -> Unit | None:
    return units.match(piece, 0)
