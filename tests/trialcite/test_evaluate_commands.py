"""`trialcite evaluate` and `trialcite gold` as a shell sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.evaluation.test_other_tasks import archive
from tests.trialcite.run import trialcite


@pytest.fixture
def studies(examples: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Gold made of what the rules read, and predictions with one wrong value."""
    made = tmp_path / "studies.jsonl"
    assert trialcite("extract", *(examples / f"NCT9900000{n}.txt" for n in (1, 2, 3)), "-o", made, "-q").code == 0
    rows = [json.loads(line) for line in made.read_text("utf-8").splitlines()]
    gold = tmp_path / "gold.jsonl"
    gold.write_text("".join(json.dumps(row["study"]) + "\n" for row in rows), "utf-8")
    rows[0]["study"]["protocolSection"]["eligibilityModule"]["sex"] = "MALE"
    made.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return gold, made


def test_the_table_fits_a_terminal_and_names_what_is_wrong(
    studies: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = trialcite("evaluate", "extraction", *studies)
    assert result.code == 0
    compared = trialcite("evaluate", "extraction", *studies, "--against", studies[1])
    for table in (result.out, compared.out):
        assert max(map(len, table.partition(" more are")[0].splitlines())) <= 80
    assert "sex" in result.out
    assert "0.667" in result.out
    assert "studies: 3 scored" in result.out


def test_the_same_seed_writes_the_same_bytes(studies: tuple[Path, Path], tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.json", "b.json", "c.json", "a.html", "b.html")]
    for json_, html, seed in ((files[0], files[3], 1), (files[1], files[4], 1), (files[2], files[4], 2)):
        trialcite("evaluate", "extraction", *studies, "--json", json_, "--html", html, "--seed", seed)
        if json_ == files[1]:
            assert files[3].read_bytes() == files[4].read_bytes()
    assert files[0].read_bytes() == files[1].read_bytes()
    assert files[0].read_bytes() != files[2].read_bytes()


def test_a_report_names_its_inputs_by_hash(studies: tuple[Path, Path]) -> None:
    report = json.loads(trialcite("evaluate", "extraction", *studies, "--json", "-", "-q").out)
    assert report["schema"] == "trialcite-report/1"
    assert [i["role"] for i in report["inputs"]] == ["gold", "predictions"]
    assert all(len(i["sha256"]) == 64 for i in report["inputs"])


def test_a_system_is_run_and_set_against_predictions(studies: tuple[Path, Path], examples: Path) -> None:
    gold, made = studies
    result = trialcite(
        "evaluate", "extraction", gold, "--system", "rules", "--pages", examples, "--against", made, "--json", "-"
    )
    report = json.loads(result.out)
    assert [s["name"] for s in report["systems"]] == ["rules", "studies"]
    sex = next(m for m in report["measures"] if (m["group"], m["name"]) == ("sex", "accuracy"))
    assert (sex["value"], sex["against"]["other"]) == (1, pytest.approx(2 / 3, abs=1e-6))
    assert report["systems"][0]["unscored"] == {"predicted trials without gold": 3}


def test_the_search_is_run_on_an_archive_where_it_lies(tmp_path: Path) -> None:
    gold = archive(tmp_path / "nli4ct.tar.gz")
    report = json.loads(trialcite("evaluate", "retrieval", gold, "--system", "rules", "--json", "-").out)
    found = {(m["group"], m["name"]): m["value"] for m in report["measures"]}
    assert found["ALL", "R@5"] == found["sparse", "MRR"] == 1
    assert report["systems"][0]["seconds_total"] > 0


EXPECTED = """
[[set]]
name = "ours"
task = "extraction"
gold = "gold.jsonl"
unscored = 0
figures = [{{ group = "sex", name = "accuracy", value = {value}, tolerance = 0.01 }}]
"""


@pytest.mark.parametrize(("value", "code", "said"), [(0.67, 0, "OK "), (0.7, 1, "FAIL")])
def test_expected_figures_are_held_or_not(
    studies: tuple[Path, Path], tmp_path: Path, value: float, code: int, said: str
) -> None:
    expected = tmp_path / "expected.toml"
    expected.write_text(EXPECTED.format(value=value), "utf-8")
    result = trialcite("evaluate", "extraction", *studies, "--expect", expected)
    assert result.code == code
    assert f"{said} sex accuracy: 0.667" in " ".join(result.out.split()).replace("OK sex", "OK  sex")
    assert "OK unscored: 0" in " ".join(result.out.split())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["extraction", "{gold}"], 2, "give PREDICTIONS, or --system"),
        (["extraction", "{gold}", "{made}", "--system", "rules"], 2, "give PREDICTIONS, or --system"),
        (["extraction", "{gold}", "--system", "magic"], 2, "is no system"),
        (["extraction", "{gold}", "--system", "rules"], 2, "--pages PATH"),
        (["extraction", "{gold}", "--system", "rules:x"], 2, "rules have no model"),
        (["extraction", "nowhere", "{made}"], 3, "nowhere: No such file"),
        (["extraction", "{gold}", "{made}", "--expect", "{gold}"], 3, "expects nothing that can be read"),
        (["qa", "{gold}", "{made}"], 3, "row 1: id: Field required"),
    ],
)
def test_what_cannot_be_evaluated_is_said_in_one_line(
    studies: tuple[Path, Path], arguments: list[str], code: int, said: str
) -> None:
    gold, made = map(str, studies)
    result = trialcite("evaluate", *(a.format(gold=gold, made=made) for a in arguments))
    assert result.code == code
    assert said in result.err
    assert "Traceback" not in result.err


