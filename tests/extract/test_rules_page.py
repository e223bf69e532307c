"""The rules of a page: every word into its field, each with its line; damage changes nothing; nothing is made up."""

from __future__ import annotations

from typing import Any

import pytest

from extract.rules.fields import fields
from tests.extract.pages import DAMAGE, SECTIONS, Damage, filled, leaves, page_with, said, source_of

STUDY: dict[str, Any] = {
    "hasResults": False,
    "protocolSection": {
        "identificationModule": {
            "nctId": "NCT99000101",
            "briefTitle": "Warm Baths for Cold Feet",
            "orgStudyIdInfo": {"id": "BATH-1"},
            "secondaryIdInfos": [{"id": "2024-599001-11-00", "type": "CTIS"}],
        },
        "statusModule": {
            "overallStatus": "ACTIVE_NOT_RECRUITING",
            "startDateStruct": {"date": "2024-05"},
            "completionDateStruct": {"date": "2026-11-30"},
            "lastUpdatePostDateStruct": {"date": "2025-02-03"},
        },
        "descriptionModule": {
            "briefSummary": SECTIONS["Brief Summary"],
            "detailedDescription": SECTIONS["Detailed Description"],
        },
        "conditionsModule": {"conditions": ["Insomnia", "Cold Feet"]},
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "phases": ["PHASE1", "PHASE2"],
            "designInfo": {
                "allocation": "RANDOMIZED",
                "interventionModel": "PARALLEL",
                "primaryPurpose": "TREATMENT",
                "maskingInfo": {"masking": "DOUBLE", "whoMasked": ["PARTICIPANT", "OUTCOMES_ASSESSOR"]},
            },
            "enrollmentInfo": {"count": 1240},
        },
        "armsInterventionsModule": {
            "armGroups": [
                {
                    "label": "Bath",
                    "description": "A foot bath each evening",
                    "type": "EXPERIMENTAL",
                    "interventionNames": ["Foot bath", "Sleep diary"],
                },
                {"label": "Socks", "type": "ACTIVE_COMPARATOR", "interventionNames": ["Wool socks", "Sleep diary"]},
            ],
            "interventions": [
                {
                    "name": "Foot bath",
                    "type": "DEVICE",
                    "description": "Water of 40 degrees\n\nfor ten minutes",
                    "armGroupLabels": ["Bath"],
                },
                {
                    "name": "Wool socks",
                    "type": "OTHER",
                    "description": "Socks of sheep's wool",
                    "armGroupLabels": ["Socks"],
                },
                {"name": "Sleep diary", "type": "BEHAVIORAL", "armGroupLabels": ["Bath", "Socks"]},
            ],
        },
        "eligibilityModule": {
            "eligibilityCriteria": "Inclusion Criteria\n\n1. Age 18 to 70 years\n2. Cold feet at bed time\n\n"
            "Exclusion Criteria\n\n1. Open wounds of the feet",
            "minimumAge": "18 Years",
            "maximumAge": "70 Years",
            "sex": "ALL",
            "healthyVolunteers": True,
        },
        "sponsorCollaboratorsModule": {
            "leadSponsor": {"name": "Sleep Institute of Nowhere", "class": "OTHER"},
            "collaborators": [{"name": "Sock Makers, Inc.", "class": "INDUSTRY"}],
            "responsibleParty": {
                "type": "PRINCIPAL_INVESTIGATOR",
                "investigatorFullName": "Ada Example",
                "investigatorTitle": "Professor of Sleep",
            },
        },
        "contactsLocationsModule": {
            "overallOfficials": [
                {
                    "name": "Ada Example",
                    "role": "PRINCIPAL_INVESTIGATOR",
                    "affiliation": "Sleep Institute of Nowhere",
                }
            ],
            "centralContacts": [{"name": "Ada Example", "role": "CONTACT", "phone": "+82 2 555 0100"}],
            "facilityContacts": [{"name": "Ben Example", "role": "CONTACT", "phone": "555-0199"}],
            "locations": [
                {
                    "facility": "Sleep Institute of Nowhere, Ward 3",
                    "city": "Nowhere",
                    "country": "Korea, Republic of",
                    "status": "RECRUITING",
                },
                {
                    "facility": "St. Example Hospital, Springfield",
                    "city": "Springfield",
                    "state": "Ohio",
                    "country": "United States",
                    "status": "COMPLETED",
                },
            ],
        },
    },
    "relatedTrials": [
        {
            "briefTitle": "Socks at Night",
            "nctId": "NCT99000102",
            "overallStatus": "COMPLETED",
            "phases": ["PHASE2", "PHASE3"],
        }
    ],
}


