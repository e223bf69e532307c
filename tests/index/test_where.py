"""The filter language: which studies a filter admits, and what it says about a filter it cannot read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.document import Document
from extract.extraction import Extraction
from extract.reading import Passage, Reading
from extract.source import source_from_bytes
from extract.study import Study
from index.fields import table, values_of
from index.library import Library
from index.where import parse
from tests.index.readings import Letters
from trialcite.errors import UsageError


def _study(number: int, **modules: Any) -> dict[str, Any]:
    identification = {"nctId": f"NCT9900020{number}", "briefTitle": f"Invented trial {number}"}
    return {"protocolSection": {"identificationModule": identification, **modules}}


STUDIES = {
    "a": _study(
        1,
        statusModule={"overallStatus": "RECRUITING", "startDateStruct": {"date": "2023-09"}},
        designModule={"studyType": "INTERVENTIONAL", "phases": ["PHASE2", "PHASE3"], "enrollmentInfo": {"count": 120}},
        conditionsModule={"conditions": ["Type 2 Diabetes", "Obesity"]},
        sponsorCollaboratorsModule={"leadSponsor": {"name": "Acme Health", "class": "INDUSTRY"}},
        eligibilityModule={
            "minimumAge": "18 Years",
            "maximumAge": "70 Years",
            "sex": "ALL",
            "healthyVolunteers": False,
        },
        contactsLocationsModule={"locations": [{"country": "France", "city": "Lyon"}, {"country": "United States"}]},
    ),
    "b": _study(
        2,
        statusModule={"overallStatus": "COMPLETED", "startDateStruct": {"date": "2021-05-04"}},
        designModule={"studyType": "INTERVENTIONAL", "phases": ["PHASE3"], "enrollmentInfo": {"count": 40}},
        conditionsModule={"conditions": ["Asthma"]},
        eligibilityModule={
            "minimumAge": "6 Months",
            "maximumAge": "17 Years",
            "sex": "FEMALE",
            "healthyVolunteers": True,
        },
        contactsLocationsModule={"locations": [{"country": "France"}]},
    )
    | {"hasResults": True},
    "c": _study(3, designModule={"studyType": "OBSERVATIONAL"}, eligibilityModule={"minimumAge": "65 Years"}),
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("where") / ".trialcite"
    with Library.create(folder, embedder=Letters()) as made:
        for name, study in STUDIES.items():
            source = source_from_bytes(f"Trial {name}".encode(), path=f"{name}.txt", format="text")
            described = Document(id=name, path=source.path, format="text", sha256=source.sha256, lines=1)
            extraction = Extraction(document=described, study=Study.model_validate(study))
            made.add(Reading(source, (Passage("Title", (1, 1)),)), extraction)
    return Library.open(folder, embedder=Letters())


@pytest.mark.parametrize(
    ("where", "admitted"),
    [
        ("overallStatus=RECRUITING", "a"),
        ("status = recruiting", "a"),
        ('overallStatus="Not yet recruiting"', ""),
        ("overallStatus!=RECRUITING", "bc"),
        ("status in (recruiting, Completed)", "ab"),
        ("phase=PHASE3", "ab"),
        ("phase=Phase 2", "a"),
        ("phase=2", "a"),
        ("phase!=PHASE2", "bc"),
        ("not phase=PHASE2", "bc"),
        ("condition=type 2 diabetes", "a"),
        ("condition=diabetes", ""),
        ("condition~DIABETES", "a"),
        ("title~invented", "abc"),
        ("country=France", "ab"),
        ('country="united states"', "a"),
        ("not country=France", "c"),
        ("sponsor~acme", "a"),
        ("sponsorClass=industry", "a"),
        ("studyType=interventional", "ab"),
        ("enrollment>=120", "a"),
        ("enrollment<120", "b"),
        ("enrollment=40", "b"),
        ("hasResults=yes", "b"),
        ("healthyVolunteers=no", "a"),
        ("sex=female", "b"),
        ("minimumAge<18", "b"),
        ("minimumAge<=18 years", "ab"),
        ("minimumAge<1", "b"),
        ("minimumAge=6 months", "b"),
        ("maximumAge>17", "a"),
        ("age=70", "ac"),
        ("age=71", "c"),
        ("age=17", "b"),
        ("age=3 months", ""),
        ("startDate>2023", ""),
        ("startDate>=2023", "a"),
        ("startDate=2023", "a"),
        ("startDate=2023-09", "a"),
        ("startDate=2023-09-01", ""),
        ("startDate<2023-09-15", "b"),
        ("startDate>2023-09-15", ""),
        ("startDate<=2023-09", "ab"),
        ("start>2021-05-03 and start<2021-06", "b"),
        ("phase=PHASE3 and country=France or studyType=OBSERVATIONAL", "abc"),
        ("phase=PHASE3 and (status=completed or studyType=OBSERVATIONAL)", "b"),
        ("not (phase=PHASE2 or sex=female)", "c"),
        ("not not phase=PHASE2", "a"),
        ("NOT phase=PHASE2 AND startDate>2000", "b"),
        ("nctId=nct99000203", "c"),
    ],
)
def test_what_a_filter_admits(library: Library, where: str, admitted: str) -> None:
    assert "".join(d.id for d in library.matching(where)) == admitted


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("", "expected a field at the end"),
        ("phase", "expected an operator after phase at the end"),
        ("phase=", "expected a value at the end"),
        ("phase=PHASE2 and", "expected a field at the end"),
        ("phase=PHASE2) or sex=ALL", "expected and, or, or the end at ') or sex=ALL'"),
        ("(phase=PHASE2", "expected ) at the end"),
        ("phase in PHASE2", "expected ( at 'PHASE2'"),
        ('condition="open', "cannot read this at '\"open'"),
        ("phasse=2", r"no field 'phasse' to filter by \(did you mean phase"),
        ("phase=9", r"'9' is no value of phase \(one of .*PHASE4"),
        ("status=RECRUTING", "'RECRUTING' is no value of overallStatus"),
        ("minimumAge<young", "such as 18, 6 months"),
        ("startDate>May", "such as 2024"),
        ("enrollment>many", "a number"),
        ("hasResults=maybe", "yes or no"),
        ("condition>a", "condition has no order"),
        ("age>20", "takes ="),
        ("not " * 60 + "phase=2", "nested too deeply"),
        ("(" * 60 + "phase=2" + ")" * 60, "nested too deeply"),
    ],
)
def test_what_it_says_of_a_filter_it_cannot_read(where: str, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("(", r"\(").replace(")", r"\)").replace(r"\\", "\\")):
        parse(where)


def test_a_search_stays_within_the_filter(library: Library) -> None:
    assert {h.document for h in library.search("trial", where="phase=PHASE3")} == {"a", "b"}
    assert library.search("trial", where="phase=PHASE4") == []
    assert library.search("trial", document="c", where="phase=PHASE3") == []
    assert [h.document for h in library.search("trial", document="a", where="phase=PHASE3")] == ["a"]


def test_every_field_reads_its_own_pointers() -> None:
    for field in set(table().values()):
        for path in field.paths:
            study: Any = "x"
            for step in reversed(path.split("/")[1:]):
                study = [study] if step == "*" else {step: study}
            assert [(name, value.text) for name, value in values_of(study)] == [(field.name, "x")]


@given(st.text(st.sampled_from('ab phase=~<>!(),"and or not in 2 ')) | st.text(max_size=40))
def test_any_text_is_a_filter_or_a_usage_error(text: str) -> None:
    try:
        condition = parse(text)
    except UsageError:
        return
    assert condition.sql.count("?") == len(condition.parameters)
    assert condition.sql.count("(") == condition.sql.count(")")
