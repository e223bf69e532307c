"""Arms: where one ends and the next begins, though nothing on the page says so. One row a difficulty."""

from __future__ import annotations

import pytest

from tests.extract.pages import DAMAGE, Damage, filled, page_with

Arm = tuple[str, str | None, str | None, list[str]]
"""Label, description, type, names of its interventions."""


def arms(study_groups: str, interventions: str | None, damage: Damage = str) -> list[Arm]:
    """The arms of a page with these two sections; a bar in the text stands for a blank line."""
    text = page_with(arms=_blocks(study_groups), interventions=_blocks(interventions) if interventions else None)
    module = filled(damage(text)).study["protocolSection"].get("armsInterventionsModule", {})
    return [
        (
            a["label"],
            _flat(a.get("description")),
            a.get("type"),
            [_flat(n) or "" for n in a.get("interventionNames", [])],
        )
        for a in module.get("armGroups", [])
    ]


def _blocks(text: str) -> str:
    return text.replace(" | ", "\n\n")


def _flat(text: str | None) -> str | None:
    return text and " / ".join(part.strip() for part in text.split("\n") if part.strip())


DRUGS = "Aspen | A bitter pill | Intervention Type DRUG | Birch | Intervention Type DRUG"

ROWS: dict[str, tuple[str, str | None, list[Arm]]] = {
    "one arm": (
        "Low | Group Type EXPERIMENTAL | Aspen | Intervention Type DRUG | A bitter pill",
        DRUGS,
        [("Low", None, "EXPERIMENTAL", ["Aspen"])],
    ),
    "an intervention's description is no label": (
        "Low | Small dose | Group Type EXPERIMENTAL | Aspen | Intervention Type DRUG | A bitter pill | "
        "High | Group Type OTHER | Aspen | Intervention Type DRUG | A bitter pill",
        DRUGS,
        [("Low", "Small dose", "EXPERIMENTAL", ["Aspen"]), ("High", None, "OTHER", ["Aspen"])],
    ),
    "nor is the label a description where the intervention has none": (
        "Low | Group Type EXPERIMENTAL | Birch | Intervention Type DRUG | High | Group Type OTHER",
        DRUGS,
        [("Low", None, "EXPERIMENTAL", ["Birch"]), ("High", None, "OTHER", [])],
    ),
    "descriptions of several paragraphs": (
        "Low | One. | Two. | Three. | Group Type EXPERIMENTAL | Oak | Intervention Type DEVICE | First. | Second. | "
        "High | Four. | Five. | Group Type OTHER",
        "Oak | First. | Second. | Intervention Type DEVICE",
        [("Low", "One. / Two. / Three.", "EXPERIMENTAL", ["Oak"]), ("High", "Four. / Five.", "OTHER", [])],
    ),
    "an arm named like a section": (
        "Interventions | Conditions | Group Type EXPERIMENTAL | Aspen | Intervention Type DRUG | A bitter pill",
        DRUGS,
        [("Interventions", "Conditions", "EXPERIMENTAL", ["Aspen"])],
    ),
    "an arm named like its intervention": (
        "Aspen | Aspen | Group Type EXPERIMENTAL | Aspen | Intervention Type DRUG | A bitter pill | "
        "Birch | Group Type OTHER | Birch | Intervention Type DRUG",
        DRUGS,
        [("Aspen", "Aspen", "EXPERIMENTAL", ["Aspen"]), ("Birch", None, "OTHER", ["Birch"])],
    ),
    "a label that ends like a sentence": (
        "low dose. | Group Type EXPERIMENTAL | Birch | Intervention Type DRUG | • high dose. | Big. | Group Type OTHER",
        DRUGS,
        [("low dose.", None, "EXPERIMENTAL", ["Birch"]), ("• high dose.", "Big.", "OTHER", [])],
    ),
    "one name, two descriptions": (
        "Low | Group Type EXPERIMENTAL | Elm | Intervention Type DRUG | One pill | High | Group Type EXPERIMENTAL | "
        "Elm | Intervention Type DRUG | Two pills | Taken daily | None | Group Type NO_INTERVENTION",
        "Elm | One pill | Intervention Type DRUG | Elm | Two pills | Taken daily | Intervention Type DRUG",
        [
            ("Low", None, "EXPERIMENTAL", ["Elm"]),
            ("High", None, "EXPERIMENTAL", ["Elm"]),
            ("None", None, "NO_INTERVENTION", []),
        ],
    ),
    "a name listed twice is named once": (
        "Low | Group Type EXPERIMENTAL | Elm | Intervention Type DRUG | One pill | Elm | Intervention Type DRUG | Two",
        "Elm | One pill | Intervention Type DRUG | Elm | Two | Intervention Type DRUG",
        [("Low", None, "EXPERIMENTAL", ["Elm"])],
    ),
    "words of other labels in a description": (
        "Nurse | Role: she calls | Phone: daily | Group Type OTHER | Birch | Intervention Type DRUG",
        DRUGS,
        [("Nurse", "Role: she calls / Phone: daily", "OTHER", ["Birch"])],
    ),
    "cohorts without types": (
        "Smokers | Adults who smoke ten a day | Aspen | Intervention Type DRUG | A bitter pill | "
        "Others | Adults who never smoked | Aspen | Intervention Type DRUG | A bitter pill",
        DRUGS,
        [
            ("Smokers", "Adults who smoke ten a day", None, ["Aspen"]),
            ("Others", "Adults who never smoked", None, ["Aspen"]),
        ],
    ),
    "cohorts with nothing but descriptions": (
        "Cases | People with warm feet in winter | Controls | People with cold feet in winter",
        None,
        [
            ("Cases", "People with warm feet in winter", None, []),
            ("Controls", "People with cold feet in winter", None, []),
        ],
    ),
    "cohorts with nothing but names": (
        "Cold feet | Warm feet | Cold hands | Warm hands | Healthy volunteers",
        None,
        [
            (name, None, None, [])
            for name in ("Cold feet", "Warm feet", "Cold hands", "Warm hands", "Healthy volunteers")
        ],
    ),
    "a control cohort without intervention": (
        "Exposed | People who work at night. | Birch | Intervention Type DRUG | Unexposed | People who work by day.",
        DRUGS,
        [("Exposed", "People who work at night.", None, ["Birch"]), ("Unexposed", "People who work by day.", None, [])],
    ),
}


