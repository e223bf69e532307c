"""Who may take part: what title and criteria say of age, sex and healthy volunteers against the fields."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extract.criteria.constraints import Bound, Constraint
from extract.extraction import Criterion, Finding
from extract.findings.record import Record

_ELIGIBILITY = "eligibilityModule"
_YEARS = {"year": 1.0, "month": 12.0, "week": 52.18, "day": 365.25, "hour": 8766.0, "minute": 525960.0}
_UNITS = {"a": 1.0, "mo": 12.0, "wk": 52.18, "d": 365.25}
_SLACK = 0.05
"""Years: what the conversion of months and weeks may cost."""

_OTHERS = re.compile(
    r"\b(?:caregivers?|carers?|parents?|mothers?|fathers?|partners?|spouses?|sib(?:ling)?s?|donors?|controls?|relatives?"
    r"|infants?|newborns?|neonates?|offspring|clinicians?|providers?|guardian|diagnos\w*|onset|consent|assent|legal"
    r"|cohort|group|arm|part|stratum|phase|country|countries|if|except|unless|healthy|volunteers?|screening|life|first"
    r"|for (?:participants|patients|subjects|those))\b",
    re.IGNORECASE,
)
"""Words of an age statement that may speak of others than all participants, or of another time."""

_AGE_WORD = re.compile(r"\bage[ds]?\b|\bold\b|\bolder\b|\byounger\b", re.IGNORECASE)

_BOTH_SEXES = re.compile(
    r"^(?:\w+ ){0,3}?(?:males?|men|boys) (?:and|or|/) ?(?:non[- ]pregnant |nonpregnant )?(?:females?|women|girls)\b"
    r"|^(?:\w+ ){0,3}?(?:females?|women|girls) (?:and|or|/) ?(?:males?|men|boys)\b|^(?:both|either) (?:sex|gender)",
    re.IGNORECASE,
)
_ONE_SEX = re.compile(
    r"^(?:adult |healthy |pregnant |postmenopausal |premenopausal )*(?P<sex>females?|women|males?|men)"
    r"(?: (?:only|patients?|subjects?|participants?|volunteers?))?(?:,| aged| between| over| older|\.|;|$| \d)",
    re.IGNORECASE,
)
_HEALTHY = re.compile(
    r"^(?:(?:adult|male|female|men|women|non-smoking|and|or) )*healthy (?:(?:adult|male|female|and|or|non-smoking) )*"
    r"(?:volunteers?|subjects?|participants?|men|women|adults?)\b",
    re.IGNORECASE,
)


def check(record: Record) -> Iterator[Finding]:
    """All checks of this module."""
    yield from _ages(record)
    yield from _sex(record)
    yield from _healthy_volunteers(record)


def years(age: str | None) -> float | None:
    """ "18 Months" in years; None for what is no age of the registry."""
    if age is None:
        return None
    number, _, unit = age.partition(" ")
    per_year = _YEARS.get(unit.lower().removesuffix("s"))
    return float(number) / per_year if per_year and number.isdigit() else None


def _ages(record: Record) -> Iterator[Finding]:
    """Each limit that exactly one inclusion criterion states, of everybody, against its field."""
    fields = {"lower": f"{_ELIGIBILITY}/minimumAge", "upper": f"{_ELIGIBILITY}/maximumAge"}
    ages = [
        (criterion, c)
        for criterion in record.extraction.criteria
        if criterion.kind == "inclusion"
        for c in criterion.constraints
        if c.kind == "age"
    ]
    for criterion, age in ages:
        if sum(other is criterion for other, _ in ages) > 1:  # "under 16, or 16 and older with …"
            continue
        stated = [side for side in fields if getattr(age, side) and sum(bool(getattr(a, side)) for _, a in ages) == 1]
        off = [s for s in stated if _differs(getattr(age, s), age.ucum, years(record.value(fields[s])))]
        if (
            off
            and _of_everybody(criterion, age)
            and not _apart(age, *(years(record.value(p)) for p in fields.values()))
        ):
            shown = " to ".join(record.value(path) or "no limit" for path in fields.values())
            message = f"{criterion.id.replace('-', ' criterion ')} says {age.quote}, the fields {shown}"
            proof = [e for path in fields.values() for e in record.proof(path)]
            yield record.finding("age-disagreement", "warning", message, record.at(criterion.lines, age.quote), *proof)


def _of_everybody(criterion: Criterion, age: Constraint) -> bool:
    """Whether an age is said of all participants, without a condition."""
    plain = age.variable == "age" and not (age.sex or age.condition or age.conditional or age.negated or age.excepted)
    near = criterion.text[max(0, age.chars[0] - 60) : age.chars[1] + 40]
    alone = criterion.group is None and criterion.parent is None
    return plain and alone and bool(_AGE_WORD.search(age.quote)) and not _OTHERS.search(near)


def _apart(age: Constraint, minimum: float | None, maximum: float | None) -> bool:
    """Whether nobody could meet both: then the criterion rather speaks of another age (of a disease, a biopsy)."""
    per_year = _UNITS.get(age.ucum or "", 1.0)
    below = age.upper is not None and minimum is not None and age.upper.value / per_year < minimum
    above = age.lower is not None and maximum is not None and age.lower.value / per_year > maximum
    return below or above


def _differs(bound: Bound, ucum: str | None, limit: float | None) -> bool:
    per_year = _UNITS.get(ucum or "")
    if per_year is None or limit is None or bound.value <= 0:
        return False
    # "Under 18" ends where the field says 17 or 18, and no field says 17.5: such a bound is a year wide.
    exact = bound.inclusive and bound.value.is_integer()
    return abs(bound.value / per_year - limit) > (_SLACK if exact else 1 + _SLACK)


def _sex(record: Record) -> Iterator[Finding]:
    field = record.value(f"{_ELIGIBILITY}/sex")
    if field not in ("MALE", "FEMALE"):
        return
    for criterion in record.extraction.criteria:
        if criterion.kind != "inclusion" or criterion.group or criterion.parent:
            continue
        both, one = _BOTH_SEXES.match(criterion.text), _ONE_SEX.match(criterion.text)
        only = "" if one is None else "FEMALE" if one["sex"].lower().startswith(("f", "w")) else "MALE"
        quote = both or one
        if quote and (both or only != field):
            said = "both sexes" if both else only.lower() + "s"
            message = (
                f"{criterion.id.replace('-', ' criterion ')} speaks of {said}, the field admits {field.lower()}s only"
            )
            proof = record.proof(f"{_ELIGIBILITY}/sex")
            yield record.finding("sex-disagreement", "warning", message, record.at(criterion.lines, quote[0]), *proof)
            return


def _healthy_volunteers(record: Record) -> Iterator[Finding]:
    if record.value(f"{_ELIGIBILITY}/healthyVolunteers") is not False:
        return
    for criterion in record.extraction.criteria:
        if criterion.kind == "inclusion" and (m := _HEALTHY.match(criterion.text)):
            message = f"{criterion.id.replace('-', ' criterion ')} admits {m[0].lower()}, the field says no"
            proof = record.proof(f"{_ELIGIBILITY}/healthyVolunteers")
            evidence = record.at(criterion.lines, m[0])
            yield record.finding("healthy-volunteers-disagreement", "warning", message, evidence, *proof)
            return
