"""The conditions on fields that a question over many trials states: facets, numbers of participants, ages, dates and
places. What they don't explain of the question is its topic."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from index.fields import field
from qa.asking import names
from qa.facets import Mention, mentions
from qa.geography import country_in
from qa.patterns import Words
from qa.plan import Comparison, Filter
from qa.record import Record, Value

_MONTHS = {
    name: n
    for n, name in enumerate(
        [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
        start=1,
    )
}
_MORE = (
    r"more than|over|above|greater than|larger than|bigger than|exceed(?:s|ing)?|>|upwards of|beyond|older than|after"
)
_LEAST = r"at least|no (?:less|fewer) than|minimum(?: of)?|>=|≥|from"
_LESS = r"fewer than|less than|under|below|smaller than|<|younger than|before"
_MOST = r"at most|up to|no more than|maximum(?: of)?|<=|≤|not more than"
_NUMBER = r"(\d[\d,]*(?:\.\d+)?)"
_COMPARED = re.compile(
    rf"\b(?:(?P<more>{_MORE})|(?P<least>{_LEAST})|(?P<less>{_LESS})|(?P<most>{_MOST}))\s*{_NUMBER}"
    rf"(?P<after>\s*(?:or|and) (?:more|above|over|older|less|fewer|younger|under|below))?|"
    rf"{_NUMBER}\s*\+|{_NUMBER}(?P<orless>\s+or (?:fewer|less|under|younger))"
    rf"|{_NUMBER}(?P<ormore>\s+or (?:more|over|older))",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:\b(?P<how>in|during|within|since|after|before|by|until|from|throughout|of)\s+)?"
    r"(?:the year |year |late |early |mid-?)?"
    rf"(?:(?P<month>{'|'.join(_MONTHS)})\s+)?(?P<year>(?:19|20)\d\d)(?:-(?P<number>\d\d))?\b",
    re.IGNORECASE,
)
_AGES = re.compile(
    r"\bage[sd]?\b|\byears?(?: old)?\b|\bunder[- ]?\d|\bover[- ]?\d+s?\b|-year|\bolder\b|\byounger\b"
    r"|\b(?:children|kids|patients|people|adults)\b.*\b(?:under|over|below)\b",
    re.IGNORECASE,
)
_MINIMUM = re.compile(r"\b(?:minimum|min|youngest|lower|lowest)\b[\w\s]*\bage|\bage\b[\w\s]*\bfrom\b", re.I)
_MAXIMUM = re.compile(r"\b(?:maximum|max|oldest|upper|highest)\b[\w\s]*\bage|\bage\b[\w\s]*\bcap\b", re.I)
_ADMIT = re.compile(r"\b(\d{1,3})[\s-]*years?[\s-]*olds?\b|\b(\d{1,2})s? year olds?\b", re.I)
_UNDER = re.compile(r"\bunder[- ]?(\d{1,2})s?\b|\b(?:below|younger than|less than) (?:the age of )?(\d{1,2})\b", re.I)
_OVER = re.compile(r"\bover[- ]?(\d{2})s?\b|\b(?:above|older than|more than) (?:the age of )?(\d{2})\b", re.I)

Span = tuple[int, int]
_DATES = (("start", "startDate"), ("completion", "completionDate"), ("updated", "lastUpdatePostDate"))


class Conditions(NamedTuple):
    """Facets and comparisons of fields, with the spans of the question that state them. Of a group of facets
    ("completed or terminated") one has to hold."""

    groups: tuple[tuple[Mention, ...], ...]
    filters: tuple[Filter, ...]
    spans: tuple[Span, ...]

    @property
    def facets(self) -> tuple[Mention, ...]:
        """Every facet that is spoken of."""
        return tuple(mention for group in self.groups for mention in group)


def read(question: Words, countries: Collection[str]) -> Conditions:
    """The conditions in a question. `countries` are those of the library's records."""
    spoken = [m for m in mentions(question) if not _of_people(m, question)]
    found: list[tuple[Filter, Span]] = [*_ages(question), *_places(question, countries)]
    taken = [span for _, span in found]
    found += [f for f in _dates(question) if not _within(f[1], taken)]
    found += [f for f in _enrollment(question) if not _within(f[1], taken)]
    spans = [question.span(m.first, m.after) for m in spoken]
    kept = [
        (m, s)
        for m, s in zip(spoken, spans, strict=True)
        if not any(_overlap(s, span) for _, span in found if _aged(m))
    ]
    return Conditions(
        groups=_groups([m for m, _ in kept], question),
        filters=tuple(f for f, _ in found),
        spans=(*(s for _, s in kept), *(s for _, s in found)),
    )