@pytest.mark.parametrize("damage", [str, DAMAGE["blank lines lost"], DAMAGE["all at once"]], ids=["", "flat", "all"])
@pytest.mark.parametrize(("study_groups", "interventions", "expected"), ROWS.values(), ids=ROWS)
def test_arms_are_told_apart(study_groups: str, interventions: str | None, expected: list[Arm], damage: Damage) -> None:
    assert arms(study_groups, interventions, damage) == expected


def test_an_intervention_knows_its_arms() -> None:
    module = filled(page_with()).study["protocolSection"]["armsInterventionsModule"]
    labels = {i["name"]: i.get("armGroupLabels") for i in module["interventions"]}
    assert labels == {"Foot bath": ["Bath"], "Wool socks": ["Socks"], "Sleep diary": ["Bath", "Socks"]}


def test_of_one_name_the_description_tells_which_is_meant() -> None:
    groups, interventions, _ = ROWS["one name, two descriptions"]
    text = page_with(arms=_blocks(groups), interventions=_blocks(interventions or ""))
    module = filled(text).study["protocolSection"]["armsInterventionsModule"]
    assert [i["armGroupLabels"] for i in module["interventions"]] == [["Low"], ["High"]]


def test_a_description_that_differs_is_no_label_and_no_value() -> None:
    groups = "Low | Group Type EXPERIMENTAL | Aspen | Intervention Type DRUG | Said in quite other words, at length and with a full stop at the end of it, as descriptions are. | High | Group Type OTHER"  # noqa: E501 - one page
    assert [(a[0], a[1]) for a in arms(groups, DRUGS)] == [("Low", None), ("High", None)]


def test_without_its_section_an_intervention_is_still_the_arms_own() -> None:
    groups = "Low | Group Type EXPERIMENTAL | Aspen | Intervention Type DRUG | High | Group Type OTHER"
    assert arms(groups, None) == [("Low", None, "EXPERIMENTAL", ["Aspen"]), ("High", None, "OTHER", [])]
