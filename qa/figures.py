"""Figures by kind: whether a text holds a duration, a dose, a frequency."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from qa.facts import table
from qa.plan import Wants

_NUMBER = r"(?:\d+(?:[.,]\d+)*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|once|twice|thrice)"
_TIME = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|wks?|months?|mos?|years?|yrs?)"
_AMOUNT = (
    r"(?:mg|mcg|µg|μg|ug|ng|g|kg|ml|mls|l|iu|units?|u|cells?|gy|cgy|mmol|µmol|%|tablets?|capsules?|drops?|puffs?"
    r"|vials?|milligrams?|micrograms?|grams?|millilit(?:er|re)s?|mbq|mci|ieq|vg|vector genomes|copies|pfu|cfu|particles"
    r"|joules?|j|ma|volts?|v|hz|sachets?|spoons?|cups?|servings?|kcal|calories)"
)
_TIMES = r"(?:times|sessions?|visits?|infusions?|injections?|doses|cycles?)"

_HELD: Mapping[Wants, str] = {
    "dose": rf"(?<![\w-])\d[\d.,x×^*\\ ]*\s*-?{_AMOUNT}(?![a-z])(?! of (?:a|the|each) dose)",
    "duration": (
        rf"\b{_NUMBER}[\s-]*(?:to\s+\d+\s*)?[\s-]?(?:working |consecutive |calendar )?{_TIME}\b(?! of age|[ -]old)"
        r"|\buntil\b|\bthroughout\b|\blifelong\b"
    ),
    "frequency": (
        r"\b(?:daily|weekly|monthly|nightly|hourly|biweekly|fortnightly|once|twice|thrice|bid|tid|qd|b\.i\.d|q\d+\w*)\b"
        rf"|\bevery\b|\beach (?:day|week|month)\b|\b{_NUMBER}\s+{_TIMES}\b|\bper (?:day|week|month)\b"
        r"|\b(?:days?|weeks?|months?|visits?) \d|\bat \d+(?:, ?\d+)* (?:days|weeks|months)"
    ),
    "percent": r"%|percent|per cent|\b\d ?/ ?\d\b|\b(?:half|thirds?|quarters?|majority)\b",
    "size": (
        r"\d\s*-?(?:mm|cm|m|µm|μm|um|nm|inch(?:es)?|feet|ft|millimet\w+|centimet\w+|micromet\w+|micron\w*|mm2|cm2|cm²"
        r"|fr|french|gauge)\b"
    ),
    "number": (
        r"(?:[<>≤≥=]|\b(?:at least|at most|more than|less than|below|above|over|under|up to|between|from|of|exceed\w*))"
        rf"\s*\\?\d|\d\s*(?:%|/|points?\b|{_AMOUNT}(?![a-z])|or (?:more|less|higher|lower|above|below|greater))"
        r"|\d\s*(?:-|–|to)\s*\d"
    ),
    "days": r"\bdays?[ -]?\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\bd\d{1,3}\b",
}


@cache
def _compiled(want: Wants) -> re.Pattern[str]:
    if want == "person":
        roles = "|".join(re.escape(role) for role in table()["roles"])
        return re.compile(rf"\b(?:{roles})s?\b|\bself-\w", re.IGNORECASE)
    return re.compile(_HELD[want], re.IGNORECASE)


def holds(want: Wants, text: str) -> bool:
    """Whether the text holds a figure of that kind; for a person, a name of who may do such things."""
    return bool(_compiled(want).search(text))


_COUNT = re.compile(
    rf"(?<![\w.]){_NUMBER}(?![\w%]|\s*(?:mg|mcg|µg|kg|ml|mm|cm|%|{_TIME}\b))|\b(?:both|single|twice|pair)\b",
    re.IGNORECASE,
)


def holds_count(text: str) -> bool:
    """Whether the text counts something: a number that is no amount and no time."""
    return bool(_COUNT.search(text))