def test_every_word_of_a_page_finds_its_field() -> None:
    assert filled(page_with()).study == STUDY


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damage_changes_no_value(damage: Damage) -> None:
    assert said(damage(page_with())) == dict(leaves(STUDY))


def test_every_leaf_has_evidence_and_all_evidence_a_leaf() -> None:
    draft = filled(page_with())
    assert set(draft.evidence) == {pointer for pointer, _ in leaves(draft.study)}


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("/protocolSection/identificationModule/briefTitle", "Warm Baths for Cold Feet"),
        ("/protocolSection/eligibilityModule/maximumAge", "70 Years"),
        ("/protocolSection/armsInterventionsModule/armGroups/1/interventionNames/1", "Sleep diary"),
        ("/protocolSection/contactsLocationsModule/locations/0/city", "Nowhere, , Korea, Republic of"),
        ("/relatedTrials/0/phases/1", "NCT99000102 COMPLETED PHASE2/PHASE3"),
        ("/hasResults", "Results pending"),
    ],
)
def test_a_value_cites_the_line_it_stands_on(pointer: str, line: str) -> None:
    (evidence,) = filled(page_with()).evidence[pointer]
    assert source_of(page_with()).span(*evidence.lines) == line


@pytest.mark.parametrize("left_out", ["basics", "conditions", "design", "arms", "eligibility", "sponsors", "sites"])
def test_what_the_page_leaves_out_is_not_stated(left_out: str) -> None:
    text = page_with(**{left_out: None})
    whole, found = filled(page_with()), filled(text)
    lost = {p for p, outcome in whole.outcomes.items() if outcome == "extracted"} - {
        p for p, outcome in found.outcomes.items() if outcome == "extracted"
    }
    assert lost
    assert {found.outcomes[pointer] for pointer in lost} == {"not_stated"}


def test_every_field_has_an_outcome() -> None:
    assert list(filled(page_with()).outcomes) == [field.pointer for field in fields().values()]


IDENTIFICATION, STATUS, DESIGN = "identificationModule", "statusModule", "designModule"


@pytest.mark.parametrize(
    ("section", "said_there", "pointer"),
    [
        ("basics", "Recruitment Status\n\nSLEEPING", "/protocolSection/statusModule/overallStatus"),
        ("basics", "Total Enrollment\n\nmany participants", "/protocolSection/designModule/enrollmentInfo/count"),
        ("basics", "Clinical Phase\n\nPHASE2/PHASE9", "/protocolSection/designModule/phases/*"),
        ("basics", "Study Start Date\n\n2024-13", "/protocolSection/statusModule/startDateStruct/date"),
        (
            "design",
            "Blinding Strategy\n\nDOUBLE\n\nParticipants Dogs",
            "/protocolSection/designModule/designInfo/maskingInfo/whoMasked/*",
        ),
        ("eligibility", "Any\nEligible Sex\n\nBLUE", "/protocolSection/eligibilityModule/sex"),
    ],
)
def test_words_that_mean_no_value_are_unreadable_and_no_value(section: str, said_there: str, pointer: str) -> None:
    draft = filled(page_with(**{section: said_there}))
    assert draft.outcomes[pointer] == "unreadable"
    assert not [p for p in draft.evidence if p.startswith(pointer.removesuffix("/*"))]


def module(name: str, **sections: str) -> dict[str, Any]:
    found: dict[str, Any] = filled(page_with(**sections)).study["protocolSection"].get(name, {})
    return found


@pytest.mark.parametrize(
    ("contacts", "expected"),
    [
        ("Ada\n\nRole: CONTACT", [{"name": "Ada", "role": "CONTACT"}]),
        ("Ada\n\nRole: primary\n\n021-555 0133", [{"name": "Ada", "role": "CONTACT", "phone": "021-555 0133"}]),
        ("Ada\n\nRole: CONTACT\n\nEmail: [email\u00a0protected]", [{"name": "Ada", "role": "CONTACT"}]),
        (
            "Ada\n\nRole: CONTACT\n\nEmail: ada@example.org",
            [{"name": "Ada", "role": "CONTACT", "email": "ada@example.org"}],
        ),
        (
            "Ada\n\nRole: CONTACT\n\nRole: primary\n\nPhone: 555-0101 ext. 4\n\nBen\n\nRole: SUB_INVESTIGATOR",
            [
                {"name": "Ada", "role": "CONTACT"},
                {"role": "CONTACT", "phone": "555-0101 ext. 4"},
                {"name": "Ben", "role": "SUB_INVESTIGATOR"},
            ],
        ),
        ("Email: [email protected]\n\nBen\n\nRole: CONTACT", [{"name": "Ben", "role": "CONTACT"}]),
        (
            "Ward 3 East\n\nRole: CONTACT\n\n+1 (555) 010-0199",
            [{"name": "Ward 3 East", "role": "CONTACT", "phone": "+1 (555) 010-0199"}],
        ),
    ],
)
def test_contacts(contacts: str, expected: list[dict[str, str]]) -> None:
    assert module("contactsLocationsModule", centralContacts=contacts)["centralContacts"] == expected


