"""Values in words: dates, lists, ages, codes. What is printed keeps the record's own figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from extract.evidence import fold
from extract.vocabulary import vocabulary_of

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS_A_MONTH = 30.44
_DAYS_A_YEAR = 365.25


def listed(parts: Sequence[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}" if parts else ""


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """ "1 site", "3 sites"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def capital(text: str) -> str:
    """The first letter a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Ending in one full stop, or as it already ends."""
    text = text.rstrip()
    return text if text.endswith((".", "!", "?", ":", ".)")) else text.rstrip(";,") + "."


def coded(pointer: str, code: str) -> str:
    """A code of an enumerated field in words: "Active, not recruiting". Free text stays as it is."""
    vocabulary = vocabulary_of(pointer)
    return vocabulary.word(code) if vocabulary else code


def lower(text: str) -> str:
    """A wording inside a sentence: its first letter small, unless it is an abbreviation or a name."""
    return text if re.match(r"[A-Z][^a-z\s]|[A-Z]$", text) or "U.S." in text else text[:1].lower() + text[1:]


def dated(iso: str) -> str:
    """ "12 December 2029 (2029-12-12)", "June 2026 (2026-06)"; anything that is no ISO date as it stands."""
    found = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", iso)
    if not found or not 1 <= int(found[2]) <= 12:
        return iso
    month = _MONTHS[int(found[2]) - 1]
    return f"{int(found[3])} {month} {found[1]} ({iso})" if found[3] else f"{month} {found[1]} ({iso})"


def relative(iso: str, now: date) -> str | None:
    """How far a date is from `now`: "in about 3 years", "8 months ago"; None for what is no date."""
    found = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", iso)
    if not found:
        return None
    try:
        days = (date(int(found[1]), int(found[2]), int(found[3] or 15)) - now).days
    except ValueError:
        return None
    size = abs(days)
    if size < 14:
        span = "today" if size == 0 else counted(size, "day")
    elif size < 2 * _DAYS_A_MONTH:
        span = f"about {counted(round(size / 7), 'week')}"
    elif size < 2 * _DAYS_A_YEAR:
        span = f"about {counted(round(size / _DAYS_A_MONTH), 'month')}"
    else:
        span = f"about {counted(round(size / _DAYS_A_YEAR), 'year')}"
    return span if size == 0 else f"in {span}" if days > 0 else f"{span} ago"


def years(age: str) -> float | None:
    """An age limit ("18 Years", "6 Months") in years; None for what is none."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(year|month|week|day|hour|minute)s?", fold(age), re.IGNORECASE)
    if not found:
        return None
    in_a_year = {"year": 1, "month": 12, "week": 52.18, "day": 365.25, "hour": 8766, "minute": 525960}
    return float(found[1]) / in_a_year[found[2].lower()]


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning up to a word's end with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def around(text: str, pattern: re.Pattern[str], reach: int = 90) -> str:
    """The words about the pattern's first match, as far as `reach` characters on either side."""
    found = pattern.search(text)
    if not found:
        return text
    start, end = max(0, found.start() - reach), min(len(text), found.end() + reach)
    start = text.find(" ", start) + 1 if start else 0
    end = text.rfind(" ", 0, end) if end < len(text) else end
    return ("… " if start else "") + text[start:end] + (" …" if end < len(text) else "")


def plain(text: str) -> str:
    """Trial text for reading: white space folded, the registry's markdown escapes (\\<, \\[) taken off."""
    return re.sub(r"\\(?=[<>\[\]*_^~#+.()-])", "", fold(text))
