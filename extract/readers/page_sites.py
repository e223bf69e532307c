"""The sites of a page: a facility, a line "City, State, Country", a marked status; only the place is never missing.

Nothing but its end in a country tells a place from a facility, and a facility may end like a place too
("St. Anna Hospital, Vienna, Austria" above "Vienna, , Austria").
"""

from __future__ import annotations

from collections.abc import Sequence

from extract.readers.page_layout import layout
from extract.readers.page_lines import Line, Text
from extract.readers.page_records import Record, Records, marked

LONGEST_LIST_OF_COUNTRIES = 10_000
"""In characters. All the countries of the world take a third of it."""


def sites(body: Sequence[Line], countries: str) -> Records:
    """Every site; `countries` is the line of the countries section, one of which ends every place."""
    status = layout().markers["site_status"]
    is_place = _places(body, countries[:LONGEST_LIST_OF_COUNTRIES], status)
    records: list[Record] = []
    rest: list[Line] = []
    facility: list[Line] = []
    at = 0
    while at < len(body):
        line = body[at]
        if not is_place[at]:
            rest += facility
            facility = [line]
        else:
            if facility and facility[0].mark:
                rest.append(facility.pop())
            parts: dict[str, Text] = {"facility": facility[0]} if facility else {}
            parts["place"] = line
            group = [*facility, line]
            facility = []
            if at + 1 < len(body) and body[at + 1].mark == status:
                at += 1
                parts |= marked(body[at], "status")
                group.append(body[at])
            records.append(Record(parts, group))
        at += 1
    return Records(tuple(records), rest + facility)


def _places(body: Sequence[Line], countries: str, status: str) -> list[bool]:
    """Which lines are places: those above a status, and those that end like a place and are not a facility."""
    like = [_like_a_place(line, countries) for line in body] + [False]
    is_status = [line.mark == status for line in body] + [False]
    others = len(body) - sum(like) - sum(is_status)
    named = 3 * others >= sum(like)
    places: list[bool] = []
    for at, line in enumerate(body):
        place = like[at] or is_status[at + 1]
        if like[at] and like[at + 1]:
            opens_a_site = at == 0 or places[-1] or is_status[at - 1]
            place = not (opens_a_site and _is_facility_of(line.text, body[at + 1].text, named))
        places.append(place)
    return places


def _like_a_place(line: Line, countries: str) -> bool:
    text = line.text
    return line.mark is None and text.count(",") >= 2 and (not countries or text.rpartition(", ")[2] in countries)


def _is_facility_of(text: str, place: str, named: bool) -> bool:
    """Whether the words above a place are its facility: they end in its address or, where the page's sites have
    facilities, at least name its city after some other words."""
    if ", ," in text:
        return False
    address = ", " + place.replace(", ,", ",")
    city = place.partition(",")[0]
    return text.endswith(address) or (named and city in text and not text.startswith(city))
