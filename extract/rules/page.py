"""The rules of a page: its words into a study, each value with the lines it stands on.

The reader has told labels, sections and records apart; what is left is what their words mean. Conditions and sites
take some reading and have files of their own.
"""

from __future__ import annotations

from extract.readers.page import PageReading
from extract.readers.page_lines import Text
from extract.readers.page_records import Record
from extract.rules import conditions, sites
from extract.rules.draft import Draft
from extract.rules.fields import fields
from extract.rules.values import codes_of, value_of

_IDENTIFICATION = "/protocolSection/identificationModule"
_SPONSORS = "/protocolSection/sponsorCollaboratorsModule"
_ARMS = "/protocolSection/armsInterventionsModule"
_PEOPLE = "/protocolSection/contactsLocationsModule"

# What the page calls the source of an identifier: the sponsor's own, or another without a name.
_OWN_ID, _OTHER_ID = "org_study_id", "secondary_id"


def fill(page: PageReading) -> Draft:
    """The study that a page states."""
    draft = Draft(page.source)
    _labelled(page, draft)
    _identifiers(page, draft)
    _sponsors(page, draft)
    conditions.fill(page, draft)
    _arms(page, draft)
    _interventions(page, draft)
    _people(page, draft)
    sites.fill(page, draft)
    _related_trials(page, draft)
    return draft


def _labelled(page: PageReading, draft: Draft) -> None:
    """Everything that stands at a label or fills a section, one value or a list of codes."""
    for name, words in page.fields.items():
        field = fields().get(name)
        if field is None:
            continue
        if "*" not in field.pointer:
            _read(draft, field.pointer, words)
        elif name in ("phases", "whoMasked"):
            _read_codes(draft, field.pointer.removesuffix("/*"), words)


def _identifiers(page: PageReading, draft: Draft) -> None:
    for record in page.records.get("identifiers", ()):
        parts = record.parts
        if "id" not in parts:
            continue
        source, stated = parts.get("source"), {"id": parts["id"], "type": parts.get("type")}
        if source and source.text == _OWN_ID:
            draft.read_parts(f"{_IDENTIFICATION}/orgStudyIdInfo", stated)
            continue
        stated["domain"] = source if source and source.text != _OTHER_ID else None
        draft.read_parts(draft.next_item(f"{_IDENTIFICATION}/secondaryIdInfos"), stated)


def _sponsors(page: PageReading, draft: Draft) -> None:
    for record in page.records.get("sponsors", ()):
        parts = record.parts
        role = parts.get("role")
        lead = role is not None and role.text == "lead"
        at = f"{_SPONSORS}/leadSponsor" if lead else draft.next_item(f"{_SPONSORS}/collaborators")
        if "name" in parts:
            draft.read_parts(at, {"name": parts["name"], "class": parts.get("class")})
    for record in page.records.get("party", ()):
        part = record.parts.get
        draft.read_parts(
            f"{_SPONSORS}/responsibleParty",
            {"type": part("type"), "investigatorFullName": part("name"), "investigatorTitle": part("title")},
        )


def _arms(page: PageReading, draft: Draft) -> None:
    for arm in page.arms:
        at = draft.next_item(f"{_ARMS}/armGroups")
        draft.read_parts(at, {"label": arm.label, "type": arm.type, "description": arm.description})
        # An arm names an intervention once, though the page says it for each dose of the same name.
        names = {(i.type, i.name.text): i.name for i in reversed(arm.interventions)}
        for name in reversed(names.values()):
            _read(draft, draft.next_item(f"{at}/interventionNames"), name)


def _interventions(page: PageReading, draft: Draft) -> None:
    arms_of: dict[int, list[Text]] = {}
    for arm in page.arms:
        for entry in dict.fromkeys(i.entry for i in arm.interventions if i.entry is not None):
            arms_of.setdefault(entry, []).append(arm.label)
    for k, record in enumerate(page.records.get("interventions", ())):
        part = record.parts.get
        if "name" not in record.parts:
            continue
        at = draft.next_item(f"{_ARMS}/interventions")
        draft.read_parts(at, {"type": part("type"), "name": part("name"), "description": part("description")})
        for label in arms_of.get(k, ()):
            _read(draft, draft.next_item(f"{at}/armGroupLabels"), label)


def _people(page: PageReading, draft: Draft) -> None:
    for record in page.records.get("officials", ()):
        part = record.parts.get
        at = draft.next_item(f"{_PEOPLE}/overallOfficials")
        draft.read_parts(at, {"name": part("name"), "role": part("role"), "affiliation": part("affiliation")})
    for kind in ("centralContacts", "facilityContacts"):
        for record in page.records.get(kind, ()):
            _contact(draft, draft.next_item(f"{_PEOPLE}/{kind}"), record)


def _contact(draft: Draft, at: str, record: Record) -> None:
    part = record.parts.get
    draft.read_parts(at, {"name": part("name"), "phone": part("phone"), "email": part("email")})
    role = part("role")
    if role is not None:
        # The page says "primary" for what the registry words as primary contact.
        field = draft.field(f"{at}/role")
        code = value_of(field, role.text) or value_of(field, f"{role.text} contact")
        if code is None:
            draft.unreadable(f"{at}/role")
        else:
            draft.put(f"{at}/role", code, role.lines, role.text)


def _related_trials(page: PageReading, draft: Draft) -> None:
    for record in page.records.get("relatedTrials", ()):
        part = record.parts.get
        at = draft.next_item("/relatedTrials")
        draft.read_parts(at, {"briefTitle": part("title"), "nctId": part("nctId"), "overallStatus": part("status")})
        if "phases" in record.parts:
            _read_codes(draft, f"{at}/phases", record.parts["phases"])


def _read(draft: Draft, pointer: str, words: Text) -> None:
    draft.read(pointer, words.lines, words.text)


def _read_codes(draft: Draft, pointer: str, words: Text) -> None:
    codes = codes_of(draft.field(f"{pointer}/0"), words.text)
    if not codes:
        draft.unreadable(f"{pointer}/0")
    for code, said in codes:
        draft.put(draft.next_item(pointer), code, words.lines, said)
