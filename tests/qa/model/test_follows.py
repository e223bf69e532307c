"""Whether a claim says what its words say: sentence, words, and the reason why not."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.model.follows import Proof, fault

FIGURE = "a figure is not in the words cited for it"
BOUND = "the words do not bound it so"
DENIAL = "the words do not deny it"
DENIED = "the words deny it"
THING = "it speaks of what the words do not"
VERDICT = "the verdict is not borne out"

AGES = [Proof("18 Years", "18 Years", ["Age", "Minimum Age"]), Proof("70 Years", "70 Years", ["Age", "Maximum Age"])]


def proof(words: str, *labels: str, around: str = "", excludes: bool = False) -> list[Proof]:
    return [Proof(words, around or words, labels, excludes)]


@pytest.mark.parametrize(
    ("text", "proofs", "reason"),
    [
        # Figures and their units
        ("The dose is 5 mg twice a day.", proof("takes 5 mg twice a day"), None),
        ("The dose is 50 mg twice a day.", proof("takes 5 mg twice a day"), FIGURE),
        ("The dose is 5 g twice a day.", proof("takes 5 mg twice a day"), FIGURE),
        ("24 participants are planned.", proof("24 weeks of treatment"), FIGURE),
        ("The infusion lasts three hours.", proof("infused over 3 hours", "Infusion"), None),
        ("It enrolls 1,200 participants.", proof("1200 participants", "Enrollment"), None),
        # Bounds
        ("Participants must be 18 to 70 years old.", AGES, None),
        ("Participants must be over 70 years old.", AGES, BOUND),
        ("The body mass index must be between 20 and 30 kg/m2.", proof("20 ≤ BMI ≤ 30 kg/m2"), None),
        ("The body mass index must be at least 30 kg/m2.", proof("20 ≤ BMI ≤ 30 kg/m2"), BOUND),
        ("HbA1c must be above 10 %.", proof("glycated hemoglobin 7.5% to 10%"), BOUND),
        ("Platelets must be above 100 x 10^9/L.", proof("platelets < 100 x 10^9/L", excludes=True), BOUND),
        # Denial
        ("Pregnant women are excluded.", proof("Pregnant or nursing women", excludes=True), None),
        ("Pregnant women may take part.", proof("Pregnant or nursing women", excludes=True), DENIED),
        ("Asthma is excluded.", proof("Asthma for 2 years"), DENIAL),
        ("The trial is recruiting.", proof("recruiting", around="not yet recruiting"), DENIED),
        ("The trial is not recruiting.", proof("recruiting"), DENIAL),
        ("Nobody is blinded.", proof("NONE", "Blinded"), None),
        # Things
        ("Semaglutide is given weekly.", proof("insulin glargine is given weekly"), THING),
        ("Heart attacks are excluded.", proof("prior myocardial infarction", excludes=True), None),
        ("The sponsor is a university.", proof("Heron Foundation", "Sponsor"), THING),
        ("", proof("anything"), None),
        # Verdicts
        ("Yes, it is taken twice a day.", proof("takes 5 mg twice a day"), VERDICT),
        ("No. Pregnant women are excluded.", proof("Pregnant or nursing women", excludes=True), VERDICT),
        ("No changes in asthma treatment are allowed.", proof("no changes in asthma treatment are allowed"), None),
    ],
)
def test_what_follows(text: str, proofs: list[Proof], reason: str | None) -> None:
    assert fault(text, proofs) == reason


def test_a_verdict_holds_that_is_the_rules() -> None:
    proofs = proof("Pregnant or nursing women", excludes=True)
    assert fault("No. Pregnant women are excluded.", proofs, verdict="no") is None
    assert fault("Yes. Pregnant women are excluded.", proofs, verdict="no") == VERDICT


@pytest.mark.parametrize("said", ["5 mg", "7 mg", "5 kg", "50 mg", "five mg"])
@pytest.mark.parametrize("word", ["", "not ", "without "])
def test_of_all_rewordings_only_the_true_one_holds(said: str, word: str) -> None:
    true = said in ("5 mg", "five mg") and not word
    assert (fault(f"Brelocort is {word}given at {said}.", proof("brelocort is given at 5 mg")) is None) == true


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_judged(text: str, words: str) -> None:
    assert fault(text, proof(words)) is None or isinstance(fault(text, proof(words)), str)


@given(st.sampled_from(["takes 5 mg a day", "HbA1c of at most 9 %", "No prior stroke", "within 3 months of surgery"]))
def test_a_quote_follows_from_itself(words: str) -> None:
    assert fault(words, proof(words)) is None


@pytest.mark.parametrize("key", ["denials", "telling", "verdicts"])
def test_tables_hold_each_word_once(key: str) -> None:
    words = tomllib.loads(files("qa.model").joinpath("follows.toml").read_text(encoding="utf-8"))[key]
    assert words
    assert len(words) == len(set(words))
    assert all(w == w.strip().lower() for w in words)