def _groups(spoken: Sequence[Mention], question: Words) -> tuple[tuple[Mention, ...], ...]:
    """Mentions of one field with an "or" between them go together."""
    words = question.plain.split()
    groups: list[tuple[Mention, ...]] = []
    for mention in spoken:
        last = groups[-1][-1] if groups else None
        if last and last.facet.field == mention.facet.field and "or" in words[last.after : mention.first]:
            groups[-1] = (*groups[-1], mention)
        else:
            groups.append((mention,))
    return tuple(groups)


_PEOPLE = re.compile(
    r"\s*(?:[\w-]+\s+){0,2}?(?:with|on|who|whose|having|aged|under|over|between|after|below|above)\b", re.I
)


def _of_people(mention: Mention, question: Words) -> bool:
    """Whether "enrolling people with …" tells whom a trial takes, and not that it takes any now."""
    if mention.facet.id != "recruiting":
        return False
    first, after = question.span(mention.first, mention.after)
    verb = re.match(r"\w*(?:ing|s)\b", question.text[first:after])
    return bool(verb and _PEOPLE.match(question.text, after))


def _aged(mention: Mention) -> bool:
    return mention.facet.field in ("minimum_age", "maximum_age")


def _overlap(a: Span, b: Span) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _within(span: Span, taken: Collection[Span]) -> bool:
    return any(_overlap(span, t) for t in taken)


def _comparison(m: re.Match[str]) -> Comparison:
    if m["more"]:
        return ">"
    if m["least"] or m["ormore"]:
        return ">="
    if m["less"]:
        return "<"
    return "<=" if m["most"] or m["orless"] else ">="


def _number(m: re.Match[str]) -> float:
    return float(next(g for g in (m[5], m[7], m[8], m[10]) if g).replace(",", ""))


def _enrollment(question: Words) -> Iterator[tuple[Filter, Span]]:
    """Numbers of participants, where those or the trial's size are spoken of."""
    counted = re.compile(rf"\b(?:{'|'.join(names('participants'))})\b", re.IGNORECASE)
    text = question.text
    for m in _COMPARED.finditer(text):
        about = text[m.end() : m.end() + 40] + " " + text[max(0, m.start() - 40) : m.start()]
        if counted.search(about) or re.search(r"enrol|sample size|\bsize\b", about, re.IGNORECASE):
            after = counted.search(text, m.end(), m.end() + 24)
            span = (m.start(), after.end() if after else m.end())
            yield (
                Filter(field="enrollment", comparison=_comparison(m), values=[_number(m)], words=text[slice(*span)]),
                span,
            )


def _ages(question: Words) -> Iterator[tuple[Filter, Span]]:
    text = question.text
    if not _AGES.search(text):
        return
    for pattern, name in ((_MINIMUM, "minimumAge"), (_MAXIMUM, "maximumAge")):
        found = pattern.search(text)
        compared = _COMPARED.search(text, found.end() if found else len(text))
        if found and compared:
            span = (found.start(), compared.end())
            yield (
                Filter(
                    field=name, comparison=_comparison(compared), values=[_number(compared)], words=text[slice(*span)]
                ),
                span,
            )
            return
    under, over = _UNDER.search(text), _OVER.search(text)
    if under:
        years = float(under[1] or under[2])
        # Someone younger may join unless the minimum is that age or more.
        yield Filter(field="minimumAge", comparison=">=", values=[years], words=under[0], negated=True), under.span()
        return
    if over:
        years = float(over[1] or over[2]) + 1
        yield Filter(field="age", comparison="is", values=[years], words=over[0]), over.span()
        return
    admitted = _ADMIT.search(text)
    if admitted:
        yield (
            Filter(field="age", comparison="is", values=[float(admitted[1] or admitted[2])], words=admitted[0]),
            admitted.span(),
        )