@pytest.mark.parametrize(
    ("officials", "expected"),
    [
        ("Ada\n\nRole: STUDY_CHAIR", [{"name": "Ada", "role": "STUDY_CHAIR"}]),
        (
            "Ada\n\nRole: STUDY_CHAIR\n\nBen\n\nRole: STUDY_DIRECTOR\n\nNowhere Clinic",
            [
                {"name": "Ada", "role": "STUDY_CHAIR"},
                {"name": "Ben", "role": "STUDY_DIRECTOR", "affiliation": "Nowhere Clinic"},
            ],
        ),
        (
            "Ada\n\nRole: STUDY_CHAIR\n\nNowhere Clinic\n\nBen\n\nRole: STUDY_DIRECTOR",
            [
                {"name": "Ada", "role": "STUDY_CHAIR", "affiliation": "Nowhere Clinic"},
                {"name": "Ben", "role": "STUDY_DIRECTOR"},
            ],
        ),
    ],
)
def test_officials(officials: str, expected: list[dict[str, str]]) -> None:
    assert module("contactsLocationsModule", officials=officials)["overallOfficials"] == expected


@pytest.mark.parametrize(
    ("party", "expected"),
    [
        ("Responsibility Role SPONSOR", {"type": "SPONSOR"}),
        ("Responsibility Role None", None),
        (
            "Ada\n\nResponsibility Role SPONSOR_INVESTIGATOR",
            {"type": "SPONSOR_INVESTIGATOR", "investigatorFullName": "Ada"},
        ),
    ],
)
def test_the_responsible_party(party: str, expected: dict[str, str] | None) -> None:
    assert module("sponsorCollaboratorsModule", party=party).get("responsibleParty") == expected


def test_identifiers_keep_their_type_and_source() -> None:
    identifiers = (
        "A-1\n\nIdentifier Type: REGISTRY\n\nIdentifier Source: Registry of Baths\n\n"
        "A-2\n\nIdentifier Type: -\n\nIdentifier Source: secondary_id\n\n"
        "A-3\n\nIdentifier Type: -\n\nIdentifier Source: org_study_id"
    )
    found = module("identificationModule", identifiers=identifiers)
    assert found["orgStudyIdInfo"] == {"id": "A-3"}
    assert found["secondaryIdInfos"] == [
        {"id": "A-1", "type": "REGISTRY", "domain": "Registry of Baths"},
        {"id": "A-2"},
    ]


def test_a_sponsor_may_lack_its_class_and_be_called_like_one() -> None:
    sponsors = "NIH\n\nSponsor Role lead\n\nNIH\n\nNIH\n\nSponsor Role collaborator"
    found = module("sponsorCollaboratorsModule", sponsors=sponsors)
    assert found["leadSponsor"] == {"name": "NIH"}
    assert found["collaborators"] == [{"name": "NIH", "class": "NIH"}]


@pytest.mark.parametrize(
    ("eligibility", "criteria", "rest"),
    [
        ("Any adult\nEligible Sex\n\nALL", "Any adult", {"sex": "ALL"}),
        (
            "Any adult\nMinimum Eligible Age: 6 Months\n\nEligible Sex\n\nFEMALE",
            "Any adult",
            {"minimumAge": "6 Months", "sex": "FEMALE"},
        ),
        ("Maximum Eligible Age\n\n1 Year\n\nEligible Sex\n\nMALE", None, {"maximumAge": "1 Year", "sex": "MALE"}),
        ("Eligible Sex\n\nof the fish: any\n\nEligible Sex\n\nALL", "Eligible Sex\n\nof the fish: any", {"sex": "ALL"}),
        ("Any adult", "Any adult", {}),
        ("* a\n\n  * b\n* c\nEligible Sex\n\nALL", "* a\n\n  * b\n* c", {"sex": "ALL"}),
    ],
)
def test_the_criteria_end_where_the_fields_begin(eligibility: str, criteria: str | None, rest: dict[str, str]) -> None:
    found = module("eligibilityModule", eligibility=eligibility)
    assert found.pop("eligibilityCriteria", None) == criteria
    assert found == rest
