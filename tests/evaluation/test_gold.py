"""Label files: filled in, held against their record, refused with the row, and compared between two people."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Hashable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.agreement import agreement, kappa
from evaluation.extraction import PredictedStudy, score
from evaluation.gold import GoldTrial, LabelFile, faults, read_gold, read_labels
from evaluation.labelling import template, toml
from evaluation.scored import build
from evaluation.sources import Sources
from extract.extractor import Extracted, extract_paths
from trialcite.errors import GoldRefused, UsageError


def filled(record: Path, folder: Path) -> Path:
    item = next(iter(extract_paths([record], evidence="all")))
    assert isinstance(item, Extracted)
    file = folder / f"{record.stem}.toml"
    file.write_text(template(item.extraction, item.reading.source), "utf-8")
    return file


def found_in(file: Path) -> list[str]:
    return faults(read_labels(file), Sources())


@pytest.mark.parametrize("number", range(1, 7))
def test_a_filled_in_file_holds(examples: Path, tmp_path: Path, number: int) -> None:
    record = next(examples.glob(f"NCT9900000{number}.*"))
    file = filled(record, tmp_path)
    assert found_in(file) == []
    assert read_labels(file).document == record.stem


def test_a_filled_in_file_shows_the_lines(examples: Path, tmp_path: Path) -> None:
    text = filled(examples / "NCT99000001.txt", tmp_path).read_text("utf-8")
    assert 'field = "minimumAge"\nvalue = "18 Years"\nlines = [[' in text
    assert re.search(r"\n# \d+: 18 Years\n", text)
    assert "stated = false" in text


@given(st.text() | st.lists(st.text()) | st.integers(-(2**53), 2**53) | st.booleans())
def test_every_value_comes_back_from_toml_as_it_was(value: object) -> None:
    assert tomllib.loads(f"value = {toml(value)}")["value"] == value


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('field = "sex"', 'field = "gender"', "(gender): no field of that name"),
        ('field = "sex"', 'field = "minimumAge"', "(minimumAge): already in value"),
        (
            'field = "maximumAge"\nvalue = "[^"]+"',
            'field = "maximumAge"',
            "(maximumAge): no value; write stated = false",
        ),
        ('"trialcite-gold/1"', '"trialcite-gold/9"', "has schema 'trialcite-gold/9', not 'trialcite-gold/1'"),
        ('annotator = ""', "annotator = 3", "annotator: Input should be a valid string"),
        ('annotator = ""', 'reviewer = ""', "reviewer: Extra inputs are not permitted"),
        ('field = "sex"', 'field = "sex"\nstated = false', "(sex): has a value, and stated = false"),
        ('value = "18 Years"', 'value = ["18 Years"]', "(minimumAge): is no list"),
        (
            'NCT ID: .*|value = "NCT99000001"',
            'value = "NCT99000002"',
            "(nctId): is NCT99000002, the file is of NCT99000001",
        ),
        ("lines = \\[\\[3, 3\\]\\]", "lines = [[3]]", "(nctId): lines are pairs"),
        ("lines = \\[\\[3, 3\\]\\]", "lines = [[3, 2]]", "(nctId): lines are pairs"),
        ("\nannotator", "\n= annotator", "is no TOML"),
    ],
)
def test_a_file_of_another_shape_is_refused_with_the_row(
    examples: Path, tmp_path: Path, before: str, after: str, said: str
) -> None:
    file = filled(examples / "NCT99000001.txt", tmp_path)
    text = re.sub(before, lambda _: after, file.read_text("utf-8"), count=1)
    file.write_text(text, "utf-8")
    with pytest.raises(GoldRefused) as refused:
        read_gold(tmp_path)
    assert said in str(refused.value)
    assert str(file) in str(refused.value)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("lines = \\[\\[3, 3\\]\\]", "lines = [[3, 9000]]", "value 1 (nctId): lines [3, 9000]: the record has"),
        ("lines = \\[\\[3, 3\\]\\]\n", "", "value 1 (nctId): names no lines"),
        ("lines = \\[\\[1, 1\\]\\]", "lines = [[2, 2]]", "value 2 (briefTitle): 'Once-Daily Oral"),
        ('sha256 = "....', 'sha256 = "0000', "has changed since the labels were made"),
        (
            '(?s)document = "NCT99000001"(.*)value = "NCT99000001"',
            'document = "NCT99000009"\\1value = "NCT99000009"',
            "does not name NCT99000009",
        ),
        ('path = "[^"]+"', 'path = "nowhere.txt"', "path: nowhere.txt cannot be read"),
    ],
)
def test_labels_that_do_not_stand_in_the_record_are_named(
    examples: Path, tmp_path: Path, before: str, after: str, said: str
) -> None:
    file = filled(examples / "NCT99000001.txt", tmp_path)
    file.write_text(re.sub(before, after, file.read_text("utf-8"), count=1), "utf-8")
    assert any(said in fault for fault in found_in(file))


def test_lines_cited_are_held_against_the_labels(examples: Path, tmp_path: Path) -> None:
    record = examples / "NCT99000001.txt"
    file = filled(record, tmp_path)
    text = file.read_text("utf-8").replace("lines = [[1, 1]]", "lines = [[1, 2]]", 1)
    file.write_text(text, "utf-8")
    item = next(iter(extract_paths([record])))
    assert isinstance(item, Extracted)
    predicted = PredictedStudy.model_validate(item.extraction.to_json())
    scored = score(read_gold(file), {predicted.trial: predicted}, name="rules", sources=Sources())
    report = build("extraction", [scored], inputs=[], draws=50)
    names = ("line precision", "line recall", "line F1")
    found = [m.value for name in names if (m := report.measure("briefTitle", name))]
    assert found == [1, 0.5, pytest.approx(2 / 3, abs=1e-6)]


def test_a_deleted_label_is_no_absent_value(examples: Path, tmp_path: Path) -> None:
    file = filled(examples / "NCT99000001.txt", tmp_path)
    text = re.sub(r'(?s)\[\[value\]\]\nfield = "sex".*?(?=\[\[value\]\])', "", file.read_text("utf-8"))
    file.write_text(text, "utf-8")
    labelled = read_gold(file)["NCT99000001"]
    assert "sex" not in labelled.values
    assert labelled.values["observationalModel"] is None


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15, 0.4),
        ([("a", "a"), ("b", "b")], 1),
        ([("a", "b"), ("b", "a")], -1),
        ([("a", "a")] * 5, None),
        ([], None),
    ],
)
def test_cohens_kappa(pairs: list[tuple[Hashable, Hashable]], expected: float | None) -> None:
    assert kappa(pairs) == (None if expected is None else pytest.approx(expected))


def test_agreement_of_two_people() -> None:
    ours = GoldTrial("T", {"sex": "ALL", "conditions": ["Asthma", "COPD"], "phases": None}, {"sex": [(4, 5)]})
    theirs = GoldTrial("T", {"sex": "ALL", "conditions": ["Asthma"], "phases": ["PHASE1"]}, {"sex": [(5, 5)]})
    found = {(a.group, a.name): a.value for a in agreement({"T": ours}, {"T": theirs})}
    assert found["ALL", "values, F1"] == pytest.approx(4 / 6)
    assert found["ALL", "lines, F1"] == pytest.approx(2 / 3)
    assert found["conditions", "values, F1"] == pytest.approx(2 / 3)
    assert found["ALL", "stated, kappa"] == pytest.approx(0)


def test_two_people_without_a_common_trial_cannot_agree() -> None:
    with pytest.raises(UsageError, match="no trial in common"):
        agreement({"A": GoldTrial("A", {})}, {"B": GoldTrial("B", {})})


def test_a_label_file_is_strict() -> None:
    with pytest.raises(ValueError, match="schema"):
        LabelFile.model_validate({"schema": "x", "document": "T", "path": "p", "sha256": ""})
