"""A criterion's text as tokens: quantities with their units, comparisons, measures, and the small words of the grammar.

    lex("BMI ≤ 30 kg/m2")      MEASURE(bmi)  COMPARE(≤)  QUANTITY(30, kg/m2)

The longest phrase of the vocabulary at each place is one token. Numbers inside names ("IL-6", "type 2", "Day 1") are
plain words.
"""

from __future__ import annotations

import re
from functools import lru_cache, reduce
from itertools import repeat
from operator import or_
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
from extract.criteria.vocabulary import Entry, Head, Node, symbol, vocabulary
from extract.criteria.words import COMPARISON_SIGNS, Words, words_of

_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b")
_RANGE = re.compile(r"\s?[-–—~]\s?\d")
_AFTER_MINUS = frozenset(("", " ", "<", ">", "=", "≤", "≥", "(", "⩽", "⩾"))
_NO_UNIT = frozenset(",;)]}:<>≥≤=+-–—~&.")
_UNIT_WORD = r"(?:[^\s,;\[\]<>≥≤=()]++|(?<=\w)\((?:s|2|3)\))++"
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
    of all tokens together. written: the words they were made of.
    """

    __slots__ = ("count", "ends", "roles", "seen", "starts", "text", "values", "written")

    def __init__(self, words: Words) -> None:
        self.written = words
        self.text = words.text
        self.roles: list[int] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.values: dict[int, Any] = {}
        self.seen = 0
        self.count = 0

    def words(self, first: int, last: int) -> str:
        """The text of tokens first to last - 1, white space folded."""
        return " ".join(self.text[self.starts[first] : self.ends[last - 1]].split()) if last > first >= 0 else ""

    def word(self, at: int) -> str:
        """The text of one token in lower case; "" outside."""
        return self.text[self.starts[at] : self.ends[at]].lower() if 0 <= at < self.count else ""

    def quote(self, start: int, stop: int) -> tuple[str, tuple[int, int]]:
        """What stands at `text[start:stop]` in the text as given, white space folded, and where."""
        chars = self.written.original(start), self.written.original(stop - 1) + 1
        return " ".join(self.written.given[chars[0] : chars[1]].split()), chars


def lex(text: str) -> Tokens:
    """The tokens of one criterion. Time is linear in its length."""
    return _Lexer(words_of(text)).run()


class _Lexer:
    """Words, then tokens. Most words are tokens by themselves; runs of them are taken over in one go."""

    def __init__(self, found: Words) -> None:
        self.text, self.simple, self.words = found.text, found.simple, found.words
        self.starts, self.ends = found.places()
        self.known = vocabulary()
        self.roles: list[int] = list(map(self.known.alone.get, self.words, repeat(WORD)))
        """What each word is by itself."""
        self.done = 0
        """How many words have become tokens."""
        self.out = Tokens(found)

    def run(self) -> Tokens:
        (alone, heads), words = self.known, self.words
        entry: Entry | None
        node: Node | None
        for at in [at for at, word in enumerate(words) if word in heads or not word.isalpha()]:
            if at < self.done:
                continue
            word, end = words[at], at + 1
            entry, node = heads.get(word, _NO_HEAD)
            if node is not None and (" " in node or (end < len(words) and words[end] in node)):
                end, entry = self._longest(node, at) or (end, entry)
            if entry is None:
                if not (word[0].isalpha() or word in alone):
                    self._number_or_sign(at, word)
            elif entry.roles & (QUANTITY | AFTERWORD):
                self._with_value(at, end, word, entry)
            elif entry.value is not None or end > at + 1:
                self._put(at, end, entry.roles, entry.value)
        self._take_over(len(words))
        self.out.count = len(self.out.roles)
        self.out.seen = reduce(or_, self.out.roles, 0)
        self.out.roles += _AHEAD
        return self.out

    def _put(self, at: int, stop: int, roles: int, value: Any = None, end: int | None = None) -> None:
        """Makes the words from `at` up to `stop` one token, which may end elsewhere than the last of them."""
        out = self.out
        if value is not None:
            out.values[len(out.roles) + at - self.done] = value
        if stop == at + 1 and end is None:
            self.roles[at] = roles
            return
        self._take_over(at)
        out.roles.append(roles)
        out.starts.append(self.starts[at])
        out.ends.append(self.ends[stop - 1] if end is None else end)
        self.done = stop

    def _take_over(self, stop: int) -> None:
        """Makes each of the words up to `stop` a token."""
        if (start := self.done) < stop:
            self.out.roles += self.roles[start:stop]
            self.out.starts += self.starts[start:stop]
            self.out.ends += self.ends[start:stop]
            self.done = stop

    def _longest(self, node: Node, at: int) -> tuple[int, Entry] | None:
        """(the word after it, its entry) of the longest phrase that starts at word `at`, whose node is given."""
        words, best, end = self.words, None, at + 1
        while True:
            entry = node.get("")
            if " " in node:
                entry = node[" "].get(self.text[self.starts[at] : self.ends[end - 1]], entry)
            if entry is not None:
                best = end, entry
            if end == len(words) or (following := node.get(words[end])) is None:
                return best
            node = following
            end += 1

    def _with_value(self, at: int, after: int, word: str, entry: Entry) -> None:
        """Puts a number word with its unit, or a comparison that stands after its value."""
        if entry.roles & QUANTITY:
            self._quantity(at, after, entry.value, digits=False)
        elif after > at + 1 and word in ("or", "and") and self._compares(after):
            self._put(at, at + 1, OR if word == "or" else AND)  # "or less than 5", "and above 45"
        else:
            self._put(at, after, entry.roles, entry.value)

    def _number_or_sign(self, at: int, word: str) -> None:
        """Puts a number, or a sign that is not in the vocabulary."""
        first = word[0]
        if first.isdecimal():
            if not self._is_name(at):
                self._quantity(at, at + 1, number(word), digits=True)
        elif first in COMPARISON_SIGNS:
            self._put(at, at + 1, COMPARE, symbol(word))
        elif not first.isalnum():
            end = self.ends[at]
            stops = first == "." and not self.simple[end : end + 1].isalnum()
            self._put(at, at + 1, STOP if stops else SIGN)

    def _compares(self, at: int) -> bool:
        """Whether what stands before token `at` compares a value after it: "… than", "… 45"."""
        word = self.words[at] if at < len(self.words) else ""
        return word in ("than", "equal") or word[:1].isdecimal()

    def _before(self, at: int) -> int:
        """The roles of the token before word `at`, to which the tokens have come."""
        if at > self.done:
            return self.roles[at - 1]
        return self.out.roles[-1] if at else 0

    def _is_name(self, at: int) -> bool:
        """Whether a number is part of a name: "IL-6", "HbA1c", "CD4"; but "≥18", "within14 days", "ECOG0-1" are not."""
        start = self.starts[at]
        before = self.simple[start - 1 : start]
        joined = before.isalpha() or (before == "-" and self.simple[start - 2 : start - 1].isalpha())
        return joined and self._before(at) & (WORD | NAME) != 0

    def _quantity(self, at: int, after: int, value: float, *, digits: bool) -> None:
        """Puts the quantity whose number is the words from `at` up to `after`, unless the number is but a word."""
        end = self.ends[after - 1]
        ordinal = _ORDINAL.match(self.simple, end)
        unit, last = unit_at(self.text, ordinal.end() if ordinal else end)
        before = self._before(at)
        if unit is None and digits:
            named = before & NAME and not _RANGE.match(self.simple, end)
            glued = not ordinal and self.simple[end : end + 1].isalpha()
            if named or glued or (ordinal and not before & COMPARE):
                return
        if self._negative(at, before, unit) and not (unit and unit.ucum in TIME_UNITS):
            value = -value
        if unit is None:
            self._put(at, after, QUANTITY, Quantity(value, None, digits))
            return
        while after < len(self.words) and self.starts[after] < last:
            after += 1
        self._put(at, after, QUANTITY, Quantity(value, unit, digits), last)

    def _negative(self, at: int, before: int, unit: Unit | None) -> bool:
        """Whether the hyphen before a number is a minus: "< -2.5", "of -1", never "18-65" or "2 - 3".

        What cannot be negative has no minus: "Age: -18 to 65", "BMI -20-30".
        """
        start = self.starts[at]
        if self.simple[start - 1 : start] != "-" or self.simple[start - 2 : start - 1] not in _AFTER_MINUS:
            return False
        if not before or before & (QUANTITY | WORD):
            return False
        if unit is not None and unit.ucum in _DEVIATIONS:
            return True
        self._take_over(at)
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
