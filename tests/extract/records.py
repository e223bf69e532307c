"""An invented CT.gov v2 record that has every module, and the ways tests take records apart."""

from __future__ import annotations

import random
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

Json = Any

SUMMARY = "Solvarin lowers glucose in animals.\n\nThis study asks whether it does so in adults with type 2 diabetes."

CRITERIA = (
    "Inclusion Criteria:\n\n"
    "* Type 2 diabetes for at least 6 months\n"
    "* HbA1c 7.0% to 10.5% at screening\n\n"
    "Exclusion Criteria:\n\n"
    "1. eGFR \\< 45 mL/min/1.73 m\\^2\n"
    "2. Insulin within 3 months:\n\n"
    "   1. basal\n"
    "   2. prandial"
)

PROTOCOL: dict[str, Json] = {
    "identificationModule": {
        "nctId": "NCT99000001",
        "nctIdAliases": ["NCT99000901"],
        "orgStudyIdInfo": {"id": "SOL-201", "type": "NIH", "link": "https://example.org/sol-201"},
        "secondaryIdInfos": [
            {"id": "2031-000111-22", "type": "EUDRACT_NUMBER"},
            {"id": "U1111-0000-0001", "type": "REGISTRY", "domain": "WHO", "link": "https://example.org/utn"},
        ],
        "organization": {"fullName": "Example Therapeutics", "class": "INDUSTRY"},
        "briefTitle": "Solvarin in Adults With Type 2 Diabetes",
        "officialTitle": "A Randomized, Double-blind Study of Solvarin Versus Placebo in Type 2 Diabetes",
        "acronym": "SOLAR",
    },
    "statusModule": {
        "statusVerifiedDate": "2033-05",
        "overallStatus": "TERMINATED",
        "lastKnownStatus": "ACTIVE_NOT_RECRUITING",
        "delayedPosting": True,
        "whyStopped": "Slow enrollment",
        "expandedAccessInfo": {
            "hasExpandedAccess": True,
            "nctId": "NCT99000902",
            "statusForNctId": "NO_LONGER_AVAILABLE",
        },
        "startDateStruct": {"date": "2031-02-03", "type": "ACTUAL"},
        "primaryCompletionDateStruct": {"date": "2032-11", "type": "ACTUAL"},
        "completionDateStruct": {"date": "2033-01", "type": "ESTIMATED"},
        "studyFirstSubmitDate": "2031-01-10",
        "studyFirstSubmitQcDate": "2031-01-12",
        "studyFirstPostDateStruct": {"date": "2031-01-15", "type": "ACTUAL"},
        "resultsWaived": False,
        "resultsFirstSubmitDate": "2033-03-01",
        "resultsFirstSubmitQcDate": "2033-03-20",
        "resultsFirstPostDateStruct": {"date": "2033-04-02", "type": "ACTUAL"},
        "dispFirstSubmitDate": "2033-02-01",
        "dispFirstSubmitQcDate": "2033-02-02",
        "dispFirstPostDateStruct": {"date": "2033-02-05", "type": "ESTIMATED"},
        "lastUpdateSubmitDate": "2033-05-01",
        "lastUpdatePostDateStruct": {"date": "2033-05-04", "type": "ESTIMATED"},
    },
    "sponsorCollaboratorsModule": {
        "responsibleParty": {
            "type": "PRINCIPAL_INVESTIGATOR",
            "investigatorFullName": "Ada Marrow",
            "investigatorTitle": "Professor",
            "investigatorAffiliation": "Example University",
            "oldNameTitle": "A. Marrow, MD",
            "oldOrganization": "Example Institute",
        },
        "leadSponsor": {"name": "Example Therapeutics", "class": "INDUSTRY"},
        "collaborators": [{"name": "Example University", "class": "OTHER"}, {"name": "Example Fund", "class": "NIH"}],
    },
    "oversightModule": {
        "oversightHasDmc": True,
        "isFdaRegulatedDrug": True,
        "isFdaRegulatedDevice": False,
        "isUnapprovedDevice": False,
        "isPpsd": False,
        "isUsExport": True,
        "fdaaa801Violation": False,
    },
    "descriptionModule": {"briefSummary": SUMMARY, "detailedDescription": "One paragraph only."},
    "conditionsModule": {"conditions": ["Type 2 Diabetes", "Obesity"], "keywords": ["glucose", "solvarin"]},
    "designModule": {
        "studyType": "INTERVENTIONAL",
        "nPtrsToThisExpAccNctId": 1,
        "expandedAccessTypes": {"individual": True, "intermediate": False, "treatment": True},
        "patientRegistry": False,
        "targetDuration": "2 Years",
        "phases": ["PHASE2", "PHASE3"],
        "designInfo": {
            "allocation": "RANDOMIZED",
            "interventionModel": "PARALLEL",
            "interventionModelDescription": "Two arms, 1:1",
            "primaryPurpose": "TREATMENT",
            "observationalModel": "COHORT",
            "timePerspective": "PROSPECTIVE",
            "maskingInfo": {
                "masking": "DOUBLE",
                "maskingDescription": "Identical capsules",
                "whoMasked": ["PARTICIPANT", "INVESTIGATOR"],
            },
        },
        "bioSpec": {"retention": "SAMPLES_WITH_DNA", "description": "Whole blood"},
        "enrollmentInfo": {"count": 102, "type": "ACTUAL"},
    },
    "armsInterventionsModule": {
        "armGroups": [
            {
                "label": "Solvarin",
                "type": "EXPERIMENTAL",
                "description": "Solvarin 10 mg once daily\n\nfor 24 weeks",
                "interventionNames": ["Drug: Solvarin"],
            },
            {"label": "Placebo", "type": "PLACEBO_COMPARATOR", "interventionNames": ["Drug: Placebo"]},
        ],
        "interventions": [
            {
                "type": "DRUG",
                "name": "Solvarin",
                "description": "10 mg capsule",
                "armGroupLabels": ["Solvarin"],
                "otherNames": ["SLV-10", "solvarin hydrochloride"],
            },
            {"type": "DRUG", "name": "Placebo", "armGroupLabels": ["Placebo"]},
        ],
    },
    "outcomesModule": {
        "primaryOutcomes": [
            {"measure": "Change in HbA1c", "description": "Percentage points", "timeFrame": "Baseline to week 24"}
        ],
        "secondaryOutcomes": [{"measure": "Change in weight", "timeFrame": "24 weeks"}],
        "otherOutcomes": [{"measure": "Solvarin trough concentration", "timeFrame": "Week 4"}],
    },
    "eligibilityModule": {
        "eligibilityCriteria": CRITERIA,
        "healthyVolunteers": False,
        "sex": "ALL",
        "genderBased": True,
        "genderDescription": "Any gender",
        "minimumAge": "18 Years",
        "maximumAge": "75 Years",
        "stdAges": ["ADULT", "OLDER_ADULT"],
        "studyPopulation": "Clinic patients",
        "samplingMethod": "NON_PROBABILITY_SAMPLE",
    },
    "contactsLocationsModule": {
        "centralContacts": [
            {
                "name": "Study Desk",
                "role": "CONTACT",
                "phone": "+1 555 0100",
                "phoneExt": "12",
                "email": "desk@example.org",
            }
        ],
        "overallOfficials": [
            {"name": "Ada Marrow", "affiliation": "Example University", "role": "PRINCIPAL_INVESTIGATOR"}
        ],
        "locations": [
            {
                "facility": "Example Clinic",
                "status": "RECRUITING",
                "city": "Springfield",
                "state": "Ohio",
                "zip": "45501",
                "country": "United States",
                "countryCode": "US",
                "contacts": [
                    {
                        "name": "Ben Osei",
                        "role": "SUB_INVESTIGATOR",
                        "phone": "555-0111",
                        "phoneExt": "7",
                        "email": "ben@example.org",
                    }
                ],
                "geoPoint": {"lat": 39.92, "lon": -84},
            },
            {"city": "Ghent", "country": "Belgium"},
        ],
        "facilityContacts": [{"name": "Ben Osei", "role": "CONTACT", "phone": "555-0111"}],
    },
    "referencesModule": {
        "references": [
            {
                "pmid": "99000001",
                "type": "RESULT",
                "citation": "Marrow A. Solvarin in type 2 diabetes. J Ex Med. 2033;1:1-9.",
                "retractions": [{"pmid": "99000002", "source": "J Ex Med. 2034;2:10"}],
            }
        ],
        "seeAlsoLinks": [{"label": "Study site", "url": "https://example.org/solar"}],
        "availIpds": [
            {
                "id": "D-1",
                "type": "Individual Participant Data Set",
                "url": "https://example.org/d1",
                "comment": "on request",
            }
        ],
    },
    "ipdSharingStatementModule": {
        "ipdSharing": "YES",
        "description": "Anonymised data",
        "infoTypes": ["STUDY_PROTOCOL", "SAP"],
        "timeFrame": "From 2034",
        "accessCriteria": "Reasoned request",
        "url": "https://example.org/ipd",
    },
}

