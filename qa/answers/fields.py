"""Answers from the study's fields: one function a form of field, each giving claims with the values' lines.

A form is given the record, the field and the question, and returns its claims, the first of them the answer itself;
none when the record states no value.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from qa.answer import Claim
from qa.answers import design, people, places
from qa.answers.ages import age_limits
from qa.answers.claims import Draft, FieldQuestion, citations
from qa.asked import Asked
from qa.asking import says
from qa.facets import Facet, Mention, Verdict, check, facets, mentions
from qa.fields import Field, fields
from qa.record import Record
from qa.wording import capital, coded, counted, dated, listed, lower, plain, relative, sentence

Form = Callable[[FieldQuestion], list[Claim]]

_SUMMARY_CHARACTERS = 700


def answer(record: Record, asked: Asked) -> Draft | None:
    """The fields the plan names, worded, each with its lines; None when the record states none of them."""
    claims: list[Claim] = []
    missing: list[Field] = []
    for field_id in asked.plan.fields:
        field = fields()[field_id]
        said = FORMS[field.form](FieldQuestion(record, field, asked))
        claims += [c for c in said if c.text not in {k.text for k in claims}]
        if not said:
            missing.append(field)
    if not claims:
        return None
    if asked.plan.yes_no and not _either(asked):
        claims = _with_verdict(record, asked, claims)
    gaps = [f"The record states no {field.name}." for field in missing]
    text = " ".join([*(c.text for c in claims), *gaps])
    return Draft("partial" if gaps else "answered", text, claims, [record.id])


def _with_verdict(record: Record, asked: Asked, claims: list[Claim]) -> list[Claim]:
    """A yes/no question opens with its verdict, where a facet it names decides one and none is told yet."""
    if claims[0].text.startswith(("Yes. ", "No. ")):
        return claims
    spoken = [m for m in mentions(asked.words) if m.facet.field in asked.plan.fields or _kin(m.facet, asked)]
    if not spoken and asked.plan.fields[0] in _PLAIN:
        facet = facets()[_PLAIN[asked.plan.fields[0]]]
        spoken = [Mention(facet, 0, 0, negated=False)]
    for mention in spoken[:1]:
        verdict = _verdict(record, asked, mention.facet)
        if verdict.holds is None:
            continue
        yes = verdict.holds is not mention.negated
        proofs = citations(record, (v.pointer for v in verdict.because))
        first = claims[0]
        cited = first.citations + [c for c in proofs if c not in first.citations]
        word = "Yes" if yes else "No"
        return [Claim(text=f"{word}. {capital(first.text)}", citations=cited), *claims[1:]]
    return claims


def _either(asked: Asked) -> bool:
    """Whether the question gives several of a field's values to choose from: "single or double blind?"."""
    spoken = [m for m in mentions(asked.words) if m.facet.field in asked.plan.fields]
    words = asked.words.plain.split()
    several = any("or" in words[a.after : b.first] for a, b in pairwise(spoken) if a.facet.field == b.facet.field)
    return several or any(words[max(0, m.first - 1) : m.first] == ["or"] for m in spoken)


_PLAIN = {
    "results": "has_results",
    "healthy_volunteers": "takes_healthy",
    "allocation": "randomized",
    "masking": "blinded",
}
"""What a yes or no is about where the question's words tell no facet: "are the results up?"."""


def _verdict(record: Record, asked: Asked, facet: Facet) -> Verdict:
    """Whether the facet holds: of the sites named, where the question is for their status, else of the trial."""
    sites = places.meant(record, asked) if facet.field == "status" else []
    if not sites:
        return check(facet, record)
    return Verdict(all(v.value["status"] in facet.values for v in sites), [])


def _kin(facet: Facet, asked: Asked) -> bool:
    return {facet.field, *asked.plan.fields} in (
        {"sponsor", "collaborators"},
        {"minimum_age", "ages"},
        {"maximum_age", "ages"},
    )


def _text(q: FieldQuestion) -> list[Claim]:
    return [
        Claim(
            text=sentence(f"{capital(q.field.name)}: {plain(str(v.value))}"), citations=citations(q.record, [v.pointer])
        )
        for v in q.field.values(q.record)
    ]


def _enum(q: FieldQuestion) -> list[Claim]:
    return [
        Claim(
            text=f"{capital(q.field.name)}: {lower(coded(v.pointer, str(v.value)))}.",
            citations=citations(q.record, [v.pointer]),
        )
        for v in q.field.values(q.record)
    ]


def _bool(q: FieldQuestion) -> list[Claim]:
    return [
        Claim(
            text=f"{capital(q.field.name)}: {'yes' if v.value else 'no'}.", citations=citations(q.record, [v.pointer])
        )
        for v in q.field.values(q.record)
    ]


def _list(q: FieldQuestion) -> list[Claim]:
    values = q.field.values(q.record)
    if not values:
        return []
    words = listed([plain(str(v.value)) for v in values])
    proofs = citations(q.record, (v.pointer for v in values))
    return [Claim(text=sentence(f"{capital(q.field.name)}: {words}"), citations=proofs)]


def _date(q: FieldQuestion) -> list[Claim]:
    return [_dated(q.record, v.pointer, str(v.value), q.field.name, q.asked) for v in q.field.values(q.record)]


