"""Time spans: how long before or after what ("within 3 months prior to enrollment"), how long for ("for 6 months")."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from extract.criteria.bounds import Bounds, Edge, Sides
from extract.criteria.lexer import Tokens
from extract.criteria.roles import (
    AFTER,
    AND,
    BEFORE,
    CLOSE,
    COLON,
    COMMA,
    COMPARE,
    EVERY,
    EXCEPT,
    FOR,
    GLUE,
    IF,
    LASTING,
    LINK,
    OPEN,
    OR,
    PAST,
    STOP,
    WITHIN,
)

_ELAPSED = frozenset(("must", "should", "have", "has", "had", "be", "elapsed", "passed", "time"))
_AFTER_ANCHOR = frozenset(("is", "are", "was", "were", "will", "must", "may", "should", "through", "until", "between"))

Direction = Literal["before", "after"]

_ANCHOR_WORDS = 10
_LABEL_WORDS = 18
_ENDS_ANCHOR = COMMA | COLON | STOP | CLOSE | OPEN | IF | EXCEPT | COMPARE | WITHIN | OR | AND
_LEADS_SPAN = PAST | WITHIN | LASTING | GLUE | FOR | EVERY


@dataclass(slots=True)
class Span:
    """A window or a duration. `first`, `last`: its tokens, the anchor included."""

    kind: Literal["window", "duration"]
    lower: Edge | None
    upper: Edge | None
    label: str
    first: int
    last: int
    direction: Direction | None = None
    anchor: str | None = None


class Timing:
    """Reads the time spans among one criterion's tokens."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.roles = tokens.roles

    def span(self, bound: Bounds, limit: int) -> Span | None:
        """The window or duration that a bound in a unit of time is, or None. Its label begins behind token `limit`."""
        first, roles = self._lead(bound.first)
        if roles & EVERY and bound.bare:
            return None
        if window := self._window(bound, first, roles, limit):
            return window
        if bound.bare:
            if not roles & LASTING:
                return None
            return Span(
                "duration", (bound.value.number, True), None, self._label(first, limit, bound.last), first, bound.last
            )
        return Span("duration", bound.lower, bound.upper, self._label(first, limit, bound.last), first, bound.last)

    def again(self, bound: Bounds, before: Span) -> Span | None:
        """ "within 28 days or 5 half-lives": a bare span that repeats the one before it in other terms."""
        if not self.roles[bound.first - 1] & OR or bound.first - 1 > before.last:
            return None
        edge = bound.value.number, (before.lower or before.upper or (0.0, True))[1]
        lower, upper = (edge if before.lower else None), (edge if before.upper else None)
        marker = self.roles[bound.last] & (BEFORE | AFTER)
        anchor, last = self._anchor(bound.last + 1) if marker else (before.anchor, bound.last)
        return replace(before, lower=lower, upper=upper, first=bound.first, last=last, anchor=anchor)

    def _lead(self, at: int) -> tuple[int, int]:
        """(the first token of the words that lead to a span, all their roles): "within the past", "for at least"."""
        roles = 0
        while self.roles[at - 1] & _LEADS_SPAN and not self.roles[at - 1] & LINK:
            at -= 1
            roles |= self.roles[at]
        return at, roles

    def _window(self, bound: Bounds, first: int, roles: int, limit: int) -> Span | None:
        last = bound.last
        marker = self.roles[last]
        word = self.tokens.word(last)
        direction: Direction | None
        anchor: str | None = None
        elapsed = self._elapsed(last)
        if elapsed:
            direction = "after"
            anchor, last = self._anchor(elapsed)
        elif marker & (BEFORE | AFTER):
            direction = "before" if marker & BEFORE else "after"
            anchor, last = self._anchor(last + 1)
        elif roles & (WITHIN | PAST):
            if word in ("of", "from", "to"):
                anchor, last = self._anchor(last + 1)
            direction = None if anchor and not roles & PAST else "before"
        elif word == "from" and not bound.bare:
            direction = "after"
            anchor, last = self._anchor(last + 1)
        else:
            return None
        lower, upper = self._ends(bound, roles, direction)
        return Span("window", lower, upper, self._label(first, limit, last), first, last, direction, anchor)

    def _elapsed(self, at: int) -> int:
        """The token after "must have elapsed since" and the like; 0 without them."""
        end = at
        while self.tokens.word(end) in _ELAPSED and end < at + 5:
            end += 1
        return end + 1 if end > at and self.tokens.word(end) in ("since", "after", "from") else 0

    def _ends(self, bound: Bounds, roles: int, direction: Direction | None) -> Sides:
        """The sides of a window. A bare one is at most that long, except what goes on "for 90 days after"."""
        if not bound.bare:
            return bound.lower, bound.upper
        whole = bound.value.number, True
        goes_on = direction == "after" and roles & (LASTING | FOR) and not roles & (WITHIN | PAST)
        return (whole, None) if goes_on else (None, whole)

    def _anchor(self, at: int) -> tuple[str | None, int]:
        """(the words that a window is counted from, the token after them)."""
        start = at
        while self.tokens.word(start) in ("to", "the", "of", "their", "a", "an"):
            start += 1
        end = start
        while end < min(start + _ANCHOR_WORDS, self.tokens.count) and not self.roles[end] & _ENDS_ANCHOR:
            if end > start and (self.roles[end] & LINK or self.tokens.word(end) in _AFTER_ANCHOR):
                break
            end += 1
        while end > start and self.roles[end - 1] & (FOR | GLUE):
            end -= 1
        return (self.tokens.words(start, end), end) if end > start else (None, at)

    def _label(self, end: int, limit: int, last: int) -> str:
        """The words before a span, back to the beginning of their clause: what it dates."""
        end -= self.roles[end - 1] & OPEN != 0
        start = end
        least = max(limit, end - _LABEL_WORDS)
        while start > least and not self.roles[start - 1] & (STOP | OPEN | IF | EXCEPT):
            start -= 1
            if self.roles[start] & CLOSE:
                opening = next((k for k in range(start - 1, limit - 1, -1) if self.roles[k] & OPEN), None)
                if opening is None:
                    start += 1
                    break
                start, least = opening, max(limit, least - (start - opening))
        while start < end and self.roles[start] & (COMMA | AND | OR | GLUE | CLOSE | LINK):
            start += 1
        while end > start and self.roles[end - 1] & (COMMA | AND | OR | GLUE | LINK | OPEN | FOR):
            end -= 1
        return self.tokens.words(start, end) or self._label_behind(last)

    def _label_behind(self, at: int) -> str:
        """The words after a span that opens its clause: "within 6 months before dosing: stroke"."""
        start = at
        while self.roles[start] & (COLON | COMMA | GLUE | FOR) and start < at + 4:
            start += 1
        end = start
        while end < min(start + _LABEL_WORDS, self.tokens.count) and not self.roles[end] & (STOP | CLOSE | OPEN):
            end += 1
        return self.tokens.words(start, end)