GROUPS = ("Solvarin 10 mg", "Placebo")


def _groups(prefix: str) -> list[Json]:
    return [{"id": f"{prefix}00{i}", "title": t, "description": f"{t} once daily"} for i, t in enumerate(GROUPS)]


def _cells(prefix: str, *cells: dict[str, str]) -> list[Json]:
    return [{"groupId": f"{prefix}00{i}"} | cell for i, cell in enumerate(cells)]


def _denoms(prefix: str, *counts: str) -> list[Json]:
    return [{"units": "Participants", "counts": _cells(prefix, *({"value": c} for c in counts))}]


RESULTS: dict[str, Json] = {
    "participantFlowModule": {
        "preAssignmentDetails": "4-week run-in",
        "recruitmentDetails": "Nine clinics",
        "typeUnitsAnalyzed": "Eyes",
        "groups": _groups("FG"),
        "periods": [
            {
                "title": "Overall Study",
                "milestones": [
                    {
                        "type": "STARTED",
                        "comment": "Randomized",
                        "achievements": _cells(
                            "FG", {"numSubjects": "52", "comment": "one twice"}, {"numSubjects": "50"}
                        ),
                    },
                    {
                        "type": "COMPLETED",
                        "achievements": _cells("FG", {"numSubjects": "48", "numUnits": "96"}, {"numSubjects": "47"}),
                    },
                ],
                "dropWithdraws": [
                    {
                        "type": "Adverse Event",
                        "comment": "As judged by the site",
                        "reasons": _cells("FG", {"numSubjects": "4", "comment": "two rashes"}, {"numSubjects": "3"}),
                    }
                ],
            }
        ],
    },
    "baselineCharacteristicsModule": {
        "populationDescription": "All randomized",
        "typeUnitsAnalyzed": "Eyes",
        "groups": _groups("BG"),
        "denoms": _denoms("BG", "52", "50"),
        "measures": [
            {
                "title": "Age, Continuous",
                "description": "At consent",
                "populationDescription": "All",
                "paramType": "MEAN",
                "dispersionType": "STANDARD_DEVIATION",
                "unitOfMeasure": "years",
                "calculatePct": False,
                "denomUnitsSelected": "Participants",
                "denoms": _denoms("BG", "51", "50"),
                "classes": [
                    {
                        "categories": [
                            {
                                "measurements": _cells(
                                    "BG", {"value": "56.1", "spread": "9.8"}, {"value": "55.0", "spread": "10.2"}
                                )
                            }
                        ]
                    }
                ],
            },
            {
                "title": "Sex: Female, Male",
                "paramType": "COUNT_OF_PARTICIPANTS",
                "unitOfMeasure": "Participants",
                "classes": [
                    {
                        "categories": [
                            {"title": "Female", "measurements": _cells("BG", {"value": "20"}, {"value": "24"})},
                            {"title": "Male", "measurements": _cells("BG", {"value": "32"}, {"value": "26"})},
                        ]
                    }
                ],
            },
        ],
    },
    "outcomeMeasuresModule": {
        "outcomeMeasures": [
            {
                "type": "PRIMARY",
                "title": "Change in HbA1c",
                "description": "Percentage points",
                "populationDescription": "All with a value",
                "reportingStatus": "POSTED",
                "anticipatedPostingDate": "2033-04",
                "paramType": "MEAN",
                "dispersionType": "Standard Deviation",
                "unitOfMeasure": "percentage points",
                "calculatePct": True,
                "timeFrame": "Week 24",
                "typeUnitsAnalyzed": "Participants",
                "denomUnitsSelected": "Participants",
                "groups": _groups("OG"),
                "denoms": _denoms("OG", "48", "47"),
                "classes": [
                    {
                        "title": "Week 12",
                        "denoms": _denoms("OG", "50", "49"),
                        "categories": [
                            {
                                "title": "Observed",
                                "measurements": _cells(
                                    "OG", {"value": "-0.9", "spread": "0.4"}, {"value": "-0.1", "spread": "0.5"}
                                ),
                            }
                        ],
                    },
                    {
                        "title": "Week 24",
                        "categories": [
                            {
                                "measurements": _cells(
                                    "OG",
                                    {"value": "-1.2", "spread": "0.3"},
                                    {"value": "NA", "spread": "NA", "comment": "too few values"},
                                )
                            }
                        ],
                    },
                ],
                "analyses": [
                    {
                        "paramType": "Mean Difference (Net)",
                        "paramValue": "-1.1",
                        "dispersionType": "STANDARD_ERROR_OF_MEAN",
                        "dispersionValue": "0.2",
                        "statisticalMethod": "ANCOVA",
                        "statisticalComment": "Adjusted for site",
                        "pValue": "<0.001",
                        "pValueComment": "Not adjusted",
                        "ciNumSides": "TWO_SIDED",
                        "ciPctValue": "95",
                        "ciLowerLimit": "-1.5",
                        "ciUpperLimit": "-0.7",
                        "ciLowerLimitComment": "Exact",
                        "ciUpperLimitComment": "Exact, too",
                        "estimateComment": "Solvarin minus placebo",
                        "testedNonInferiority": False,
                        "nonInferiorityType": "SUPERIORITY",
                        "nonInferiorityComment": "No margin",
                        "otherAnalysisDescription": "Sensitivity",
                        "groupDescription": "Both arms",
                        "groupIds": ["OG000", "OG001"],
                    }
                ],
            },
            {
                "type": "OTHER_PRE_SPECIFIED",
                "title": "Time to rescue medication",
                "reportingStatus": "POSTED",
                "paramType": "MEDIAN",
                "dispersionType": "CONFIDENCE_95",
                "unitOfMeasure": "days",
                "groups": _groups("OG"),
                "classes": [
                    {
                        "categories": [
                            {
                                "measurements": _cells(
                                    "OG",
                                    {"value": "88", "lowerLimit": "70", "upperLimit": "NA"},
                                    {"value": "61", "lowerLimit": "50"},
                                )
                            }
                        ]
                    }
                ],
            },
        ]
    },
    "adverseEventsModule": {
        "frequencyThreshold": "5",
        "timeFrame": "28 weeks",
        "description": "Asked at every visit",
        "allCauseMortalityComment": "One road accident",
        "eventGroups": [
            {
                "id": "EG000",
                "title": "Solvarin 10 mg",
                "description": "As treated",
                "deathsNumAffected": 1,
                "deathsNumAtRisk": 52,
                "seriousNumAffected": 2,
                "seriousNumAtRisk": 52,
                "otherNumAffected": 11,
                "otherNumAtRisk": 52,
            },
            {"id": "EG001", "title": "Placebo", "seriousNumAffected": 0, "otherNumAtRisk": 50},
        ],
        "seriousEvents": [
            {
                "term": "Rash",
                "organSystem": "Skin and subcutaneous tissue disorders",
                "sourceVocabulary": "MedDRA 30.0",
                "assessmentType": "SYSTEMATIC_ASSESSMENT",
                "notes": "Resolved",
                "stats": [
                    {"groupId": "EG000", "numEvents": 3, "numAffected": 2, "numAtRisk": 52},
                    {"groupId": "EG001", "numAffected": 0, "numAtRisk": 50},
                ],
            }
        ],
        "otherEvents": [
            {
                "term": "Nausea",
                "organSystem": "Gastrointestinal disorders",
                "assessmentType": "NON_SYSTEMATIC_ASSESSMENT",
                "stats": [
                    {"groupId": "EG000", "numAffected": 9, "numAtRisk": 52},
                    {"groupId": "EG001", "numAtRisk": 50},
                ],
            }
        ],
    },
    "moreInfoModule": {
        "limitationsAndCaveats": {"description": "Stopped early"},
        "certainAgreement": {
            "piSponsorEmployee": False,
            "restrictionType": "LTE60",
            "restrictiveAgreement": True,
            "otherDetails": "60 days",
        },
        "pointOfContact": {
            "title": "Medical Lead",
            "organization": "Example Therapeutics",
            "email": "results@example.org",
            "phone": "555-0199",
            "phoneExt": "3",
        },
    },
}

