"""What a question says of a person: age, sex, measured values, and what they have, take or had, and when.

"58-year-old woman, HbA1c 9.4, insulin for 2 years, no stroke"
    age 58 a · sex female · hba1c 9.4 · insulin (lasting 730 days) · stroke (denied)
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from extract.criteria import measures, units
from qa import durations
from qa.phrasing import phrasing_stems
from qa.words import Item, items, stem

_VALUE = re.compile(r"(?<![\w.])(\d+(?:[.,]\d+)?)(?:\s*(?:/|over)\s*(\d+(?:\.\d+)?))?")
_OF_NORMAL = re.compile(r"\s*(?:x|×|\*|times)\s*(?:the\s+)?(?:uln|upper (?:limit|level))", re.IGNORECASE)
_NO_AGE = (
    r"(?!\.\d|\s*(?:[-–/%]|weeks|months|days|hours|mg|kg|cm|mm|g/|ml|points?|years? ago|years? after|out of|or\b))"
)
"""What does not follow the number of an age that has no unit."""


@cache
def _ages() -> tuple[re.Pattern[str], ...]:
    """How an age is given: its number, and its unit where it has one."""
    words = table()
    someone = "|".join((*words["sex"]["female"], *words["sex"]["male"], *words["someone"]))
    return (
        re.compile(
            r"\b(\d{1,3})(?:\.\d| and a half|½)?[\s-]*(years?|yrs?|months?|weeks?)[\s-]*(?:old|of age)\b", re.IGNORECASE
        ),
        re.compile(r"\b(\d{1,3})[\s-]*(y/?o)\b", re.IGNORECASE),
        re.compile(r"\baged?\s+(\d{1,3})\b()", re.IGNORECASE),
        re.compile(
            rf"\b(?:(?:{someone})(?:['’]?m|['’]s| is| am| was| turned)|(?:too )?(?:old|young) at|at age|aged|at|being)"
            rf"\s+(?:only |just |already |nearly |now )?(\d{{1,3}})\b(){_NO_AGE}",
            re.IGNORECASE,
        ),
        re.compile(rf"\b(?:{someone}),? (\d{{2}})\b(){_NO_AGE}(?=\s*(?:[,.?;]|$))", re.IGNORECASE),
        re.compile(r"\b(\d{1,3}) (?:is |be )?(?:too|enough|old|young)() (?:old|young|enough)\b", re.IGNORECASE),
        re.compile(rf"\b(?:only|just) (\d{{2}})\b(){_NO_AGE}(?=\s*(?:[,.?;]|and\b|$))", re.IGNORECASE),
        re.compile(r"\bis (\d{2})() (?:above|over|below|under|within|inside|outside) the\b.*\bage\b", re.IGNORECASE),
        re.compile(
            r"\b(?:is|would|if) (\d{1,2})() (?:be )?(?:ok|okay|too|allowed|accepted|fine|old|young)\b", re.IGNORECASE
        ),
        re.compile(r"(?:^|[,(]\s*)(?:a |an )?(\d{2})(?:\s*(?:m|f|M|F))?\b()(?=\s*[,).?;]|$)"),
        re.compile(r"\b(\d{2})(?:[mf]|[\s-]?[MF])()\b(?![/.²])"),
    )


_CLAUSE_END = re.compile(r"[,;.?!:()]|\s[-–—]\s|\b(?:but|and|though|although)\b", re.IGNORECASE)
_COME_OFF = re.compile(r"\b(?:com|go)(?:e|es|ing)?\s+off\b")
"""Who is to come off a drug is on it."""
_DENIED_WORDS = 4
"""How many words after a denial are still denied."""


class Measured(NamedTuple):
    """A value of a measure (its id in the table of measures), in a UCUM unit; None where none was given. `named` is
    what the text calls the measure, `of_normal` marks a multiple of the upper limit of normal."""

    variable: str
    value: float
    ucum: str | None
    text: str
    named: str = ""
    of_normal: bool = False


class Counted(NamedTuple):
    """A number of things, by the stems and concepts of their names: "10 cigarettes a day"."""

    value: float
    names: frozenset[str]
    text: str


class Thing(NamedTuple):
    """A condition, drug, event or trait in words. `ago` and `lasting` are days."""

    item: Item
    denied: bool
    ago: float | None
    lasting: float | None


class Person(NamedTuple):
    """What is said of them. `age` is in years."""

    age: float | None
    sex: Literal["female", "male"] | None
    measured: tuple[Measured, ...]
    counted: tuple[Counted, ...]
    things: tuple[Thing, ...]
    ago: float | None
    """The one time span since something that the whole description names, in days."""
    lasting: float | None


@cache
def table() -> Mapping[str, Any]:
    """The words of people.toml."""
    return tomllib.loads(files("qa").joinpath("people.toml").read_text(encoding="utf-8"))


def only_person(item: Item) -> bool:
    """Whether a word only says that someone is a person, or is to take part."""
    return item.text.lower() in table()["taking_part"] or (
        bool(item.concepts) and item.concepts <= frozenset(table()["persons"])
    )


def tells(item: Item) -> bool:
    """Whether a word says something of a person: "treated", "year" and "mild" do not, nor do "woman" and "prior"."""
    if item.text.isdigit() or only_person(item):
        return False
    if item.concepts:
        return not item.concepts <= frozenset(table()["qualifiers"])
    return item.stem not in phrasing_stems() and item.stem not in modifiers()


@cache
def severities() -> frozenset[str]:
    """The stems of the words for how bad a thing is."""
    return frozenset(stem(word) for word in table()["severities"])


@cache
def modifiers() -> frozenset[str]:
    """The stems of the words before a name that leave it as general as it is."""
    opposites = (word for pair in table()["opposites"] for word in pair)
    return severities() | {stem(word) for word in (*table()["modifiers"], *opposites)}


def spelled_out(text: str) -> str:
    """The text with what is written for short in full: "creat 2.1, h/o chemo"."""
    return _shorthand().sub(lambda m: str(table()["shorthand"][m[0]]), text)


@cache
def _shorthand() -> re.Pattern[str]:
    known = sorted(table()["shorthand"], key=len, reverse=True)
    return re.compile(rf"(?<![\w/-])(?:{'|'.join(map(re.escape, known))})(?:(?<=/)|(?![\w/-]))")


def person(text: str) -> Person:
    """The person a text describes."""
    age, age_span = _age(text)
    measured = [*_measured(text, age_span), *_graded(text)]
    measured += _bare(text, {m.variable for m, _ in measured})
    spans = durations.spans(text)
    ago = next((s.days for s in spans if s.ago), None)
    lasting = next((s.days for s in spans if not s.ago), None)
    spoken = (*_counted(text), *_named(text, [m for m, _ in measured]))
    return Person(age, _sex(text), tuple(m for m, _ in measured), spoken, _told_once(list(_things(text))), ago, lasting)


def _age(text: str) -> tuple[float | None, tuple[int, int]]:
    for pattern in _ages():
        found = pattern.search(text)
        if found:
            unit = (found[2] or "y").lower()
            years = float(found[1]) / (12 if unit.startswith("m") else 52.18 if unit.startswith("w") else 1)
            if years <= 120:
                return years, found.span()
    return None, (0, 0)


_SEX_CODE = re.compile(r"\b\d{2}(?:[\s-]?y/?o\s?)?(?:[\s-]?(?=[MF]))?([mfMF])\b(?![/.²])")


def _sex(text: str) -> Literal["female", "male"] | None:
    words = set(re.findall(r"[a-z]+", text.lower()))
    if coded := _SEX_CODE.search(text):
        return "female" if coded[1].lower() == "f" else "male"
    female, male = words & set(table()["sex"]["female"]), words & set(table()["sex"]["male"])
    return "female" if female and not male else "male" if male and not female else None


def _measured(text: str, age_span: tuple[int, int]) -> Iterator[tuple[Measured, tuple[int, int]]]:
    """Each measure with the nearest value after it, or just before it."""
    named = list(measures.matcher().finditer(text))
    taken: set[int] = {age_span[0]} if age_span[1] else set()
    for i, (start, end, measure) in enumerate(named):
        if measure.id == "age":
            continue
        limit = named[i + 1][0] if i + 1 < len(named) else len(text)
        for m in _VALUE.finditer(text, end, min(limit, end + 40)):
            if m.start() not in taken and not _is_time(text, m.end(), measure.kind) and not _coded(text, end, m):
                taken.add(m.start())
                yield from _values(measure, m, text, named=text[start:end])
                break
        else:
            before = [m for m in _VALUE.finditer(text, max(0, start - 24), start) if m.start() not in taken]
            if before and not re.search(r"[,;.?]", text[before[-1].end() : start].replace(".", "", 0)):
                m = before[-1]
                if not _is_time(text, m.end(), measure.kind):
                    taken.add(m.start())
                    yield from _values(measure, m, text, named=text[start:end])


def _coded(text: str, end: int, m: re.Match[str]) -> bool:
    """Whether a number is part of a name and no value: "PT-206"."""
    return text[end : m.start()] == "-" and len(m[1]) > _DIGITS_OF_A_GRADE


_DIGITS_OF_A_GRADE = 2


_COUNT = re.compile(
    r"\b(\d{1,4}(?:[.,]\d+)?|one|two|three|four|five|six|seven|eight|nine|ten)\s+((?:[a-z-]+\s+){0,2}[a-z-]+)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\b(?:types?|phase|stage|grade|class|group|cohort|arm|visit|part)\s+$", re.IGNORECASE)
"""Words whose number is part of a name: "type 1"."""
_TIMES = frozenset(map(stem, ("day", "week", "month", "year", "hour", "minute", "ago", "old", "mg", "ml", "time")))


def _counted(text: str) -> Iterator[Counted]:
    """Numbers of things. What is counted by the day or week is named by the thing, not by the time."""
    for m in _COUNT.finditer(text):
        word = stem(m[1])
        number = float(word.replace(",", ".")) if word[0].isdigit() else 1.0
        named = items(m[2])
        if (named and named[0].stem in _TIMES) or _NUMBERED.search(text, 0, m.start()):
            continue
        names = {s for item in named for s in (item.stem, *item.concepts)} - _TIMES
        if names:
            yield Counted(number, frozenset(names), m[0])


_NAMED = re.compile(
    r"((?:[A-Za-z][\w-]*\s+){1,3})(?:of |is |was |at |= ?|only )?(\d+(?:\.\d+)?)(?![\w.]*\d)", re.IGNORECASE
)


def _named(text: str, measured: Collection[Measured]) -> Iterator[Counted]:
    """Values of things that no measure names: "T-score 52"."""
    taken = {m.text for m in measured}
    for m in _NAMED.finditer(text):
        if _NUMBERED.search(m[1]) or _is_time(text, m.end(), "count"):
            continue
        names = {s for item in items(m[1]) for s in (item.stem, *item.concepts)} - _TIMES
        if names and m[2] not in taken:
            yield Counted(float(m[2]), frozenset(names), m[0].strip())


_BEFORE_BARE = (
    r"(?:^|,|;|\b(?:and|of|is|am|at|i'm|only|just|about|around|man|woman|lady|guy|patient|male|female|weigh|weighs))\s*"
)
_BARE = {
    "weight": re.compile(_BEFORE_BARE + r"(\d{2,3}(?:\.\d+)?) ?(?:kg|kilos?)\b(?!/)", re.IGNORECASE),
    "height": re.compile(_BEFORE_BARE + r"(1\d\d|2[0-2]\d) ?cm\b", re.IGNORECASE),
}
"""Values that need no name, for their unit says it: "47, 95 kg, 180 cm"."""


def _bare(text: str, named: Collection[str]) -> Iterator[tuple[Measured, tuple[int, int]]]:
    for variable, pattern in _BARE.items():
        m = pattern.search(text) if variable not in named else None
        if m:
            yield Measured(variable, float(m[1]), measures.table()[variable].ucum, m[0].strip(" ,;")), m.span(1)


_GRADE = re.compile(r"\bgrade\s+([1-5])\s+((?:[a-z]+\s+)?[a-z]+)", re.IGNORECASE)


def _graded(text: str) -> Iterator[tuple[Measured, tuple[int, int]]]:
    """Grades said the other way round: "grade 1 neuropathy"."""
    for m in _GRADE.finditer(text):
        for words in (m[2], m[2].split()[0]):
            named = next(iter(measures.matcher().finditer(f"{words} grade")), None)
            if named:
                yield Measured(named[2].id, float(m[1]), None, m[0]), m.span()
                break


def _values(
    measure: measures.Measure, m: re.Match[str], text: str, *, named: str
) -> Iterator[tuple[Measured, tuple[int, int]]]:
    unit = units.match(text, m.end())
    ucum = unit.ucum if unit else None
    value = float(m[1].replace(",", "."))
    if measure.id in ("blood_pressure", "sbp") and m[2]:
        yield Measured("sbp", value, ucum, m[0], named), m.span()
        yield Measured("dbp", float(m[2]), ucum, m[0], named), m.span()
    else:
        of_normal = bool(_OF_NORMAL.match(text, m.end()))
        yield Measured(measure.id, value, None if of_normal else ucum, m[0], named, of_normal), m.span()


def _is_time(text: str, end: int, kind: str) -> bool:
    """Whether the number counts days or years, for a measure that does not."""
    return kind not in ("duration", "age") and bool(
        re.match(r"[\s-]*(?:day|week|month|year|hour|minute)s?\b", text[end:])
    )


def _told_once(things: Sequence[Thing]) -> tuple[Thing, ...]:
    """Without denials of what is told to be so elsewhere: "a man with ED, never had any ED pill"."""
    so = {term for t in things if not t.denied for term in (t.item.stem, *t.item.concepts)}
    return tuple(t for t in things if not t.denied or so.isdisjoint({t.item.stem, *t.item.concepts}))


def _things(text: str) -> Iterator[Thing]:
    denials = frozenset(table()["denials"])
    spans = durations.spans(text)
    bounds = [0, *(m.start() for m in _CLAUSE_END.finditer(text)), len(text)]
    for item in items(text):
        start = max(b for b in bounds if b <= item.start)
        end = min(b for b in bounds if b > item.start) if item.start < len(text) else len(text)
        before = re.findall(r"[\w'’]+", _COME_OFF.sub("", text[start : item.start].lower()))[-_DENIED_WORDS:]
        denied = any(word in denials for word in before)
        near = [s for s in spans if start <= s.start <= end] or spans
        ago = next((s.days for s in near if s.ago), None)
        lasting = next((s.days for s in near if not s.ago), None)
        yield Thing(item, denied, ago, lasting)
