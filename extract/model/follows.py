"""Whether a value follows from the words that are cited for it. Words prove what they say, and nothing else.

The words are read where they stand, not as they were cut out: "recruiting" cut out of "not recruiting", or "male" out
of "male or female", proves neither. What is kept is the value as the words have it, so a date keeps their precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extract.criteria.parser import parse
from extract.model.asks import Ask
from extract.model.locate import Located
from extract.model.said import said
from extract.model.texts import visible
from extract.rules.values import Value, value_of
from extract.source import Source

LONGEST_NAME = 600
"""Characters of a value that is one name or title; more is a passage."""

_AROUND = 300
_ABOVE = 2
_LABEL_WORDS = 8
_NOTHING = {"na", "none", "null", "unknown", "tbd", "notprovided", "notapplicable", "notstated", "notavailable"}
_FUNCTION_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "be",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "was",
        "with",
    ]
)
_AGE_UNITS = {"a": "Year", "mo": "Month", "wk": "Week", "d": "Day", "h": "Hour", "min": "Minute", None: "Year"}


@dataclass(frozen=True, slots=True)
class Context:
    """Cited words where they stand: `text[start:end]` in the text of their lines, and what stands `above` them."""

    text: str
    start: int
    end: int
    above: str

    @property
    def words(self) -> str:
        """The words themselves."""
        return self.text[self.start : self.end]


def context_of(located: Located, source: Source, labels: Sequence[str] = ()) -> Context:
    """What stands around located words: the rest of their lines as far as it matters, and above them the labels that
    say what they are about, those of their passage included."""
    first, last = located.lines
    begin = max(source.offset(first), located.start - _AROUND)
    end = min(source.offset(last, len(source.line(last))), located.end + _AROUND)
    near = (source.line(n)[:_AROUND].strip() for n in range(first - 1, max(0, first - 1 - 2 * _ABOVE), -1))
    above = [line for line in [line for line in near if line][:_ABOVE] if _is_label(line)]
    text = source.text[begin:end]
    return Context(text, located.start - begin, located.end - begin, "\n".join([*labels, *reversed(above)]))


def _is_label(line: str) -> bool:
    """Whether a line reads like the label of what is below it, and not like a sentence of its own."""
    return len(line.split()) <= _LABEL_WORDS and not line.endswith((".", ";", ","))


def settled(ask: Ask, proposed: object, context: Context) -> Value | None:
    """The field's value where the words say the proposed one; None where they do not."""
    if ask.field.kind == "text":
        return _text(ask, context.words)
    if not _is_about(ask, context):
        return None
    if ask.field.kind == "age":
        proposed, values = value_of(ask.field, str(proposed).strip()), _ages(ask, context)
    else:
        found = said(ask.field, context.text)
        values = [s.value for s in found if s.start < context.end and s.end > context.start]
    if ask.field.kind == "date":
        return next((v for v in values if _no_more_precise(str(proposed).strip(), str(v))), None)
    return next((v for v in values if v == proposed and type(v) is type(proposed)), None)


def _text(ask: Ask, words: str) -> str | None:
    text = visible(words).strip() if ask.long else " ".join(visible(words).split())
    bare = "".join(c for c in text.casefold() if c.isalnum())
    telling = len(bare) >= 2 and bare not in _NOTHING and not _FUNCTION_WORDS.issuperset(text.casefold().split())
    return text if telling and (ask.long or len(text) <= LONGEST_NAME) else None


def _is_about(ask: Ask, context: Context) -> bool:
    """Whether the lines, or what stands above them, speak of what the field counts, dates or names."""
    around = f"{context.above}\n{context.text}".casefold()
    return not ask.cues or any(cue.casefold() in around for cue in ask.cues)


def _no_more_precise(proposed: str, there: str) -> bool:
    return proposed == there or (len(proposed) in (4, 7) and there.startswith(proposed + "-"))


def _ages(ask: Ask, context: Context) -> list[Value]:
    """The ages that bound participants on the side that the field is about. A bare "18 Years" is bounded by the words
    above it."""
    found = [c for c in parse(context.text) if c.kind == "age"]
    cited = [c for c in found if c.chars[0] < context.end and c.chars[1] > context.start]
    if not found:
        label = context.above.rpartition("\n")[2]
        cited = [c for c in parse(f"{label}: {context.words.strip()}") if c.kind == "age"]
    bounds = [(c.lower if ask.name == "minimumAge" else c.upper, c.ucum) for c in cited if not c.excepted]
    return [_age(b.value, ucum) for b, ucum in bounds if b is not None and ucum in _AGE_UNITS]


def _age(number: float, ucum: str | None) -> str:
    return f"{number:g} {_AGE_UNITS[ucum]}" + ("" if number == 1 else "s")