REGISTRY: dict[str, Json] = {
    "annotationSection": {
        "annotationModule": {
            "unpostedAnnotation": {
                "unpostedResponsibleParty": "Example Therapeutics",
                "unpostedEvents": [
                    {"type": "RELEASE", "date": "2033-02-20"},
                    {"type": "UNRELEASE", "dateUnknown": True},
                ],
            },
            "violationAnnotation": {
                "violationEvents": [
                    {
                        "type": "VIOLATION_IDENTIFIED",
                        "description": "Late results",
                        "creationDate": "2033-01-01",
                        "issuedDate": "2033-01-02",
                        "releaseDate": "2033-01-03",
                        "postedDate": "2033-01-04",
                    }
                ]
            },
        }
    },
    "documentSection": {
        "largeDocumentModule": {
            "noSap": False,
            "largeDocs": [
                {
                    "typeAbbrev": "Prot_SAP",
                    "hasProtocol": True,
                    "hasSap": True,
                    "hasIcf": False,
                    "label": "Study Protocol and Statistical Analysis Plan",
                    "date": "2031-01-01",
                    "uploadDate": "2033-03-01T10:00",
                    "filename": "Prot_SAP_000.pdf",
                    "size": 123456,
                }
            ],
        }
    },
    "derivedSection": {
        "miscInfoModule": {
            "versionHolder": "2033-06-01",
            "removedCountries": ["France", "Spain"],
            "submissionTracking": {
                "estimatedResultsFirstSubmitDate": "2033-02-20",
                "firstMcpInfo": {"postDateStruct": {"date": "2033-03-30", "type": "ACTUAL"}},
                "submissionInfos": [
                    {
                        "releaseDate": "2033-02-20",
                        "unreleaseDate": "2033-02-21",
                        "unreleaseDateUnknown": False,
                        "resetDate": "2033-03-10",
                        "mcpReleaseN": 1,
                    }
                ],
            },
            "modelPredictions": {"bmiLimits": {"minBmi": 25, "maxBmi": 40.5}},
        },
        "conditionBrowseModule": {
            "meshes": [{"id": "D000003924", "term": "Diabetes Mellitus, Type 2"}],
            "ancestors": [
                {"id": "D000003920", "term": "Diabetes Mellitus"},
                {"id": "D9", "term": "Metabolic Diseases"},
            ],
            "browseLeaves": [{"id": "M7119", "name": "Diabetes", "asFound": "type 2 diabetes", "relevance": "HIGH"}],
            "browseBranches": [{"abbrev": "BC18", "name": "Nutritional and Metabolic Diseases"}],
        },
        "interventionBrowseModule": {
            "meshes": [{"id": "C900001", "term": "solvarin"}],
            "ancestors": [{"id": "D000007004", "term": "Hypoglycemic Agents"}],
            "browseLeaves": [{"id": "M10054", "name": "Hypoglycemic Agents", "relevance": "LOW"}],
            "browseBranches": [{"abbrev": "Hypo", "name": "Hypoglycemic Agents"}],
        },
    },
}


