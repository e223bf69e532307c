"""Answers about who runs a trial: sponsors, collaborators, investigators, contacts, and the numbers they give it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from qa.answer import Claim
from qa.answers.claims import FieldQuestion, citations
from qa.answers.selecting import selected
from qa.record import Record, Value
from qa.wording import coded, listed, lower, plain, sentence

_LEAD = "/protocolSection/sponsorCollaboratorsModule/leadSponsor"
_COLLABORATORS = "/protocolSection/sponsorCollaboratorsModule/collaborators/*"
_MOST = 12


def sponsor(q: FieldQuestion) -> list[Claim]:
    """The lead sponsor with its class; the collaborators too where industry or partners are asked about."""
    lead = q.record.values(_LEAD)
    if not lead or not lead[0].value.get("name"):
        return []
    claims = [_organisation(q.record, lead[0], "Lead sponsor")]
    if q.asked.says(
        "company|companies|industry|pharma|pharmaceutical|manufacturer|firm",
        "involved",
        "support*",
        "else",
        "other",
        "fund*|pay*|money|financ*",
    ):
        claims += [_organisation(q.record, v, "Collaborator") for v in q.record.values(_COLLABORATORS)]
    return claims


def organisations(q: FieldQuestion) -> list[Claim]:
    """The collaborators."""
    return [_organisation(q.record, v, "Collaborator") for v in q.record.values(_COLLABORATORS)]


def _organisation(record: Record, v: Value, role: str) -> Claim:
    name, kind = plain(v.value["name"]), v.value.get("class")
    words = f"{role}: {name}" + (f" ({lower(coded(f'{v.pointer}/class', kind))})" if kind else "")
    return Claim(text=sentence(words), citations=citations(record, [f"{v.pointer}/name"]))


def responsible(q: FieldQuestion) -> list[Claim]:
    """The responsible party, with title and role."""
    found = {v.pointer.rsplit("/", 1)[1]: v for v in q.field.values(q.record)}
    kind = found.get("type")
    role = f" ({lower(coded(kind.pointer, str(kind.value)))})" if kind else ""
    names = [plain(str(found[k].value)) for k in ("investigatorFullName", "investigatorTitle") if k in found]
    if not names and not kind:
        return []
    words = f"Responsible party: {', '.join(names)}{role}" if names else f"Responsible party: the {role.strip(' ()')}"
    return [Claim(text=sentence(words), citations=citations(q.record, (v.pointer for v in found.values())))]


def officials(q: FieldQuestion) -> list[Claim]:
    """The investigators with role and affiliation."""
    claims = []
    for v in selected(q.field.values(q.record), q.asked, _words_of_person)[:_MOST]:
        name, role, where = v.value.get("name"), v.value.get("role"), v.value.get("affiliation")
        words = plain(name or "") + (f", {lower(coded(f'{v.pointer}/role', role))}" if role else "")
        words += f", {plain(where)}" if where else ""
        proofs = citations(q.record, [f"{v.pointer}/name", *([f"{v.pointer}/affiliation"] if where else [])])
        claims.append(Claim(text=sentence(words), citations=proofs))
    return claims


def _words_of_person(person: Mapping[str, Any]) -> str:
    return " ".join(filter(None, [person.get("name"), person.get("role"), person.get("affiliation")]))


def contacts(q: FieldQuestion) -> list[Claim]:
    """Whom to reach and how: central contacts first, those of the sites when there are none."""
    for path in q.field.paths:
        people = selected(q.record.values(path), q.asked, _words_of_person)
        if people:
            return [_contact(q.record, v) for v in people[:_MOST]]
    return []


def _contact(record: Record, v: Value) -> Claim:
    pointers = [f"{v.pointer}/name"]
    words = plain(v.value.get("name") or "The study's contact")
    for key, label in (("phone", "phone"), ("phoneExt", "extension"), ("email", "e-mail")):
        if v.value.get(key):
            words += f", {label} {v.value[key]}"
            pointers.append(f"{v.pointer}/{key}")
    return Claim(text=sentence(words), citations=citations(record, pointers))


def identifiers(q: FieldQuestion) -> list[Claim]:
    """The organisation's own number, and others with their type; a kind asked for by name only if there is one."""
    kinds = (
        re.findall(r"eudract|ctis|grant|who|utn|isrctn|registry", q.asked.question.lower())
        if q.field.id == "other_ids"
        else []
    )
    claims = []
    for v in q.field.values(q.record):
        parent = v.pointer.rsplit("/", 1)[0]
        kind, domain = q.record.value(f"{parent}/type"), q.record.value(f"{parent}/domain")
        about = [plain(str(x)) for x in (coded(f"{parent}/type", kind) if kind else None, domain) if x]
        role = "Organisation's study ID" if "orgStudyIdInfo" in parent else "Other ID"
        if kinds and not any(k in " ".join([*about, str(v.value)]).lower() for k in kinds):
            continue
        words = f"{role}: {plain(str(v.value))}" + (f" ({listed(about)})" if about else "")
        claims.append(Claim(text=sentence(words), citations=citations(q.record, [v.pointer])))
    return claims


def related(q: FieldQuestion) -> list[Claim]:
    """Other trials that the record's page lists."""
    claims = []
    for v in q.field.values(q.record)[:_MOST]:
        title, number = v.value.get("briefTitle"), v.value.get("nctId")
        words = ": ".join(filter(None, [number, plain(title) if title else None]))
        proofs = citations(q.record, [f"{v.pointer}/nctId", f"{v.pointer}/briefTitle"])
        claims.append(Claim(text=sentence(words), citations=proofs))
    return claims


def sharing(q: FieldQuestion) -> list[Claim]:
    """Whether participants' data will be shared, and the plan for it."""
    claims = []
    for v in q.field.values(q.record):
        word = coded(v.pointer, str(v.value))
        text = (
            f"Sharing of individual participant data: {lower(word)}"
            if v.pointer.endswith("ipdSharing")
            else plain(str(v.value))
        )
        claims.append(Claim(text=sentence(text), citations=citations(q.record, [v.pointer])))
    return claims
