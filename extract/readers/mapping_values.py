"""How the words of a registry's element become a value: the `as` of the mapping tables (formats/*.toml).

None is what could not be read for certain. Dates of numbers alone are read only where the table says their order.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping

from extract.evidence import fold
from extract.rules.fields import field_at
from extract.rules.values import Value, value_of

_BREAK = re.compile(r"\n?<\s*(?:br|/p|/li|/div|p|li|div)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_ITEM = re.compile(r"(?:[-*•·–o]|\(?\d{1,2}[.)]|\(?[a-zA-Z][.)])\s")
_BULLET = re.compile(r"(?<![ \t])[ \t]*[•●▪][ \t]+")
_CARRIAGE_RETURN = re.compile(r"&#xD;\n?")
_ISO_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d.*")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_DAY_FIRST = re.compile(r"(\d\d?)[/.](\d\d?)[/.](\d{4})")
_AGE_ALONE = re.compile(r"\d{1,3}")
_AGE = re.compile(r"(\d{1,3})\s*(year|month|week|day|hour|minute|[YMWDH])(?:s|\(s\))?", re.IGNORECASE)
_AGE_UNITS = {"y": "Years", "m": "Months", "w": "Weeks", "d": "Days", "h": "Hours"}


def read(kind: str | None, pattern: str, words: str) -> Value | None:
    """The value that the words have at a pointer ("*" for list items), by a kind or, without one, by its field's."""
    if kind in _TEXTS:
        return _TEXTS[kind](words) or None
    if kind is None and field_at(pattern).kind == "text":
        return words.strip("\r\n") if "\n" in words.strip() else fold(words)
    folded = fold(words)
    if kind in _KINDS:
        return _KINDS[kind](folded)
    return value_of(field_at(pattern), folded)


def wrapped(words: str) -> str:
    """A text whose lines were broken at a column, indented as a whole: paragraphs and list items, each on one line."""
    said: list[list[str]] = []
    apart = True
    for line in _CARRIAGE_RETURN.sub("\n", words).expandtabs().replace("\r", "").split("\n"):
        bare = line.strip()
        if not bare:
            apart = True
            continue
        if apart or _ITEM.match(bare):
            said += [[""]] if said and apart else []
            said.append([line.rstrip()])
        else:
            said[-1].append(bare)
        apart = False
    margin = min((len(first) - len(first.lstrip()) for first, *_ in said if first), default=0)
    return "\n".join(" ".join(pieces)[margin:] for pieces in said)


def marked_up(words: str) -> str:
    """A text with HTML in it (<br>, &gt;), also escaped twice, as lines of words."""
    text = _BULLET.sub("\n• ", html.unescape(words))
    text = _TAG.sub("", _BREAK.sub("\n", text.replace("\r", "")))
    lines = [line.rstrip() for line in html.unescape(text).split("\n")]
    kept = [line for k, line in enumerate(lines) if line or (k and lines[k - 1])]
    return wrapped("\n".join(kept)) if _is_wrapped(kept) else "\n".join(kept).strip("\n")


def _is_wrapped(lines: list[str]) -> bool:
    """Whether the lines were broken at a column: indented as a whole, and none beyond 100."""
    spoken = [line for line in lines if line]
    return bool(spoken) and all(line[:1].isspace() and len(line) <= 110 for line in spoken)


def _date(words: str) -> Value | None:
    m = _ISO_TIME.fullmatch(words)
    return value_of(_DATE, m[1] if m else words)


def _compact_date(words: str) -> Value | None:
    m = _COMPACT.fullmatch(words)
    return value_of(_DATE, "-".join(m.groups())) if m else None


def _day_first_date(words: str) -> Value | None:
    m = _DAY_FIRST.fullmatch(words)
    return value_of(_DATE, f"{m[3]}-{int(m[2]):02}-{int(m[1]):02}") if m else _date(words)


def _age(words: str) -> Value | None:
    """An age with its unit, as a word or a letter ("18Y"); a year of a number without one is not assumed."""
    m = _AGE.fullmatch(words)
    if m is None:
        return None
    unit = _AGE_UNITS.get(m[2].casefold(), f"{m[2].capitalize()}s")
    return f"{int(m[1])} {unit}" if int(m[1]) != 1 else f"1 {unit.removesuffix('s')}"


def _age_in_years(words: str) -> Value | None:
    return _age(f"{words} years" if _AGE_ALONE.fullmatch(words) else words)


def _flag(words: str) -> Value | None:
    lowered = words.casefold()
    return {"true": True, "false": False}.get(lowered, value_of(_FLAG, words))


_DATE = field_at("/protocolSection/statusModule/startDateStruct/date")
_FLAG = field_at("/protocolSection/eligibilityModule/healthyVolunteers")
_COUNT = field_at("/protocolSection/designModule/enrollmentInfo/count")

_TEXTS: Mapping[str | None, Callable[[str], str]] = {"text": fold, "wrapped": wrapped, "html": marked_up}
_KINDS: Mapping[str | None, Callable[[str], Value | None]] = {
    "date": _date,
    "date-compact": _compact_date,
    "date-day-first": _day_first_date,
    "age": _age,
    "age-in-years": _age_in_years,
    "flag": _flag,
    "count": lambda words: value_of(_COUNT, words),
}
KINDS = frozenset(k for k in (*_TEXTS, *_KINDS) if k)
"""Every `as` that a table may name."""
