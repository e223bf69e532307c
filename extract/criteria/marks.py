"""What qualifies a bound: the sex it holds for, its condition, and whether the words deny or except it."""

from __future__ import annotations

from extract.criteria.bounds import Bounds
from extract.criteria.constraints import Sex
from extract.criteria.lexer import Tokens
from extract.criteria.roles import (
    AND,
    CLOSE,
    COLON,
    COMMA,
    COMPARE,
    EXCEPT,
    FOR,
    GLUE,
    IF,
    LINK,
    NOT,
    OPEN,
    OR,
    PERSON,
    QUANTITY,
    SEX,
    STOP,
)

_NEGATION_REACH = 8
_SENTENCE_REACH = 60
_CONDITION_WORDS = 16
_ENDS_NEGATION = COMMA | STOP | AND | OR | OPEN | CLOSE | COLON | QUANTITY | COMPARE | EXCEPT | IF


class Marks:
    """Reads the qualifications of bounds among one criterion's tokens."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.roles = tokens.roles
        self.seen = tokens.seen

    def sex(self, first: int, bound: Bounds, *, measured: bool) -> Sex | None:
        """ "> 1.5 mg/dL for males", "> 470 ms (women)", "Men: ≥ 40"; both sexes together are no restriction.

        `first` is the first token of the bound and its subject. `measured`: a sex right before the bound restricts it
        ("QTc: male > 450 ms"), as it does not an age ("male ≥ 18 years" asks for both).
        """
        if not self.seen & SEX:
            return None
        at = bound.first - 1
        if measured and self.roles[at] & SEX and at > first and not self.roles[at - 1] & (AND | OR | SEX):
            return self._sex(at)
        at = bound.last
        if self.roles[at] & (OPEN | FOR):
            at += 1
            while self.roles[at] & GLUE:
                at += 1
            if self.roles[at] & SEX and not self._both(at):
                return self._sex(at)
        at = first - 1
        while self.roles[at] & (COLON | COMMA | GLUE | LINK):
            at -= 1
        if at < 0 or not self.roles[at] & SEX or self.roles[at - 1] & (AND | OR | SEX):
            return None
        return self._sex(at) if self.roles[at + 1] & COLON or self.roles[at - 1] & FOR else None

    def _sex(self, at: int) -> Sex:
        found: Sex = self.tokens.values[at]
        return found

    def _both(self, at: int) -> bool:
        """Whether the other sex is named with it: "for men and women"."""
        return self.roles[at + 1] & (AND | OR | COMMA | PERSON) != 0 and any(
            self.roles[k] & SEX and self._sex(k) != self._sex(at) for k in (at + 1, at + 2)
        )

    def condition(self, first: int, last: int) -> str | None:
        """ "≤ 5 × ULN if liver metastases", "≤ 3 × ULN for subjects with jaundice", "if on warfarin, INR ≤ 3"."""
        if not self.seen & (IF | FOR):
            return None
        at = last
        while self.roles[at] & (CLOSE | COMMA | OPEN) and at < last + 2:
            at += 1
        if self.roles[at] & IF:
            return self._words(at + 1)
        if self.roles[last] & FOR and self.roles[last + 1] & PERSON and self.roles[last + 2] & LINK:
            return self._words(last + 1)
        return self._leading(first) if self.seen & IF else None

    def _leading(self, first: int) -> str | None:
        """A condition before the bound, closed by a comma or colon."""
        comma = None
        for at in range(first - 1, max(-1, first - _CONDITION_WORDS), -1):
            roles = self.roles[at]
            if roles & STOP:
                return None
            if roles & (COMMA | COLON):
                comma = at
            elif roles & IF and comma is not None:
                opens = at == 0 or self.roles[at - 1] & (STOP | COMMA | OPEN | OR | AND)
                return self.tokens.words(at + 1, comma) if opens else None
        return None

    def conditional(self, first: int) -> bool:
        """Whether the subject at token `first` stands in a condition: "if eGFR ≥ 45"."""
        if not self.seen & IF:
            return False
        for at in range(first - 1, max(-1, first - 1 - _NEGATION_REACH), -1):
            if self.roles[at] & IF:
                return True
            if self.roles[at] & (COMMA | COLON | STOP | CLOSE):
                return False
        return False

    def _words(self, start: int) -> str | None:
        end = start
        most = min(start + _CONDITION_WORDS, self.tokens.count)
        while end < most and not self.roles[end] & (STOP | CLOSE | COMMA):
            end += 1
        return self.tokens.words(start, end) or None

    def excepted(self, first: int) -> bool:
        """Whether an "except" or "unless" stands before, in the same sentence and not in parentheses closed since."""
        if not self.seen & EXCEPT:
            return False
        depth = 0
        for at in range(first - 1, max(-1, first - _SENTENCE_REACH), -1):
            roles = self.roles[at]
            depth += (roles & CLOSE != 0) - (roles & OPEN != 0)
            if roles & STOP:
                return False
            if roles & EXCEPT and depth <= 0:
                return True
        return False

    def negated(self, first: int) -> bool:
        """Whether a "no", "not" or "without" governs the subject at token `first`."""
        if not self.seen & NOT:
            return False
        for at in range(first - 1, max(-1, first - 1 - _NEGATION_REACH), -1):
            if self.roles[at] & NOT:
                return True
            if self.roles[at] & _ENDS_NEGATION:
                return False
        return False
