"""What one criterion says of a described person: lets them in, keeps them out, or says nothing."""

from __future__ import annotations

from typing import Literal

import pytest

from extract.criteria import parse
from qa.entailment import judge
from qa.facts import person
from qa.record import Unit

Kind = Literal["inclusion", "exclusion"]


def verdict(text: str, kind: Kind, said: str) -> str | None:
    constraints = [c.to_json() for c in parse(text)]
    found = judge(Unit(1, text, (1, 1), kind, f"{kind}-1", constraints=constraints), person(said))
    return found.verdict if found else None


@pytest.mark.parametrize(
    ("text", "kind", "said", "expected"),
    [
        # Figures
        ("BMI < 23 kg/m2", "exclusion", "BMI of 22", "out"),
        ("Body weight of at most 90 kg", "inclusion", "47-year-old man, 95 kg", "out"),
        ("Height of at least 150 cm", "inclusion", "woman, 148 cm", "out"),
        # A unit in which nobody could have the value is a slip of the record.
        ("Severe anemia, hemoglobin < 8.5 mg/dL", "exclusion", "haemoglobin 8.1", "out"),
        ("Severe anemia, hemoglobin < 8.5 mg/dL", "exclusion", "hemoglobin 9.4 g/dL", "in"),
        ("HbA1c > 12.0", "exclusion", "A1c came back at 11.5", "in"),
        # What no figure can decide, words do not either.
        ("Pulse oxygen > 92% on room air", "inclusion", "oxygen saturation 90%", None),
        ("Lansky or Karnofsky score ≥ 50", "inclusion", "Lansky 40", "out"),
        ("Active cancer", "exclusion", "cancer, cured ten years ago", "in"),
        # A criterion for the severe does not speak of the mild.
        ("Moderate or severe dementia", "exclusion", "he has mild dementia", "in"),
        ("Moderate or severe dementia", "exclusion", "he has severe dementia", "out"),
        # A special cancer is not any cancer; a general word is.
        ("Head and neck squamous cell carcinoma", "exclusion", "she has brain metastases", None),
        ("Active malignancy", "exclusion", "she has breast cancer", "out"),
        ("Any eating disorder", "exclusion", "she was anorexic once", "out"),
        # Words for the person, or for taking part, are nothing that a criterion could be about.
        ("Pregnant or lactating women", "exclusion", "Is a 16-year-old girl eligible?", None),
        (
            "Participation in another trial in the 3 months before",
            "exclusion",
            "Can people with HIV participate?",
            None,
        ),
        ("Prior radiotherapy", "exclusion", "Is prior gene therapy allowed?", None),
        # What looks like an exception or a denial, and is none.
        (
            "Systemic infections, including but not limited to active hepatitis",
            "exclusion",
            "she has hepatitis B",
            "out",
        ),
        ("Cardiac disease, not only arrhythmia", "exclusion", "she has an arrhythmia", "out"),
        # A list of exceptions goes on behind its colon, each with its own time.
        (
            "Other cancers, with the following exceptions: (a) in remission 5 years; (b) skin cancer cured 1 year ago",
            "exclusion",
            "skin cancer cured two years ago",
            "in",
        ),
        # Serious disease of a kind is not any disease of it.
        ("Serious cardiovascular disease", "exclusion", "he has hypertension", None),
        ("Cardiovascular disease", "exclusion", "he has hypertension", "out"),
        ("Serious cardiovascular disease", "exclusion", "he has a serious cardiovascular disease", "out"),
        # Who gave it up does not do it any more.
        ("Active smoking", "exclusion", "a former smoker, quit eight years back", "in"),
        ("Contraindication to MRI", "exclusion", "she is not allowed in an MRI machine", "out"),
        ("Contraindication to MRI", "exclusion", "she had an MRI", "in"),
        ("Current use of immunosuppressants", "exclusion", "do I have to come off immunosuppressants?", "out"),
        # A general word tells something only where nothing else does.
        ("Concomitant medication", "exclusion", "takes clopidogrel daily, is that drug permitted", None),
        ("Any concomitant medication", "exclusion", "is medication allowed", "out"),
        # Multiples of the limit of normal, pressures in words, things counted by their name.
        ("Total bilirubin ≤ 1 x ULN", "inclusion", "bilirubin 1.4 x ULN", "out"),
        ("Total bilirubin > 2.5 x ULN", "exclusion", "bilirubin 1.4 x ULN", "in"),
        ("Systolic blood pressure > 140 mmHg", "exclusion", "blood pressure 150 over 85", "out"),
        ("Patients with 1 to 5 metastases in total", "inclusion", "six metastases on the PET", "out"),
        ("Man with erectile dysfunction", "inclusion", "a man with ED who never had any ED pill", "in"),
    ],
)
def test_a_criterion_and_a_person(text: str, kind: Kind, said: str, expected: str | None) -> None:
    assert verdict(text, kind, said) == expected


def test_an_exclusion_that_names_what_the_trial_is_for_does_not_keep_out_who_has_just_that() -> None:
    unit = Unit(1, "Complications of severe diabetes", (1, 1), "exclusion", "exclusion-1")
    child = person("a child with diabetes")
    assert judge(unit, child) is not None
    assert judge(unit, child, frozenset({"diabetes"})) is None
    severe = judge(unit, person("a child with severe diabetes"), frozenset({"diabetes"}))
    assert severe is not None
    assert severe.verdict == "out"
