"""Sites: facility, city, state and country out of lines where each may hold commas and two may be missing."""

from __future__ import annotations

import pytest

from tests.extract.pages import DAMAGE, Damage, filled, page_with

Site = tuple[str | None, str | None, str | None, str | None]
"""Facility, city, state, country."""


def sites(locations: str, countries: str | None, damage: Damage = str) -> list[Site]:
    text = page_with(sites=locations.replace(" | ", "\n\n"), countries=countries)
    module = filled(damage(text)).study["protocolSection"]["contactsLocationsModule"]
    found = module.get("locations", [])
    return [(site.get("facility"), site.get("city"), site.get("state"), site.get("country")) for site in found]


@pytest.mark.parametrize("damage", [str, DAMAGE["all at once"]], ids=["", "all at once"])
@pytest.mark.parametrize(
    ("locations", "countries", "expected"),
    [
        ("Nowhere, , China", "China", [(None, "Nowhere", None, "China")]),
        ("Nowhere, Ohio, United States", "United States", [(None, "Nowhere", "Ohio", "United States")]),
        ("Old Mill, Nowhere, , France", "France", [(None, "Old Mill, Nowhere", None, "France")]),
        (
            "Old Mill, Nowhere, Ohio, United States",
            "United States",
            [(None, "Old Mill, Nowhere", "Ohio", "United States")],
        ),
        ("Here, Madrid, Comunidad De, Spain", "Spain", [(None, "Here", "Madrid, Comunidad De", "Spain")]),
        ("Nowhere, , Korea, Republic of", "Korea, Republic of", [(None, "Nowhere", None, "Korea, Republic of")]),
        ("Nowhere, , Korea, Republic of", None, [(None, "Nowhere", None, "Korea, Republic of")]),
        (
            "Nowhere, , Congo, The Democratic Republic of the | Old Mill, , Niger",
            "Congo, The Democratic Republic of the Niger",
            [
                (None, "Nowhere", None, "Congo, The Democratic Republic of the"),
                (None, "Old Mill", None, "Niger"),
            ],
        ),
        (
            "Here, Taiwan, Province of China, Taiwan",
            "Taiwan",
            [(None, "Here", "Taiwan, Province of China", "Taiwan")],
        ),
        ("Mill Clinic | Nowhere, , China", "China", [("Mill Clinic", "Nowhere", None, "China")]),
        (
            "Mill Clinic, Nowhere, China | Nowhere, , China",
            "China",
            [("Mill Clinic, Nowhere, China", "Nowhere", None, "China")],
        ),
        (
            "Aparte de Nowhere, Ohio, United States | Nowhere, Ohio, United States",
            "United States",
            [
                (None, "Aparte de Nowhere", "Ohio", "United States"),
                (None, "Nowhere", "Ohio", "United States"),
            ],
        ),
        (
            "Nowhere, Ohio, United States | Nowhere, Ohio, United States",
            "United States",
            [(None, "Nowhere", "Ohio", "United States")] * 2,
        ),
        (
            "Mill Clinic | Here, , Peru | House of Health, Ward Nowhere, Peru | Nowhere, North, Peru",
            "Peru",
            [
                ("Mill Clinic", "Here", None, "Peru"),
                ("House of Health, Ward Nowhere, Peru", "Nowhere", "North", "Peru"),
            ],
        ),
        (
            "Mill Clinic | Here, , Peru | Site Status RECRUITING | There, , Peru | Site Status COMPLETED",
            "Peru",
            [("Mill Clinic", "Here", None, "Peru"), (None, "There", None, "Peru")],
        ),
        (", , Peru", "Peru", [(None, None, None, "Peru")]),
    ],
)
def test_sites(locations: str, countries: str | None, expected: list[Site], damage: Damage) -> None:
    assert sites(locations, countries, damage) == expected
