"""Records of other registries: each layout on an invented sample, value by value, and what nobody should send."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from extract.evidence import stands_at
from extract.extraction import Extraction
from extract.extractor import Extracted, extracted
from extract.readers import readings, readings_of_text
from extract.reading import Reading
from trialcite.errors import InputError

SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> list[Extracted]:
    found = [extracted(r, evidence="all") for r in readings(SAMPLES / name) if isinstance(r, Reading)]
    return [x for x in found if isinstance(x, Extracted)]


def value(extraction: Extraction, path: str) -> Any:
    node: Any = extraction.to_json()["study"]
    for step in path.split("/"):
        if isinstance(node, list):
            node = [item.get(step) for item in node] if not step.isdigit() else node[int(step)]
        else:
            node = (node or {}).get(step)
    return node


# Sample, number of the record in it, its document's id, and what it says ("protocolSection/" left out).
EXPECTED: list[tuple[str, int, str, dict[str, Any]]] = [
    (
        "clinical_study.xml",
        0,
        "NCT99000031",
        {
            "identificationModule/secondaryIdInfos/id": ["2031-000333-22"],
            "statusModule/overallStatus": "ACTIVE_NOT_RECRUITING",
            "statusModule/startDateStruct": {"date": "2031-02-03", "type": "ACTUAL"},
            "statusModule/completionDateStruct": {"date": "2033-11", "type": "ESTIMATED"},
            "statusModule/lastUpdatePostDateStruct": {"date": "2033-05-04", "type": "ESTIMATED"},
            "descriptionModule/briefSummary": (
                "Solvarin lowers glucose in animals. This study asks whether it does so in adults."
            ),
            "designModule/phases": ["PHASE2", "PHASE3"],
            "designModule/enrollmentInfo": {"count": 1204, "type": "ACTUAL"},
            "designModule/designInfo/maskingInfo": {"masking": "DOUBLE", "whoMasked": ["PARTICIPANT", "CARE_PROVIDER"]},
            "armsInterventionsModule/interventions/armGroupLabels": [["Solvarin"]],
            "eligibilityModule/minimumAge": "18 Years",
            "eligibilityModule/maximumAge": None,
            "eligibilityModule/healthyVolunteers": True,
            "contactsLocationsModule/locations/0/contacts/role": ["CONTACT", "PRINCIPAL_INVESTIGATOR"],
        },
    ),
    (
        "ictrp.xml",
        0,
        "NCT99000032",
        {
            "statusModule/overallStatus": None,
            "statusModule/studyFirstSubmitDate": "2031-08-30",
            "statusModule/startDateStruct/date": "2031-01",
            "designModule/phases": ["PHASE2", "PHASE3"],
            "designModule/designInfo/maskingInfo/masking": "DOUBLE",
            "conditionsModule/conditions": ["Asthma", "Wheezing"],
            "armsInterventionsModule/interventions/type": ["DRUG", "OTHER"],
            "armsInterventionsModule/interventions/name": ["Solvarin", "Placebo"],
            "eligibilityModule/sex": "ALL",
            "eligibilityModule/maximumAge": None,
            "contactsLocationsModule/locations/country": ["Norway", "Chile"],
        },
    ),
    (
        "ictrp.xml",
        1,
        "ChiCTR9900000001",
        {
            "identificationModule/nctId": None,
            "identificationModule/secondaryIdInfos": [
                {"id": "ChiCTR9900000001", "type": "REGISTRY", "domain": "ChiCTR"}
            ],
            "designModule/studyType": "INTERVENTIONAL",
            "designModule/enrollmentInfo": None,
            "eligibilityModule/minimumAge": "18 Years",
            "eligibilityModule/eligibilityCriteria": (
                "Inclusion Criteria:\n\n1. Adults;\n\nExclusion Criteria:\n\n1. Smokers;"
            ),
        },
    ),
    ("ictrp.csv", 0, "NCT99000033", {"designModule/phases": ["PHASE2", "PHASE3"]}),
    (
        "ictrp.csv",
        1,
        "ChiCTR9900000002",
        {"designModule/phases": ["PHASE4"], "statusModule/overallStatus": "COMPLETED"},
    ),
    (
        "who.xml",
        0,
        "ChiCTR9900000003",
        {
            "statusModule/startDateStruct/date": "2031-04-10",
            "conditionsModule/conditions": ["Pain", "Sleep"],
            "designModule/phases": ["PHASE2"],
            "designModule/designInfo/interventionModel": "PARALLEL",
            "eligibilityModule/maximumAge": "65 Years",
            "contactsLocationsModule/centralContacts": [{"name": "Ada Marrow", "phone": "555-0101"}],
        },
    ),
    (
        "euctr.txt",
        0,
        "2031-009999-11-ES",
        {
            "identificationModule/briefTitle": "Solvarin for gout",
            "identificationModule/secondaryIdInfos": [{"id": "2031-009999-11", "type": "EUDRACT_NUMBER"}],
            "statusModule": {"overallStatus": "COMPLETED", "completionDateStruct": {"date": "2033-04-05"}},
            "sponsorCollaboratorsModule/leadSponsor/name": "Example Therapeutics",
            "designModule/phases": ["PHASE1", "PHASE2"],
            "designModule/designInfo": {"maskingInfo": {"masking": "NONE"}},
            "designModule/enrollmentInfo/count": 15,
            "armsInterventionsModule/interventions": [{"name": "Solvarin", "otherNames": ["SOL"]}],
            "outcomesModule/primaryOutcomes": [{"measure": "Uric acid", "timeFrame": "26 weeks"}],
            "eligibilityModule/sex": "ALL",
            "eligibilityModule/stdAges": ["ADULT"],
            "eligibilityModule/healthyVolunteers": False,
            "eligibilityModule/eligibilityCriteria": (
                "Inclusion Criteria:\n\n1. Gout for 6 months\n2. Male or female, 30 to 75 years of age\n\n"
                "Exclusion Criteria:\n\n1. Kidney stones,\nalso in the past"
            ),
            "contactsLocationsModule/locations/country": ["Spain"],
        },
    ),
    (
        "euctr.txt",
        1,
        "2031-009999-11-SE",
        {
            "statusModule": None,
            "designModule/designInfo": {"allocation": "RANDOMIZED", "maskingInfo": {"masking": "DOUBLE"}},
            "eligibilityModule/sex": "FEMALE",
        },
    ),
    (
        "euctr.json",
        0,
        "2031-009999-12",
        {
            "statusModule/overallStatus": "COMPLETED",
            "statusModule/completionDateStruct/date": "2032-05-20",
            "sponsorCollaboratorsModule/leadSponsor/name": "Example Glue, S.A.",
            "designModule/phases": ["PHASE3"],
            "designModule/enrollmentInfo/count": 172,
            "eligibilityModule/sex": "MALE",
            "contactsLocationsModule/locations/country": ["Germany"],
        },
    ),
    (
        "isrctn.json",
        0,
        "ISRCTN99000001",
        {
            "identificationModule/nctId": None,
            "statusModule/overallStatus": "TERMINATED",
            "statusModule/whyStopped": "Funding",
            "statusModule/startDateStruct/date": "2032-05-01",
            "designModule/phases": None,
            "designModule/enrollmentInfo": {"count": 98, "type": "ACTUAL"},
            "designModule/designInfo": {"allocation": "RANDOMIZED", "primaryPurpose": "TREATMENT"},
            "armsInterventionsModule/interventions": [
                {"type": "DEVICE", "name": "Blanket", "description": "A blanket"}
            ],
            "eligibilityModule/minimumAge": "2 Days",
            "contactsLocationsModule/locations/country": ["Norway", "Chile"],
        },
    ),
    (
        "isrctn.xml",
        0,
        "NCT99000034",
        {
            "identificationModule/secondaryIdInfos/id": ["99000002"],
            "sponsorCollaboratorsModule/leadSponsor/name": "Example University",
            "designModule/phases": ["PHASE2", "PHASE3"],
            "eligibilityModule/minimumAge": "18 Years",
        },
    ),
    (
        "ctis.json",
        0,
        "2031-599999-51-01",
        {
            "identificationModule/secondaryIdInfos": [{"id": "2031-599999-51-01", "type": "CTIS"}],
            "statusModule/overallStatus": "RECRUITING",
            "statusModule/startDateStruct": {"date": "2031-05-23", "type": "ESTIMATED"},
            "designModule/phases": ["PHASE2", "PHASE3"],
            "eligibilityModule/sex": "ALL",
            "eligibilityModule/stdAges": ["OLDER_ADULT", "ADULT"],
            "eligibilityModule/eligibilityCriteria": (
                "Inclusion Criteria:\n\nAll of these:\n• Adults\n• Spasticity\n\nExclusion Criteria:\n\nPregnancy"
            ),
            "contactsLocationsModule/locations": [
                {"facility": "Example Clinic", "city": "Enschede", "country": "Netherlands"}
            ],
        },
    ),
    (
        "fhir.json",
        0,
        "NCT99000035",
        {
            "identificationModule/orgStudyIdInfo/id": "SOL-F1",
            "identificationModule/acronym": "SEE",
            "statusModule": {"overallStatus": "RECRUITING", "startDateStruct": {"date": "2031-04-07"}},
            "sponsorCollaboratorsModule/leadSponsor": {"name": "Example Inc.", "class": "INDUSTRY"},
            "designModule/phases": ["NA"],
            "designModule/designInfo": {"allocation": "RANDOMIZED", "maskingInfo": {"masking": "NONE"}},
            "designModule/enrollmentInfo": {"count": 340, "type": "ESTIMATED"},
            "eligibilityModule/minimumAge": "19 Years",
            "eligibilityModule/sex": "FEMALE",
            "contactsLocationsModule/locations/city": ["Incheon"],
        },
    ),
]


@pytest.mark.parametrize(("sample", "number", "name", "expected"), EXPECTED, ids=lambda v: v if type(v) is str else "")
def test_a_sample_says(sample: str, number: int, name: str, expected: dict[str, Any]) -> None:
    extraction = read(sample)[number].extraction
    assert extraction.document.id == name
    assert {path: value(extraction, f"protocolSection/{path}") for path in expected} == expected


@pytest.mark.parametrize("sample", sorted(p.name for p in SAMPLES.iterdir()))
def test_every_value_stands_at_its_lines_and_place(sample: str) -> None:
    for document in read(sample):
        evidence = document.extraction.evidence
        assert set(leaves(document.extraction.to_json()["study"])) == set(evidence)
        for pointer, stated in evidence.items():
            for e in stated:
                assert stands_at(e.quote, e.lines, document.reading.source), pointer


def leaves(node: Any, at: str = "") -> list[str]:
    if isinstance(node, dict):
        return [p for k, v in node.items() for p in leaves(v, f"{at}/{k}")]
    if isinstance(node, list):
        return [p for i, v in enumerate(node) for p in leaves(v, f"{at}/{i}")]
    return [at]


@pytest.mark.parametrize(
    ("sample", "number", "pointer", "quote", "locator"),
    [
        (
            "clinical_study.xml",
            0,
            "/protocolSection/statusModule/startDateStruct/date",
            "Start date: February 3, 2031",
            "/clinical_study[1]/start_date[1]",
        ),
        (
            "clinical_study.xml",
            0,
            "/protocolSection/contactsLocationsModule/locations/0/contacts/1/name",
            "Site contact: Bo Lind (Principal investigator)",
            "/clinical_study[1]/location[1]/investigator[1]/last_name[1]",
        ),
        (
            "ictrp.xml",
            1,
            "/protocolSection/eligibilityModule/eligibilityCriteria",
            "Inclusion Criteria: 1. Adults; Exclusion Criteria: 1. Smokers;",
            "/Trials_downloaded_from_ICTRP[1]/Trial[2]/Inclusion_Criteria[1] | "
            "/Trials_downloaded_from_ICTRP[1]/Trial[2]/Exclusion_Criteria[1]",
        ),
        (
            "ictrp.xml",
            0,
            "/protocolSection/eligibilityModule/sex",
            "Inclusion gender: Both",
            "/Trials_downloaded_from_ICTRP[1]/Trial[1]/Inclusion_gender[1]",
        ),
        (
            "ictrp.csv",
            1,
            "/protocolSection/statusModule/overallStatus",
            "Overall status: Completed",
            "row 4, Recruitment Status",
        ),
    ],
)
def test_a_converted_value_cites_the_words_of_the_source(
    sample: str, number: int, pointer: str, quote: str, locator: str
) -> None:
    (e,) = read(sample)[number].extraction.evidence[pointer]
    assert (e.quote, e.locator, e.method) == (quote, locator, "source")


def test_words_that_are_no_value_are_unreadable_and_still_said() -> None:
    document = read("ictrp.xml")[0]
    assert document.extraction.outcomes["/protocolSection/statusModule/overallStatus"] == "unreadable"
    assert document.extraction.outcomes["/protocolSection/eligibilityModule/maximumAge"] == "not_stated"
    assert "Recruitment status: Not recruiting" in document.reading.source.lines


def test_criteria_are_read_as_anywhere() -> None:
    criteria = read("clinical_study.xml")[0].extraction.criteria
    assert [(c.id, c.text) for c in criteria] == [
        ("inclusion-1", "HbA1c 7.0% to 10.5% at screening"),
        ("exclusion-1", "eGFR below 45 mL/min/1.73 m2"),
    ]
    assert [c.constraints[0].variable for c in criteria] == ["hba1c", "egfr"]


def test_a_row_that_is_broken_is_named_and_the_rest_go_on() -> None:
    found = list(readings(SAMPLES / "ictrp.csv"))
    assert [r.member if isinstance(r, Reading) else str(r).rpartition(": ")[2] for r in found] == [
        "row 2",
        "row 3 has 2 cells, the header has 7",
        "row 4",
    ]


BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><clinical_study>&d;</clinical_study>'
EXTERNAL = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><clinical_study>&b;</clinical_study>'
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BOMB, "declares entities"),
        (EXTERNAL, "declares entities"),
        ("<clinical_study>" + "<a>" * 10_000, "nested more than 64 deep"),
        ("<clinical_study><brief_title>Solvarin", "broken XML"),
        ("<clinical_study><brief_title>Solvarin</wrong></clinical_study>", "broken XML"),
        ("<clinical_study></clinical_study>", "nothing of a study"),
        ("<search_results></search_results>", "no record in it"),
        ('<?xml version="1.0"?><feed><entry>Solvarin</entry></feed>', "no registry's layout"),
        ('TrialID,Public title,Source Register\nNCT99000001,"open', "broken CSV"),
        ("TrialID,Public title,Source Register" + ",a" * 1_000 + "\nNCT99000001,b,c", "more than 1,000 columns"),
        ("TrialID,Public title,Source Register,Condition\nNCT99000001,b,c," + "a;" * 10_001, "more than 10,000"),
        ("<clinical_study>" + "<a/>" * 500_001 + "</clinical_study>", "more than 500,000 elements"),
        ('{"ctStatus": "Ended", "authorizedPartI": ' + "[" * 10_000, "broken JSON"),
        ('{"ctStatus": "Ended", "authorizedPartI": ' + "[" * 100 + "]" * 100 + "}", "nested more than 64 deep"),
        ('{"ctStatus": "Ended", "authorizedPartI": [' + "1," * 500_000 + "1]}", "more than 500,000 values"),
        ('{"ctStatus": "Ended", "authorizedPartI": "', "broken JSON"),
        ('{"weather": "fair", "wind": ', "broken JSON at line 1"),
        ('{"weather": "fair"}', "no record of a registry that is known"),
    ],
)
def test_what_does_harm_is_refused_with_the_reason(text: str, reason: str) -> None:
    (error,) = readings_of_text(text)
    assert isinstance(error, InputError)
    assert reason in str(error)