def _dates(question: Words) -> Iterator[tuple[Filter, Span]]:
    text = question.text
    for m in _DATE.finditer(text):
        month = m["number"] or (f"{_MONTHS[m['month'].lower()]:02}" if m["month"] else None)
        day = f"{m['year']}-{month}" if month else m["year"]
        how = (m["how"] or "in").lower()
        signs: dict[str, Comparison] = {
            "since": ">=",
            "from": ">=",
            "after": ">",
            "before": "<",
            "by": "<=",
            "until": "<=",
        }
        comparison = signs.get(how, "in")
        dated = _dated(text[: m.start()], text)
        if dated:
            yield Filter(field=dated, comparison=comparison, values=[day], words=text[m.start() : m.end()]), m.span()


def _dated(before: str, whole: str) -> str | None:
    """The date that is spoken of: by the nearest verb before it, else by any."""
    nearest: tuple[int, str] | None = None
    for text in (before, whole):
        for section, name in _DATES:
            for m in re.finditer(rf"\b(?:{'|'.join(map(re.escape, names(section)))})\b", text, re.IGNORECASE):
                if nearest is None or m.start() > nearest[0]:
                    nearest = (m.start(), name)
        if nearest:
            return nearest[1]
    return None


def _places(question: Words, countries: Collection[str]) -> Iterator[tuple[Filter, Span]]:
    place = country_in(question.text, countries)
    if place is None:
        return
    held: list[str | float] = [c for c in countries if c.lower() in place.names]
    if held:
        words = str(held[0]) if len(held) == 1 else place.name.title()
        words = f"outside {words}" if place.outside else words
        condition = Filter(field="country", comparison="is", values=held, words=words, negated=place.outside)
        yield condition, place.span


def compared(text: str) -> tuple[Comparison, float, Span] | None:
    """The first comparison with a number in a text, and where it stands."""
    m = _COMPARED.search(text)
    return (_comparison(m), _number(m), m.span()) if m else None


def where(condition: Filter) -> str:
    """The condition in the library's filter language (index/where.py)."""
    field, values = condition.field, condition.values
    if condition.comparison == "is":
        text = f"{field} in ({', '.join(map(_quoted, values))})" if len(values) > 1 else f"{field}={_quoted(values[0])}"
    elif condition.comparison == "contains":
        text = f"{field}~{_quoted(values[0])}"
    elif condition.comparison == "in":
        text = f"({field}>={_quoted(values[0])} and {field}<={_quoted(values[-1])})"
    else:
        text = f"{field}{condition.comparison}{_quoted(values[0])}"
    return f"not {text}" if condition.negated else text


def _quoted(value: str | float) -> str:
    text = f"{value:g}" if isinstance(value, float) else value.replace('"', "")
    return f'"{text}"'


def because(condition: Filter, record: Record) -> list[Value]:
    """The values of a record that a condition is about."""
    if condition.field == "age":
        paths: tuple[str, ...] = (f"{_ELIGIBILITY}/minimumAge", f"{_ELIGIBILITY}/maximumAge")
    else:
        paths = field(condition.field).paths
    found = [v for path in paths for v in record.values(path)]
    if condition.comparison == "is" and not condition.negated:
        wanted = {str(v).lower() for v in condition.values}
        found = [v for v in found if str(v.value).lower() in wanted][:1] or found[:2]
    # No limit of age is stated where the other fields of eligibility are.
    return found[: 2 if condition.comparison == "is" else 1] or record.values(f"{_ELIGIBILITY}/sex")


_ELIGIBILITY = "/protocolSection/eligibilityModule"