def _dated(record: Record, pointer: str, iso: str, name: str, asked: Asked) -> Claim:
    text = f"{capital(name)}: {dated(iso)}"
    kind = record.value(pointer.removesuffix("date") + "type")
    if kind:
        text += f", {lower(coded(pointer.removesuffix('date') + 'type', str(kind)))}"
    if says("relative", asked.words):
        distance = relative(iso, asked.now)
        text += f", {distance}" if distance else ""
    return Claim(text=text + ".", citations=citations(record, [pointer]))


def _span(q: FieldQuestion) -> list[Claim]:
    names = ("start date", "completion date")
    found = [(name, v) for name, path in zip(names, q.field.paths, strict=True) for v in q.record.values(path)]
    return [_dated(q.record, v.pointer, str(v.value), name, q.asked) for name, v in found]


def _status(q: FieldQuestion) -> list[Claim]:
    of_places = places.named(q) or places.none_there(q)
    if of_places:
        return of_places
    claims = []
    for v in q.field.values(q.record):
        words = lower(coded(v.pointer, str(v.value)))
        text = f"The trial is {words}." if v.value != "UNKNOWN" else "Its recruitment status is unknown."
        claims.append(Claim(text=text, citations=citations(q.record, [v.pointer])))
    why = q.record.values("/protocolSection/statusModule/whyStopped")
    if claims and why:
        reason = sentence(f"Reason: {plain(str(why[0].value))}")
        claims.append(Claim(text=reason, citations=citations(q.record, [why[0].pointer])))
    return claims


def _phase(q: FieldQuestion) -> list[Claim]:
    values = [v for path in q.field.paths for v in q.record.values(path + "/*")]
    if not values:
        return []
    codes = [v.value for v in values]
    text = (
        "No phase applies to this trial."
        if codes == ["NA"]
        else f"{'/'.join(coded(v.pointer, str(v.value)) for v in values)}."
    )
    return [Claim(text=text, citations=citations(q.record, (v.pointer for v in values)))]


def _enrollment(q: FieldQuestion) -> list[Claim]:
    kind = q.record.value("/protocolSection/designModule/enrollmentInfo/type")
    how = {"ACTUAL": " (actual)", "ESTIMATED": " (planned)"}.get(str(kind), "")
    return [
        Claim(text=f"{counted(v.value, 'participant')}{how}.", citations=citations(q.record, [v.pointer]))
        for v in q.field.values(q.record)
    ]


def _results(q: FieldQuestion) -> list[Claim]:
    for v in q.field.values(q.record):
        text = "Results have been posted." if v.value else "Results pending: none have been posted yet."
        return [Claim(text=text, citations=citations(q.record, [v.pointer]))]
    return []


def _ages(q: FieldQuestion) -> list[Claim]:
    limits = age_limits(q.record)
    low, high = limits.low, limits.high
    if not limits.stated:
        return []
    if limits.disagree():
        first, *rest = limits.claims(q.record)
        told = Claim(text=f"The record disagrees with itself. {first.text}", citations=first.citations)
        return [told, *rest]
    if low and high:
        text = f"{low.value} to {high.value}."
    elif low:
        text = f"Minimum age: {low.value}; there is no maximum."
    elif high:
        text = f"Maximum age: {high.value}; there is no minimum."
    else:
        return limits.claims(q.record)
    return [Claim(text=text, citations=citations(q.record, (v.pointer for v in (low, high) if v)))]


def _sex(q: FieldQuestion) -> list[Claim]:
    words = {"ALL": "Open to all sexes, men and women.", "FEMALE": "Women only (female).", "MALE": "Men only (male)."}
    return [
        Claim(text=words.get(str(v.value), f"Eligible sex: {v.value}."), citations=citations(q.record, [v.pointer]))
        for v in q.field.values(q.record)
    ]


def _healthy(q: FieldQuestion) -> list[Claim]:
    words = {True: "Healthy volunteers are accepted.", False: "Healthy volunteers are not accepted."}
    return [
        Claim(text=words[v.value], citations=citations(q.record, [v.pointer]))
        for v in q.field.values(q.record)
        if v.value in words
    ]


def _summary(q: FieldQuestion) -> list[Claim]:
    claims: list[Claim] = []
    size = 0
    for unit in q.record.units:
        if unit.kind == "summary" and size + len(unit.text) <= _SUMMARY_CHARACTERS:
            claims.append(Claim(text=sentence(plain(unit.text)), citations=[q.record.citation(unit.lines, unit.text)]))
            size += len(unit.text)
    return claims


FORMS: dict[str, Form] = {
    "text": _text,
    "enum": _enum,
    "bool": _bool,
    "list": _list,
    "date": _date,
    "span": _span,
    "status": _status,
    "phase": _phase,
    "enrollment": _enrollment,
    "results": _results,
    "ages": _ages,
    "sex": _sex,
    "healthy": _healthy,
    "summary": _summary,
    "masking": design.masking,
    "allocation": design.allocation,
    "model": design.model,
    "arms": design.arms,
    "interventions": design.interventions,
    "outcomes": design.outcomes,
    "criteria": design.criteria,
    "sponsor": people.sponsor,
    "organisations": people.organisations,
    "person": people.responsible,
    "people": people.officials,
    "contacts": people.contacts,
    "identifiers": people.identifiers,
    "related": people.related,
    "sharing": people.sharing,
    "sites": places.sites,
    "countries": places.countries,
}
"""Every `form` of fields.toml. A field of a form without a value is not in the record."""