def test_models_are_compared_with_their_cost(studies: tuple[Path, Path], tmp_path: Path) -> None:
    gold, made = studies
    files = []
    for model, tokens in (("big", 1_000_000), ("small", 200_000)):
        rows = [json.loads(line) for line in made.read_text("utf-8").splitlines()]
        for row in rows:
            row["run"] |= {"model": model, "usage": {"calls": 1, "prompt_tokens": tokens, "completion_tokens": 1000}}
            row["seconds"] = 2.0
        files.append(tmp_path / f"{model}.jsonl")
        files[-1].write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    prices = tmp_path / "prices.toml"
    prices.write_text("[big]\ntokens_in = 1.0\ntokens_out = 4.0\n[small]\ntokens_in = 0.1\ntokens_out = 0.4\n", "utf-8")
    result = trialcite("evaluate", "extraction", gold, files[0], "--against", files[1], "--prices", prices)
    assert "big: 3 scored, 3,000,000 + 3,000 tokens, cost 3.0120, 6.0 s, median 2000 ms" in result.out
    assert "small: 3 scored, 600,000 + 3,000 tokens, cost 0.0612, 6.0 s" in result.out


def test_labels_are_made_checked_and_compared(examples: Path, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    record = examples / "NCT99000002.txt"
    for folder in (ours, theirs):
        assert trialcite("gold", "init", record, "-o", folder / "NCT99000002.toml").code == 0
    assert trialcite("gold", "check", ours).err == "1 label file, no faults\n"

    file = theirs / "NCT99000002.toml"
    file.write_text(file.read_text("utf-8").replace('field = "sex"', 'field = "six"'), "utf-8")
    refused = trialcite("gold", "check", theirs)
    assert refused.code == 1
    assert "(six): no field of that name" in refused.err
    assert trialcite("gold", "agree", ours, theirs).code == 1

    file.write_text(file.read_text("utf-8").replace('field = "six"', 'field = "sex"'), "utf-8")
    agreed = trialcite("gold", "agree", ours, theirs)
    assert agreed.code == 0
    assert "stated, kappa" in agreed.out
    assert trialcite("evaluate", "extraction", ours, "--system", "rules").code == 0


def test_one_trial_in_two_label_files_is_a_fault(examples: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        trialcite("gold", "init", examples / "NCT99000002.txt", "-o", tmp_path / f"{name}.toml")
    result = trialcite("gold", "check", tmp_path)
    assert result.code == 1
    assert "b.toml: document: NCT99000002 is already in" in result.err


@pytest.mark.parametrize("content", ["", "\x00\x01"])
def test_no_labels_are_made_of_what_is_no_record(tmp_path: Path, content: str) -> None:
    record = tmp_path / "x.txt"
    record.write_text(content, "utf-8")
    assert trialcite("gold", "init", record).code == 3