def rich_record() -> dict[str, Json]:
    """A fresh copy of a record with every module and every field that the models know."""
    related = [
        {
            "briefTitle": "Solvarin in Youth",
            "nctId": "NCT99000903",
            "overallStatus": "WITHDRAWN",
            "phases": ["EARLY_PHASE1", "NA"],
        }
    ]
    record = {"protocolSection": PROTOCOL, "resultsSection": RESULTS, **REGISTRY, "hasResults": True}
    return deepcopy(record | {"relatedTrials": related})


def small_record(nct_id: str = "NCT99000001", **identification: Json) -> dict[str, Json]:
    """The least that is a study."""
    return {"protocolSection": {"identificationModule": {"nctId": nct_id} | identification}}


def leaves(node: Json, at: str = "") -> Iterator[tuple[str, Json]]:
    """(pointer, value) of every scalar that is neither null nor blank text."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, f"{at}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from leaves(value, f"{at}/{i}")
    elif node is not None and (not isinstance(node, str) or node.strip()):
        yield at, node


def alike(a: Json, b: Json) -> bool:
    """Deep equality that tells 1, 1.0 and True apart."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(alike(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(alike, a, b))
    return bool(a == b)


ODD: tuple[Json, ...] = (
    *("", " ", "0", "NA", "two\nlines", "a\r\n\r\nb\rc", "\n edge \n", "%s {x} | || – ;", "\u2028sep\x0c\xa0"),
    *(None, True, False, 0, -1, 1.5, 1e300, 2**60),
    *(
        [],
        {},
        [[]],
        ["a", None, "", "b\nc"],
        [1, [2]],
        {"k": "v"},
        [{"id": 1}],
        [{"title": "t"}, 2],
        {"": {"a/b~c": 0}},
    ),
)
"""What may stand where something else is expected."""

KEYS = ("newField", "odd_key", "a/b", "~", "", "9", "brief_title", "two\nlines", "ключ", "model_dump")


@st.composite
def records(draw: st.DrawFn, *, wild: bool) -> dict[str, Json]:
    """Parts of the rich record with unknown keys here and there; `wild` puts odd values in place of known ones, too.

    Drawn by a seed: thousands of choices a record are more than hypothesis shrinks in a lifetime.
    """
    dice = random.Random(draw(st.integers(0, 2**32)))
    share = dice.choice((0.0, 0.02, 0.2))
    return {k: _damaged(dice, v, share, wild) for k, v in rich_record().items()}


def _damaged(dice: random.Random, node: Json, share: float, wild: bool) -> Json:
    if wild and dice.random() < share / 4:
        return deepcopy(dice.choice(ODD))
    if isinstance(node, dict):
        kept = {k: _damaged(dice, v, share, wild) for k, v in node.items() if dice.random() >= share}
        if dice.random() < share / 2:
            kept[dice.choice(KEYS)] = deepcopy(dice.choice(ODD))
        return kept
    if isinstance(node, list):
        return [_damaged(dice, v, share, wild) for v in node if dice.random() >= share]
    return node
