"""Answers about where a trial runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from qa.answer import Claim
from qa.answers.claims import FieldQuestion, citations
from qa.answers.selecting import selected
from qa.asked import Asked
from qa.asking import says
from qa.facets import mentions
from qa.geography import Place, place_in
from qa.record import Record, Value
from qa.wording import coded, counted, listed, lower, plain, sentence

_LOCATIONS = "/protocolSection/contactsLocationsModule/locations/*"
_MOST = 12


def sites(q: FieldQuestion) -> list[Claim]:
    """The sites asked for; many are counted by country, with the first ones named."""
    every = q.record.values(_LOCATIONS)
    place = place_in(q.asked.question)
    there = _at(place, every) if place else []
    if place and every and not there:
        return _elsewhere(q, place, every)
    chosen = _of_status(there or selected(every, q.asked, _words_of_site), q.asked)
    if not chosen:
        return []
    claims = _listed(q, chosen, every)
    counted_ones = any(m.facet.field == "sites" for m in mentions(q.asked.words))  # "just one centre in Leeds?"
    if place and q.asked.plan.yes_no and not counted_ones:
        claims[0] = Claim(text=f"Yes. {claims[0].text}", citations=claims[0].citations)
    return claims


def none_there(q: FieldQuestion) -> list[Claim]:
    """That no site is where the question surely names a place: a country, or what it asks to run in. Nothing where one
    is, or the record has no sites."""
    place, every = place_in(q.asked.question), q.record.values(_LOCATIONS)
    if place is None or not (place.known or says("located", q.asked.words)):
        return []
    return _elsewhere(q, place, every) if every and not _at(place, every) else []


def _at(place: Place, every: Sequence[Value]) -> list[Value]:
    return [v for v in every if place.holds(_address(v.value))]


def _elsewhere(q: FieldQuestion, place: Place, every: Sequence[Value]) -> list[Claim]:
    """That no site is at the place, proven by where all are: their cities if these are few, else countries."""
    keys: tuple[str, ...] = ("city", "country")
    if len({_part(v, keys) for v in every}) > _FEW:
        keys = ("country",)
    first = {words: v for v in reversed(every) if (words := _part(v, keys))}
    where = listed([plain(words) for words in reversed(first)])
    count = counted(len(every), "site")
    lead = "No" if q.asked.plan.yes_no else "None"
    where_not = f"outside {place.name}" if place.outside else f"in {place.name}"
    text = f"{lead}. No site {where_not} is listed; the record's {count} "
    text += f"{'are' if len(every) > 1 else 'is'} {f'in {where}' if where else 'elsewhere'}."
    proofs = (f"{v.pointer}/{key}" for v in reversed(first.values() if first else every[:1]) for key in keys)
    return [Claim(text=text, citations=citations(q.record, proofs))]


_FEW = 3
"""Up to so many cities are named."""


def _part(v: Value, keys: Sequence[str]) -> str:
    return ", ".join(str(v.value[key]) for key in keys if v.value.get(key))


def _listed(q: FieldQuestion, chosen: Sequence[Value], every: Sequence[Value]) -> list[Claim]:
    """Sites with their number, by country where there are several."""
    claims = [_site(q.record, v) for v in chosen[:_MOST]]
    if len(chosen) == 1 and len(every) == 1:
        return claims
    by_country = Counter(v.value.get("country", "no country named") for v in chosen)
    count = counted(len(chosen), "site")
    shares = f" ({listed([f'{n} in {c}' for c, n in by_country.most_common()])})" if len(by_country) > 1 else ""
    more = f" The first {len(claims)}:" if len(chosen) > len(claims) else ""
    first = claims[0]
    claims[0] = Claim(text=f"{count}{shares}.{more} {first.text}", citations=first.citations)
    return claims


def _of_status(found: Sequence[Value], asked: Asked) -> list[Value]:
    """Those of the status that the question names; all where it names none, or no site tells its own."""
    named = next((m for m in mentions(asked.words) if m.facet.field == "status"), None)
    if named is None or not any(v.value.get("status") for v in found):
        return list(found)
    return [v for v in found if (v.value.get("status") in named.facet.values) != named.negated]


def named(q: FieldQuestion) -> list[Claim]:
    """The sites that the question names, with their own status."""
    return [_site(q.record, v) for v in meant(q.record, q.asked)[:_MOST]]


def meant(record: Record, asked: Asked) -> list[Value]:
    """The sites that the question names, where it names some and not all, and their status is told."""
    every = record.values(_LOCATIONS)
    chosen = selected(every, asked, _words_of_site)
    return chosen if len(chosen) < len(every) and all(v.value.get("status") for v in chosen) else []


def _address(site: Mapping[str, Any]) -> list[str]:
    return [site[k] for k in ("facility", "city", "state", "country") if site.get(k)]


def _words_of_site(site: Mapping[str, Any]) -> str:
    return " ".join([*_address(site), site.get("status") or ""])


def _site(record: Record, v: Value) -> Claim:
    keys = [k for k in ("facility", "city", "state", "country") if v.value.get(k)]
    words = ", ".join(dict.fromkeys(plain(v.value[k]) for k in keys))
    if v.value.get("status"):
        words += f" ({lower(coded(f'{v.pointer}/status', v.value['status']))})"
    return Claim(text=sentence(words), citations=citations(record, (f"{v.pointer}/{k}" for k in keys)))


def countries(q: FieldQuestion) -> list[Claim]:
    """Every country once: at the line that lists them where there is one, else where each first stands. One that the
    question names is answered with its sites."""
    if place_in(q.asked.question) and (claims := sites(q)):
        return claims
    first: dict[str, Value] = {}
    for v in q.field.values(q.record):
        first.setdefault(str(v.value), v)
    if not first:
        return []
    names = listed(list(first))
    text = f"{counted(len(first), 'country', 'countries')}: {names}." if len(first) > 1 else f"{names}."
    together = next((u for u in q.record.units if u.context == "Countries" and all(c in u.text for c in first)), None)
    if together:
        return [Claim(text=text, citations=[q.record.citation(together.lines, together.text)])]
    return [Claim(text=text, citations=citations(q.record, (v.pointer for v in first.values())))]
