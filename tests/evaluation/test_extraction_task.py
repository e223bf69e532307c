"""Studies against gold studies: what each kind of error costs, what is unscored, and the plain scorer's figures."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluation.extraction import read_predictions, score
from evaluation.gold import read_gold
from evaluation.report import Report
from evaluation.scored import build
from evaluation.sources import Sources
from extract.extractor import extract_paths
from trialcite.errors import InputError, MalformedRecord

Change = Callable[[dict[str, Any]], None]


def predicted(paths: list[Path], file: Path) -> Path:
    """What `trialcite extract` writes of the records."""
    with file.open("wb") as stream:
        for item in extract_paths(paths):
            assert not isinstance(item, InputError)
            stream.write(item.extraction.to_bytes())
    return file


def rows_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def written(file: Path, rows: list[dict[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def report_on(gold: Path, predictions: Path) -> Report:
    scored = score(read_gold(gold), read_predictions(predictions), name="rules", sources=Sources())
    return build("extraction", [scored], inputs=[], draws=200)


@pytest.fixture(scope="module")
def base(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """Gold made of what the rules read in the examples, and those very predictions."""
    folder = tmp_path_factory.mktemp("extraction")
    rows = rows_of(predicted([examples / f"NCT9900000{n}.txt" for n in (1, 2, 3)], folder / "p.jsonl"))
    return written(folder / "gold.jsonl", [row["study"] for row in rows]), rows


def value(report: Report, group: str, name: str) -> float | None:
    measure = report.measure(group, name)
    return measure.value if measure else None


def changed(rows: list[dict[str, Any]], change: Change) -> list[dict[str, Any]]:
    copy: list[dict[str, Any]] = json.loads(json.dumps(rows))
    change(copy[0])
    return copy


def test_what_equals_the_gold_is_right_everywhere(base: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> None:
    gold, rows = base
    report = report_on(gold, written(tmp_path / "p.jsonl", rows))
    assert {m.value for m in report.measures} == {1}
    assert report.misses == []
    assert report.systems[0].unscored == {}


def _module(row: dict[str, Any], name: str) -> Any:
    return row["study"]["protocolSection"][name]


@pytest.mark.parametrize(
    ("change", "group", "name", "expected", "kind"),
    [
        (lambda r: _module(r, "eligibilityModule").update(sex="MALE"), "sex", "accuracy", 2 / 3, "wrong"),
        (lambda r: _module(r, "eligibilityModule").pop("sex"), "sex", "recall", 2 / 3, "missing"),
        (lambda r: _module(r, "eligibilityModule").pop("sex"), "sex", "precision", 1, "missing"),
        (
            lambda r: _module(r, "designModule").setdefault("designInfo", {}).update(observationalModel="COHORT"),
            "observationalModel",
            "silence",
            2 / 3,
            "spurious",
        ),
    ],
)
def test_an_error_is_counted_and_shown(
    base: tuple[Path, list[dict[str, Any]]],
    tmp_path: Path,
    change: Change,
    group: str,
    name: str,
    expected: float,
    kind: str,
) -> None:
    gold, rows = base
    report = report_on(gold, written(tmp_path / "p.jsonl", changed(rows, change)))
    assert value(report, group, name) == pytest.approx(expected, abs=1e-6)
    assert [(m.group, m.kind, m.trial) for m in report.misses] == [(group, kind, rows[0]["document"]["id"])]


def test_a_miss_shows_the_lines_of_the_record(base: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> None:
    gold, rows = base
    wrong = changed(rows, lambda r: _module(r, "eligibilityModule").update(minimumAge="19 Years"))
    miss = report_on(gold, written(tmp_path / "p.jsonl", wrong)).misses[0]
    line = rows[0]["evidence"]["/protocolSection/eligibilityModule/minimumAge"][0]["lines"][0]
    assert (miss.gold, miss.predicted) == ("18 Years", "19 Years")
    assert (line, "18 Years") in miss.source


def test_arms_in_another_order_are_paired_with_the_most_alike(
    base: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    gold, rows = base
    turned = changed(rows, lambda r: _module(r, "armsInterventionsModule")["armGroups"].reverse())
    report = report_on(gold, written(tmp_path / "p.jsonl", turned))
    assert value(report, "armLabels", "accuracy") == pytest.approx(2 / 3, abs=1e-6)
    assert value(report, "armGroups", "F1") == 1
    assert value(report, "armGroups.label", "paired") == 1


def test_a_quote_that_is_not_at_its_lines_is_no_evidence(
    base: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    gold, rows = base

    def misquote(row: dict[str, Any]) -> None:
        row["evidence"]["/protocolSection/eligibilityModule/sex"][0]["quote"] = "Nobody said this"

    report = report_on(gold, written(tmp_path / "p.jsonl", changed(rows, misquote)))
    assert (value(report, "ALL", "evidence") or 1) < 1
    assert [m.kind for m in report.misses] == ["unproven"]


def test_a_trial_without_a_prediction_is_unscored_and_counted(
    base: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    gold, rows = base
    report = report_on(gold, written(tmp_path / "p.jsonl", rows[1:]))
    assert value(report, "ALL", "macro accuracy") == 1
    assert report.systems[0].scored == 2
    assert report.systems[0].unscored == {"no prediction for the trial": 1}


def test_criteria_are_right_where_they_are_cut_as_the_gold_cuts_them(
    base: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    _, rows = base
    texts = [c["text"] for c in rows[0]["criteria"] if c["kind"] == "inclusion"]
    joined = [f"{texts[0]} {texts[1]}", *texts[2:]]
    gold = written(tmp_path / "gold.jsonl", [rows[0]["study"] | {"criteria": {"inclusion": joined}}])
    report = report_on(gold, written(tmp_path / "p.jsonl", rows[:1]))
    assert value(report, "criteria.inclusion", "recall") == pytest.approx(1 - 1 / len(joined), abs=1e-6)
    assert [m.kind for m in report.misses] == ["missing", "spurious", "spurious"]


def test_lines_that_no_record_has_are_no_evidence(base: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> None:
    gold, rows = base

    def beyond(row: dict[str, Any]) -> None:
        row["evidence"]["/protocolSection/eligibilityModule/sex"][0]["lines"] = [90_000, -4]

    report = report_on(gold, written(tmp_path / "p.jsonl", changed(rows, beyond)))
    assert [m.kind for m in report.misses] == ["unproven"]


def test_confidence_makes_curves(base: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> None:
    gold, rows = base

    def guess(row: dict[str, Any]) -> None:
        _module(row, "eligibilityModule")["sex"] = "MALE"
        eligibility = "/protocolSection/eligibilityModule"
        row["confidence"] = {f"{eligibility}/sex": 0.2, f"{eligibility}/minimumAge": 0.9}

    report = report_on(gold, written(tmp_path / "p.jsonl", changed(rows, guess)))
    curves = {c.kind: c.points for c in report.curves}
    assert [precision for _, precision in curves["precision-recall"]] == [1, 0.5]
    assert curves["calibration"] == [(0.55, 0.5)]


def test_a_source_that_changed_proves_nothing(base: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> None:
    gold, rows = base
    stale = changed(rows, lambda r: r["document"].update(sha256="0" * 64))
    report = report_on(gold, written(tmp_path / "p.jsonl", stale))
    assert report.systems[0].unscored == {"evidence: the source has changed": 1}


def test_outcomes_are_set_against_the_gold(base: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> None:
    gold, rows = base

    def reject(row: dict[str, Any]) -> None:
        _module(row, "eligibilityModule").pop("sex")
        row["outcomes"]["/protocolSection/eligibilityModule/sex"] = "rejected"

    table = report_on(gold, written(tmp_path / "p.jsonl", changed(rows, reject))).confusion["rules"]
    assert table["stated"]["rejected"] == 1
    assert set(table["not stated"]) == {"not_stated"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"document": {"id": "a"}, "study": {}}\n{"document": {"id": "a"}, "study": {}}', "row 2: a is already in"),
        ('{"document": {"id": "a"}}', "row 1: study: Field required"),
        (
            '{"document": {"id": "a"}, "study": {}, "evidence": {"/x": [{"lines": [1, 9000000000], "quote": "q"}]}}',
            "no record has so many lines",
        ),
        ("[1]", "row 1: is no JSON object"),
        ("{", "row 1: is not JSON"),
    ],
)
def test_a_row_that_is_no_prediction_is_refused(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "p.jsonl"
    file.write_text(content, "utf-8")
    with pytest.raises(MalformedRecord, match=re.escape(said)):
        read_predictions(file)


@pytest.mark.corpus
def test_the_figures_are_those_of_the_plain_scorer(corpus: Path, tmp_path: Path) -> None:
    studies = corpus / "data" / "ctgov" / "studies-dev.jsonl.gz"
    render = [sys.executable, str(corpus / "tools" / "render_page.py"), str(studies), str(tmp_path / "pages")]
    subprocess.run([*render, "--limit", "60", "--variant", "noisy"], check=True, capture_output=True)
    predictions = predicted([tmp_path / "pages"], tmp_path / "p.jsonl")
    gold = written(tmp_path / "gold.jsonl", [dict(g.study or {}) for g in list(read_gold(studies).values())[:60]])
    rows = rows_of(predictions)
    for row in rows[::7]:  # errors of every kind, so that there is something to agree on
        section = row["study"]["protocolSection"]
        section["eligibilityModule"]["minimumAge"] = "3 Years"
        section.pop("armsInterventionsModule", None)
        section["conditionsModule"] = {"conditions": ["Boredom"]}
    predictions = written(tmp_path / "wrong.jsonl", rows)

    plain = [sys.executable, str(corpus / "tools" / "score_extraction.py"), str(predictions), str(gold), "-"]
    said = subprocess.run(plain, check=True, capture_output=True, text=True).stdout
    report = report_on(gold, predictions)
    for name, n, accuracy in re.findall(r"(?m)^(\w+) +n= *(\d+) acc=([\d.]+)", said):
        measure = report.measure(name, "accuracy")
        assert measure is not None
        assert (measure.n, f"{measure.value:.4f}") == (int(n), accuracy), name
    overall = re.search(r"macro accuracy ([\d.]+) micro ([\d.]+)", said)
    assert overall is not None
    for name, figure in zip(("macro accuracy", "micro accuracy"), overall.groups(), strict=True):
        assert f"{value(report, 'ALL', name):.4f}" == figure
    spurious = re.search(r"spurious values (\d+)", said)
    assert spurious is not None
    assert sum(m.kind == "spurious" for m in report.misses) == int(spurious[1])
    unproven = re.search(r"not at their lines (\d+)", said)
    assert unproven is not None
    assert sum(m.kind == "unproven" for m in report.misses) == int(unproven[1])
