"""Sites: the line "City, State, Country" of each, where all three may hold commas and the state may be empty.

The page lists its countries once, in the order of their first site, a space between: "Korea, Republic of Taiwan". So
the country of a site is the end of its line that was met before, or that the list goes on with.
"""

from __future__ import annotations

import re

from extract.readers.page import PageReading
from extract.readers.page_lines import Text
from extract.readers.page_sites import LONGEST_LIST_OF_COUNTRIES
from extract.rules.draft import Draft

_LOCATIONS = "/protocolSection/contactsLocationsModule/locations"

# Names that registries write last word first: "Korea, Republic of", "Madrid, Comunidad De", "Valenciana, Comunitat".
_INVERTED = re.compile(r".* (?:of|de|the)|the|Province of China|Comunitat|Occupied", re.IGNORECASE)
_MOST_COMMAS_IN_A_COUNTRY = 2


def fill(page: PageReading, draft: Draft) -> None:
    """Every site of the page."""
    listed = page.fields.get("countries")
    countries = _Countries(listed.text if listed else "")
    for record in page.records.get("sites", ()):
        part, line = record.parts.get, record.parts["place"]
        city, state, country = countries.place(line.text)
        draft.read_parts(
            draft.next_item(_LOCATIONS),
            {
                "facility": part("facility"),
                "status": part("status"),
                "city": _on(line, city),
                "state": _on(line, state),
                "country": _on(line, country),
            },
        )


def _on(line: Text, part: str) -> Text | None:
    """A part of a line, where the line has it."""
    return Text(line.lines, part) if part else None


class _Countries:
    """The countries of a page: those met so far, and what the list goes on with."""

    def __init__(self, listed: str) -> None:
        self.met: set[str] = set()
        self.ahead = listed[:LONGEST_LIST_OF_COUNTRIES]

    def place(self, line: str) -> tuple[str, str, str]:
        """City, state and country of a site's line; "" where it leaves one empty."""
        rest, country = self._country(line)
        city, _, state = rest.rpartition(", ")
        if ", " in city and _INVERTED.fullmatch(state):
            city, _, first = city.rpartition(", ")
            state = f"{first}, {state}"
        return city.strip(), state.strip(" ,"), country

    def _country(self, line: str) -> tuple[str, str]:
        """What stands before the country, and the country."""
        before, _, country = line.rpartition(", ")
        if country in self.met:
            return before, country
        pieces = line.split(", ")
        for count in range(min(len(pieces), _MOST_COMMAS_IN_A_COUNTRY + 1), 0, -1):
            country = ", ".join(pieces[-count:])
            if country in self.met or self._goes_on_with(country):
                return ", ".join(pieces[:-count]), country
        count = 2 if len(pieces) > 3 and _INVERTED.fullmatch(pieces[-1]) else 1
        return ", ".join(pieces[:-count]), ", ".join(pieces[-count:])

    def _goes_on_with(self, country: str) -> bool:
        if not country or not f"{self.ahead} ".startswith(f"{country} "):
            return False
        self.met.add(country)
        self.ahead = self.ahead[len(country) + 1 :]
        return True
