"""Criteria, retrieval and questions: small gold by hand, and the plain scorers' figures on the corpus."""

from __future__ import annotations

import gzip
import io
import json
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from evaluation.bounds import number
from evaluation.report import Report
from evaluation.tasks import READ_PREDICTIONS, Entrant, evaluate, read_task_gold
from extract.criteria import parse
from trialcite.errors import GoldRefused, MalformedRecord


def jsonl(file: Path, rows: list[dict[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def report_on(task: Any, gold: Path, predictions: Path) -> Report:
    found = READ_PREDICTIONS[task](predictions)
    return evaluate(read_task_gold(task, gold), [Entrant("it", found, file=predictions)], draws=100)


def value(report: Report, group: str, name: str) -> float | None:
    measure = report.measure(group, name)
    return measure.value if measure else None


def plain(corpus: Path, script: str, *args: Path) -> str:
    command = [sys.executable, str(corpus / "tools" / script), *map(str, args)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    ("text", "expected"),
    [("< 20", 20), ("1,000", 1000), ("7,5 %", 7.5), ("three", 3), ("18", 18), ("eighteen", 18), ("1 to 2", None)],
)
def test_the_number_of_a_value(text: str, expected: float | None) -> None:
    assert number(text) == expected


def comparison(operator: str, values: list[str], name: str = "Age", **more: Any) -> dict[str, Any]:
    owner = {"type": "Age", "role": "Numeric-Filter", "name": [name]}
    row = {"doc": "NCT99000001", "line": 1, "criterion": "Age 18 to 65", "operator": [operator], "values": values}
    return row | {"unit": ["years"], "temporal_unit": [], "owner": [owner]} | more


BETWEEN = comparison("BETWEEN", ["18", "65"])
LOWER = {"value": 18, "inclusive": True}
UPPER = {"value": 65, "inclusive": True}


@pytest.mark.parametrize(
    ("constraints", "precision", "recall"),
    [
        ([{"kind": "age", "variable": "age", "lower": LOWER, "upper": UPPER, "unit": "years"}], 1, 1),
        ([{"kind": "age", "variable": "age", "lower": LOWER}], 1, 0.5),
        ([{"kind": "age", "variable": "age", "lower": {"value": 18, "inclusive": False}}], 0, 0),
        ([{"kind": "score", "label": "ECOG", "values": ["0", "1"]}], 0, 0),
        ([{"kind": "window", "label": "stroke", "upper": {"value": 3, "inclusive": True}}], None, 0),
        ([], None, 0),
    ],
)
def test_bounds_are_found_or_not(
    tmp_path: Path, constraints: list[Any], precision: float | None, recall: float
) -> None:
    gold = jsonl(tmp_path / "numeric.jsonl", [BETWEEN])
    found = jsonl(tmp_path / "p.jsonl", [{"doc": "NCT99000001", "line": 1, "constraints": constraints}])
    report = report_on("criteria", gold, found)
    assert (value(report, "ALL", "precision"), value(report, "ALL", "recall")) == (precision, recall)


def test_what_the_gold_leaves_open_is_counted_and_not_scored(tmp_path: Path) -> None:
    rows = [
        BETWEEN,
        comparison("", ["7"]) | {"line": 2},
        comparison("LT", ["3"], owner=[{"type": "X", "role": "Temporality", "name": [None]}]),
    ]
    found = [{"doc": "NCT99000001", "line": 2, "constraints": [{"kind": "measurement", "lower": {"value": 7}}]}]
    report = report_on("criteria", jsonl(tmp_path / "g.jsonl", rows), jsonl(tmp_path / "p.jsonl", found))
    assert report.systems[0].unscored == {
        "comparisons that filter no number": 1,
        "comparisons without a plain operator": 1,
        "no prediction for the line": 1,
    }
    assert report.misses == []


def test_sentences_are_right_as_a_whole(tmp_path: Path) -> None:
    expected = [{"name": "a1c", "unit": "%", "lower": {"incl": True, "value": "7.0"}}]
    gold = jsonl(tmp_path / "g.jsonl", [{"id": "a", "input": "a1c ≥ 7.0%", "expected": expected}])
    for text, right in (("a1c ≥ 7.0%", 1), ("a1c ≥ 7.0% and BMI < 30", 0)):
        constraints = [c.to_json() for c in parse(text)]
        found = jsonl(tmp_path / "p.jsonl", [{"id": "a", "text": text, "constraints": constraints}])
        assert value(report_on("criteria", gold, found), "ALL", "sentence") == right


def test_values_are_linked_to_what_they_are_values_of(tmp_path: Path) -> None:
    row = {"doc": "NCT99000001_inc", "line": 1, "criterion": "BMI < 20", "entity": "BMI", "value": "< 20"}
    gold = jsonl(tmp_path / "g.jsonl", [row | {"has_digit": True}, row | {"value": "low", "has_digit": False}])
    for label, linked in (("BMI", 1), ("weight", 0)):
        constraint = {"kind": "measurement", "label": label, "upper": {"value": 20, "inclusive": False}}
        found = jsonl(tmp_path / "p.jsonl", [{"doc": "NCT99000001_inc", "line": 1, "constraints": [constraint]}])
        report = report_on("criteria", gold, found)
        assert (value(report, "ALL", "value"), value(report, "ALL", "linked")) == (1, linked)


def test_a_ranking_by_hand(tmp_path: Path) -> None:
    gold = jsonl(tmp_path / "g.jsonl", [{"id": "q", "lines": [3, 9], "section": [1, 12], "document": "NCT99000001"}])
    hits = [{"lines": [2, 3], "score": 0.9}, {"lines": [5, 5], "score": 0.4}]
    report = report_on("retrieval", gold, jsonl(tmp_path / "h.jsonl", [{"id": "q", "hits": hits}]))
    assert value(report, "sparse", "MRR") == 0.5
    assert value(report, "ALL", "R@5") == 0.5
    assert value(report, "ALL", "nDCG@10") == pytest.approx(0.386853)
    assert [c.kind for c in report.curves] == ["precision-recall", "precision-recall", "calibration"]
    assert report.curves[0].points[:7] == [(i / 10, 0.5) for i in range(6)] + [(0.6, 0)]


def question(**changes: Any) -> dict[str, Any]:
    row = {"id": "q", "trial": "NCT99000001", "question": "Who may join?", "kind": "criterion", "answer": "Adults."}
    return row | {"must": [["adults", "18 years"]], "reject": ["children"], "lines": [[3, 4]]} | changes


@pytest.mark.parametrize(
    ("changes", "answer", "right"),
    [
        ({}, {"answer": "Adults only"}, True),
        ({}, {"answer": "18  Years and above"}, True),
        ({}, {"answer": "Adults and children"}, False),
        ({}, {"answer": "Adults", "status": "not_stated"}, False),
        ({}, {"answer": "Adults" + " and so on" * 200}, False),
        (
            {"kind": "patient", "must": [["no"], ["9"]], "reject": ["yes"]},
            {"answer": "No, 9 % is too high; yes."},
            True,
        ),
        ({"kind": "patient", "must": [["no"], ["9"]], "reject": ["yes"]}, {"answer": "9 % is too high"}, False),
        ({"kind": "field", "must": [["yes"]]}, {"answer": "Yes."}, True),
        ({"kind": "unanswerable", "must": [], "lines": []}, {"answer": "", "status": "not_stated"}, True),
        ({"kind": "unanswerable", "must": [], "lines": []}, {"answer": "The record does not say."}, True),
        ({"kind": "unanswerable", "must": [], "lines": []}, {"answer": "Ten.", "status": "answered"}, False),
        ({"trial": None, "trials": ["NCT99000001"], "lines": {}}, {"answer": "It is NCT99000001."}, True),
        ({"trial": None, "trials": ["NCT99000001"], "lines": {}}, {"answer": "", "trials": ["NCT99000002"]}, False),
    ],
)
def test_answers_are_accepted_or_not(
    tmp_path: Path, changes: dict[str, Any], answer: dict[str, Any], right: bool
) -> None:
    gold = jsonl(tmp_path / "q.jsonl", [question(**changes)])
    found = jsonl(tmp_path / "a.jsonl", [{"id": "q"} | answer])
    assert value(report_on("qa", gold, found), "ALL", "correct") == right


def test_citations_by_lines_and_places(tmp_path: Path) -> None:
    gold = jsonl(tmp_path / "q.jsonl", [question(lines=[[3, 4], [9, 9]])])
    cited = [{"document": "NCT99000001", "lines": [4, 5]}]
    report = report_on("qa", gold, jsonl(tmp_path / "a.jsonl", [{"id": "q", "answer": "Adults", "citations": cited}]))
    found = [value(report, "ALL", f"citation {name}") for name in ("hit", "precision", "recall")]
    assert found == [1, 0.5, 0.5]


def test_confidence_makes_curves_and_a_failed_answer_is_unscored(tmp_path: Path) -> None:
    gold = jsonl(tmp_path / "q.jsonl", [question(id=i) for i in "abcd"])
    answers: list[dict[str, Any]] = [
        {"id": "a", "answer": "Adults", "confidence": 0.9},
        {"id": "b", "answer": "Nobody", "confidence": 0.2},
        {"id": "c", "answer": "no connection", "status": "failed"},
    ]
    report = report_on("qa", gold, jsonl(tmp_path / "a.jsonl", answers))
    curves = {c.kind: c.points for c in report.curves}
    assert curves == {"abstention": [(0.5, 1), (1, 0.5)], "calibration": [(0.55, 0.5)]}
    assert report.systems[0].unscored == {"the answer failed": 1, "no answer to the question": 1}


def test_two_systems_are_compared_on_what_both_have(tmp_path: Path) -> None:
    gold = read_task_gold("qa", jsonl(tmp_path / "q.jsonl", [question(id=i, trial=f"T{i}") for i in "abcd"]))
    right, wrong = {"answer": "Adults"}, {"answer": "Nobody"}
    entrants = []
    for name, answers in (("A", [right, right, wrong]), ("B", [wrong, right])):
        rows = [{"id": i} | answer for i, answer in zip("abcd", answers, strict=False)]
        entrants.append(Entrant(name, READ_PREDICTIONS["qa"](jsonl(tmp_path / f"{name}.jsonl", rows))))
    measure = evaluate(gold, entrants, draws=100).measure("ALL", "correct")
    assert measure is not None
    assert measure.against is not None
    assert measure.value == pytest.approx(2 / 3, abs=1e-6)
    assert (measure.against.other, measure.against.difference) == (0.5, 0.5)


def study() -> dict[str, Any]:
    return {"protocolSection": {"identificationModule": {"nctId": "NCT99000001"}}}


@pytest.mark.parametrize(
    ("task", "rows", "said"),
    [
        ("qa", [question(), question()], "row 2: q is already in"),
        ("qa", [question(lines=[[0, 3]])], "row 1: lines.list"),
        ("qa", [question(lines=[[4, 3]])], "the first line is after the last"),
        ("qa", [question(lines=[[1, 10**9]])], "no record has so many lines"),
        ("qa", [{"id": "q"}], "row 1: trial: Field required"),
        ("qa", [question(kind="\x1b[2J")], "row 1: kind"),
        ("retrieval", [{"id": "q", "lines": []}], "row 1: lines"),
        ("criteria", [{"text": "Age > 18"}], "is no gold for criteria"),
        ("criteria", [{"operator": ["LT"]}], "row 1: doc: Field required"),
        ("extraction", [{"study": {}}], "row 1: is no CT.gov v2 study"),
        (
            "extraction",
            [{"protocolSection": {"identificationModule": {"nctId": "NCT123"}}}],
            "'NCT123' is no NCT number",
        ),
        ("extraction", [study(), study()], "row 2: NCT99000001 is already in"),
        ("extraction", [study() | {"criteria": {"inclusion": "Adults"}}], "row 1: criteria are lists of texts"),
    ],
)
def test_bad_gold_is_refused_with_the_row(tmp_path: Path, task: Any, rows: list[Any], said: str) -> None:
    with pytest.raises(MalformedRecord, match=re.escape(said)):
        read_task_gold(task, jsonl(tmp_path / "gold.jsonl", rows))


@pytest.mark.parametrize("task", ["qa", "retrieval"])
def test_gold_lines_that_the_record_does_not_have_are_refused(tmp_path: Path, task: Any) -> None:
    (tmp_path / "NCT99000001.txt").write_text("one\ntwo\n", "utf-8")
    row = {"qa": question(), "retrieval": {"id": "q", "lines": [3], "document": "NCT99000001"}}[task]
    gold = read_task_gold(task, jsonl(tmp_path / "gold.jsonl", [row]))
    with pytest.raises(GoldRefused, match=r"(question|query) q: names line [34] of NCT99000001, which has 2"):
        evaluate(gold, [Entrant("it", {})], pages=tmp_path)


def archive(file: Path) -> Path:
    """An archive in NLI4CT's layout, of an invented trial."""
    record = {"Intervention": ["Drug", "  5 mg"], "Eligibility": ["Adults", "No asthma", "BMI < 30"], "Results": []}
    statement = {"Section_id": "Eligibility", "Statement": "Adults may join", "Primary_id": "NCT99000001"}
    content = {"dev.json": {"s1": statement | {"Primary_evidence_index": [0]}}, "ct/NCT99000001.json": record}
    with tarfile.open(file, "w:gz") as tar:
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(json.dumps(data))
            tar.addfile(info, io.BytesIO(json.dumps(data).encode()))
    return file


def test_an_nli4ct_archive_is_read_where_it_lies(tmp_path: Path) -> None:
    gold = read_task_gold("retrieval", archive(tmp_path / "nli4ct.tar.gz"))
    query = gold.content["s1/Primary"]
    lines = gold.pages["NCT99000001"].lines
    assert [lines[n - 1] for n in query.lines] == ["Adults"]
    assert [lines[n - 1] for n in query.section] == ["Adults", "BMI < 30"]
    assert query.sparse


def test_a_broken_archive_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.tar.gz"
    file.write_bytes(gzip.compress(b"no tar"))
    with pytest.raises(MalformedRecord, match="no NLI4CT"):
        read_task_gold("retrieval", file)


@pytest.mark.corpus
def test_criteria_figures_are_those_of_the_plain_scorer(corpus: Path, tmp_path: Path) -> None:
    folder = corpus / "data" / "criteria"
    lines, numeric = folder / "lct-lines-dev.jsonl.gz", folder / "lct-numeric-dev.jsonl.gz"
    rows = [json.loads(row) for row in gzip.decompress(lines.read_bytes()).splitlines()]
    for row in rows:
        row["constraints"] = [c.to_json() for c in parse(row["text"])]
    found = jsonl(tmp_path / "p.jsonl", rows)
    said = plain(corpus, "score_criteria.py", lines, numeric, found)
    report = report_on("criteria", numeric, found)
    for name, short in (("precision", "P"), ("recall", "R"), ("F1", "F1"), ("variable", "variable"), ("unit", "unit")):
        assert f"{short} {value(report, 'ALL', name):.3f}" in said


@pytest.mark.corpus
def test_retrieval_figures_are_those_of_the_plain_scorer(corpus: Path, tmp_path: Path) -> None:
    gold = read_task_gold("retrieval", corpus / "data" / "nli4ct" / "nli4ct-train-dev.tar.gz")
    rows, hits = [], []
    for query in list(gold.content.values())[::5]:
        rows.append(query.model_dump(mode="json"))
        lines = gold.pages[query.document].lines
        words = set(query.query.lower().split())
        ranked = sorted(range(1, len(lines) + 1), key=lambda n: -len(words & set(lines[n - 1].lower().split())))
        found = [{"document": query.document, "lines": [n, n], "score": 1.0} for n in ranked[:20]]
        hits.append({"id": query.id, "hits": found})
    files = jsonl(tmp_path / "gold.jsonl", rows), jsonl(tmp_path / "hits.jsonl", hits)
    said = plain(corpus, "score_retrieval.py", *files)
    report = report_on("retrieval", *files)
    for group, name in (("all", "ALL"), ("sparse", "sparse")):
        line = next(line for line in said.splitlines() if line.startswith(group))
        for figure, expected in re.findall(r"(\S+)=(0\.\d+)", line):
            assert f"{value(report, name, figure):.3f}" == expected


@pytest.mark.corpus
def test_question_figures_are_those_of_the_plain_scorer(corpus: Path, tmp_path: Path) -> None:
    questions = corpus / "data" / "qa" / "questions-dev.jsonl"
    rows = [json.loads(line) for line in questions.read_text("utf-8").splitlines()]
    answers = []
    for n, row in enumerate(rows):  # the gold's own answers, with errors of every kind strewn in
        lines = row["lines"].items() if isinstance(row["lines"], dict) else [(row["trial"], row["lines"])]
        cited = [{"document": t, "lines": [a, b + n % 3]} for t, ranges in lines for a, b in ranges[: 1 + n % 2]]
        answer = {"id": row["id"], "status": "answered", "answer": row["answer"], "citations": cited}
        answers.append(
            answer | ({"status": "not_stated"} if n % 11 == 0 else {}) | ({"answer": "No."} if n % 7 == 0 else {})
        )
    found = jsonl(tmp_path / "a.jsonl", answers)
    said = plain(corpus, "score_qa.py", questions, found)
    report = report_on("qa", questions, found)
    names = {"correct": "correct", "hit": "citation hit", "P": "citation precision", "R": "citation recall"}
    for line in said.splitlines()[:-1]:
        for figure, expected in re.findall(r"(\w+)=(\d\.\d+)", line):
            assert value(report, line.split()[0], names[figure]) == pytest.approx(float(expected), abs=5.1e-4)
