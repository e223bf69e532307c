"""Where a quoted text stands: exactly, or nearly, or not at all. The source's own words are what is kept.

A model cites lines and quotes words, and errs in both. Tried in turn, first at the lines it cites, then around them,
then in the whole source:

    exact   the words, white space folded
    same    the same words, numbers and signs, whatever their case, punctuation and invisible characters
    near    around the cited lines only: one word in eight may be misspelt; numbers, signs and negations may not differ

Away from the cited lines a text must be unique, and long enough to be so for a reason: two words stand by chance
somewhere. What cannot be placed for certain is not placed. Time is linear in the source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from extract.evidence import fold
from extract.model.texts import Folded, Tokens, visible
from extract.source import LineRange, Source

LONGEST_QUOTE = 4000
NEARBY_LINES = 2
"""A label and its value are two lines apart in many layouts, and counting slips by one."""

_WORDS_TO_MOVE, _CHARACTERS_TO_MOVE = 3, 12
_WORDS_TO_MISSPELL, _WORDS_PER_MISSPELLING, _LETTERS_TO_MISSPELL = 4, 8, 5
_MOST_NEARBY_TOKENS = 4000
_NEGATIONS = {"no", "not", "non", "nor", "none", "never", "neither", "without", "except", "unless", "cannot"}
_SHOWN_NUMBER = re.compile(r"(?m)^\s*\d{1,9}\| ?")


@dataclass(frozen=True, slots=True)
class Located:
    """Where the words stand (in the source's text, and its lines) and what they are there, white space folded."""

    start: int
    end: int
    lines: LineRange
    words: str


@dataclass(frozen=True, slots=True)
class NotLocated:
    """Why a quote has no place. It does not repeat the quote, which may be made up."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Quote:
    words: str
    tokens: Tokens


Stretch = tuple[int, int]
_Way = Callable[["Locator", _Quote, Stretch], Iterator[Stretch]]


class Locator:
    """Places quotes in one source; what it needs of the source is computed once."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def locate(self, quote: str, lines: LineRange, *, last: bool = False) -> Located | NotLocated:
        """The place of a quote that is said to stand at these lines: there its first or, if asked for, last one."""
        words = fold(_SHOWN_NUMBER.sub("", quote))
        if not visible(words).strip():
            return NotLocated("nothing is quoted")
        if len(words) > LONGEST_QUOTE:
            return NotLocated("the quote is too long")
        return self._placed(_Quote(words, Tokens(visible(words))), lines, -1 if last else 0)

    def _placed(self, quote: _Quote, lines: LineRange, which: int) -> Located | NotLocated:
        first, last, count = *lines, len(self.source)
        telling = len(quote.tokens) >= _WORDS_TO_MOVE and len(quote.words) >= _CHARACTERS_TO_MOVE
        if 1 <= first <= last <= count and (telling or last - first <= 2 * NEARBY_LINES):
            for way in (Locator._exact, Locator._same):
                found = list(way(self, quote, self._stretch(first, last)))
                if found:
                    return self._located(found[which])  # any occurrence at the lines proves what was cited
            around = self._stretch(max(1, first - NEARBY_LINES), min(count, last + NEARBY_LINES))
            place = self._only(quote, around, (Locator._exact, Locator._same, Locator._near))
            if place is not None:
                return place
        if telling:
            place = self._only(quote, (0, len(self.source.text)), (Locator._exact, Locator._same))
            if place is not None:
                return place
        return NotLocated("the quote is not in the record where it was cited")

    def _only(self, quote: _Quote, stretch: Stretch, ways: tuple[_Way, ...]) -> Located | NotLocated | None:
        """The one place in a stretch; None where there is none at all."""
        for way in ways:
            found = way(self, quote, stretch)
            place = next(found, None)
            if place is not None:
                another = next(found, None)
                return self._located(place) if another is None else NotLocated("the quote stands at several places")
        return None

    def _exact(self, quote: _Quote, stretch: Stretch) -> Iterator[Stretch]:
        text = self.source.text
        return (s for s in self._folded.find(quote.words, *stretch) if _whole(text, *s))

    def _same(self, quote: _Quote, stretch: Stretch) -> Iterator[Stretch]:
        return self._tokens.find(quote.tokens, *stretch)

    def _near(self, quote: _Quote, stretch: Stretch) -> Iterator[Stretch]:
        known, wanted, inside = self._tokens, quote.tokens.norms, self._tokens.between(*stretch)
        if len(wanted) < _WORDS_TO_MISSPELL or len(inside) > _MOST_NEARBY_TOKENS:
            return
        allowed = max(1, len(wanted) // _WORDS_PER_MISSPELLING)
        for at in inside[: len(inside) - len(wanted) + 1] if len(inside) >= len(wanted) else ():
            if _misspelt(wanted, known.norms[at : at + len(wanted)], allowed):
                yield known.starts[at], known.ends[at + len(wanted) - 1]

    def _stretch(self, first: int, last: int) -> Stretch:
        return self.source.offset(first), self.source.offset(last, len(self.source.line(last)))

    def _located(self, stretch: Stretch) -> Located:
        start, end = stretch
        return Located(start, end, self.source.lines_of(start, end), fold(self.source.text[start:end]))

    @cached_property
    def _folded(self) -> Folded:
        return Folded(self.source.text)

    @cached_property
    def _tokens(self) -> Tokens:
        return Tokens(self.source.text)


def _whole(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] cuts no word and no number in two: "10" does not stand in "100", "7" not in "7.5"."""
    return not (_joined(text, start) or _joined(text, end))


def _joined(text: str, at: int) -> bool:
    """Whether the characters before and at a position belong together."""
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if left.isalnum() and right.isalnum():
        return True
    if right in ".," and left.isdigit():
        return at + 1 < len(text) and text[at + 1].isdigit()
    return left in ".," and right.isdigit() and at > 1 and text[at - 2].isdigit()


def _misspelt(wanted: list[str], there: list[str], allowed: int) -> bool:
    """Whether words differ in their spelling only, and few of them do."""
    for one, other in zip(wanted, there, strict=True):
        if one != other:
            allowed -= 1
            if allowed < 0 or not _misspelling(one, other):
                return False
    return True


def _misspelling(one: str, other: str) -> bool:
    """Whether two words are one edit apart. Short words, numbers, signs and negations are never misspelt: one letter
    makes another word of them."""
    short, long = sorted((one, other), key=len)
    if len(short) < _LETTERS_TO_MISSPELL or not (short.isalpha() and long.isalpha()) or len(long) - len(short) > 1:
        return False
    if _NEGATIONS & {short, long}:
        return False
    same = next((k for k, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if same == 0:  # symptomatic, asymptomatic
        return False
    if len(short) < len(long):
        return short[same:] == long[same + 1 :]
    swapped = short[same : same + 2] == long[same : same + 2][::-1] and short[same + 2 :] == long[same + 2 :]
    return swapped or short[same + 1 :] == long[same + 1 :]
