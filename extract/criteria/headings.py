"""Headings of eligibility texts: where the inclusion criteria begin, where the exclusion criteria, and for whom.

A heading may fill its line, open it ("Exclusion Criteria: pregnancy") or end it, when a registry lost the line break
("… stable partner Exclusion Criteria:"). A mention inside a sentence ("does not meet the inclusion criteria") heads
nothing. The words are in headings.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

Kind = Literal["inclusion", "exclusion"]

_MAX_WORDS_BEFORE = 6
_MAX_WORDS_AFTER = 14
_MAX_LEAD = 400
_MAX_QUALIFIER = 200
_MAX_GROUP_WORDS = 8
_MAX_TITLE_WORDS = 5
_MAX_REMEMBERED = 60


@dataclass(frozen=True, slots=True)
class Heading:
    """`text[start:end]` is a heading. `kind` None leaves the kind as it is; `group` is whom or what part it is for.
    `own_line` says that the group came without a kind: it may stand over several kind headings."""

    start: int
    end: int
    kind: Kind | None
    group: str | None = None


def headings(text: str, *, marked: bool) -> Sequence[Heading]:
    """The kind headings in one line, in order. `marked` says that a list marker stands before `text`."""
    words = _words()
    lower = text.lower()
    if not any(map(lower.__contains__, words.ascii_gate if lower.isascii() else words.gate)):
        return ()
    return _line_headings(text, marked) if len(text) <= _MAX_REMEMBERED else _headings(text, marked)


def _headings(text: str, marked: bool) -> tuple[Heading, ...]:
    found: list[Heading] = []
    words, lower = _words(), text.lower()
    foreign = any(map(lower.__contains__, words.foreign))
    core = words.any_language if foreign else words.english
    for m in core.finditer(text) if foreign or any(map(lower.__contains__, words.nouns)) else ():
        begin = found[-1].end if found else 0
        if m.start() >= begin and (heading := _heading(text, begin, m, marked)):
            found.append(heading)
    if found:
        return tuple(found)
    bare = words.bare.fullmatch(text)
    if bare and not (marked and bare["before"]) and not _has(words.bare_before, bare["before"]):
        return (Heading(0, len(text), _kind(bare["kind"]), _group(bare["before"], bare["after"] or "")),)
    last = words.trailing.search(text)
    return (Heading(last.start("kind"), len(text), _kind(last["kind"])),) if last else ()


_line_headings = lru_cache(maxsize=1 << 12)(_headings)
"""Of lines short enough to be headings and no more: most records write theirs with the same few words."""


def lead(text: str) -> Kind | None:
    """The kind of the list that a sentence such as "Patients are excluded if any of the following apply:" opens."""
    if len(text) > _MAX_LEAD or not text.rstrip().endswith((":", "：", "criteria.", "following.", "criteria")):
        return None
    words = _words()
    if words.exclusion_lead.search(text):
        return "exclusion"
    return "inclusion" if words.inclusion_lead.search(text) else None


def group(text: str) -> str | None:
    """The group that a line names ("For caregivers:", "COHORT 2"), or None when the line reads as a criterion."""
    bare = text.strip()
    title = bare.rstrip(":： ").strip()
    words = title.split()
    colon = bare.endswith((":", "："))
    most = (_MAX_WORDS_AFTER if words[:1] == ["For"] else _MAX_GROUP_WORDS) if colon else _MAX_TITLE_WORDS
    if not 1 <= len(words) <= most or bare.endswith((".", ";", ",")) or re.search(r"[<>≥≤=]", bare):
        return None
    known = [w.lower() in _words().group for w in re.sub(r"\([^()]*\)", "", title).replace("/", " ").split()]
    if colon:
        return _strip_for(title) if any(known) else None
    numbered = bool(re.search(r"\b(?:\d+[a-z]?|[A-Z]|[IV]+)$", title))
    if all(known) or (any(known) and (title.isupper() or numbered)):
        return _strip_for(title) or None
    return None


def is_connective(text: str) -> bool:
    """Whether the words only join two paragraphs: "OR", "-- and"."""
    return text.strip(" -–—.:;,*&").lower() in _words().connective or not any(c.isalnum() for c in text)


@dataclass(frozen=True)
class _Words:
    gate: tuple[str, ...]
    ascii_gate: tuple[str, ...]
    english: re.Pattern[str]
    any_language: re.Pattern[str]
    bare: re.Pattern[str]
    nouns: tuple[str, ...]
    trailing: re.Pattern[str]
    exclusion_lead: re.Pattern[str]
    inclusion_lead: re.Pattern[str]
    foreign: dict[str, Kind]
    sentence: frozenset[str]
    before: frozenset[str]
    bare_before: frozenset[str]
    filler: frozenset[str]
    quantifier: frozenset[str]
    group: frozenset[str]
    connective: frozenset[str]


@cache
def _words() -> _Words:
    data: dict[str, Any] = tomllib.loads(Path(__file__).with_name("headings.toml").read_text("utf-8"))
    foreign: dict[str, Kind] = {w.lower(): kind for kind, listed in data["kinds"].items() for w in listed}
    kind, noun = r"(?:non[- ]?)?inclusions?|exclusions?|eligibility", _any(data["criteria"])
    sentence = frozenset(data["words"]["sentence"])
    before = sentence | frozenset(data["words"]["determiners"])
    gate = tuple(data["gate"])
    both = r"(?P<both>inclusion(?:\s+criteria)?\s*(?:/|&|\\&|and|or)\s*)?"
    english = rf"\b{both}(?P<kind>{kind})\s+{noun}\b"
    return _Words(
        gate=(*gate, *(w.lower() for w in foreign if not w.isascii())),
        ascii_gate=gate,
        english=re.compile(english, re.IGNORECASE),
        any_language=re.compile(rf"{english}|(?P<foreign>{_any(foreign)})", re.IGNORECASE),
        bare=re.compile(
            r"(?P<before>(?:[^\s:]+\s+){0,4})(?P<kind>inclusions?|exclusions?)(?P<after>\s+(?:for|of)\s+[^:]{1,60}(?=\s*[:：]))?\s*[:：]?\s*",
            re.IGNORECASE,
        ),
        nouns=tuple(n for n in data["criteria"] if not any(other in n for other in data["criteria"] if other != n)),
        trailing=re.compile(
            r"\s(?<![/&]\s)(?<!\bof\s)(?<!\bfor\s)(?<!\bfrom\s)(?<!\band\s)(?<!\bor\s)(?P<kind>Exclusions?|EXCLUSIONS?)\s*[:：]?\s*$"
        ),
        exclusion_lead=re.compile("|".join(data["leads"]["exclusion"]), re.IGNORECASE),
        inclusion_lead=re.compile("|".join(data["leads"]["inclusion"]), re.IGNORECASE),
        foreign=foreign,
        sentence=sentence,
        before=before,
        bare_before=before | {"of", "in", "at", "to", "from", "before", "after", "since", "prior", "previous", "for"},
        filler=frozenset(data["words"]["filler"]),
        quantifier=frozenset(data["words"]["quantifier"]),
        group=frozenset(data["words"]["group"]),
        connective=frozenset(data["words"]["connective"]),
    )


def _any(phrases: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(p) for p in sorted(phrases, key=len, reverse=True)) + ")"


def _kind(word: str) -> Kind:
    return "exclusion" if word.lower().startswith(("non", "exclusion")) else "inclusion"


def _heading(text: str, begin: int, m: re.Match[str], marked: bool) -> Heading | None:
    words = _words()
    kind = words.foreign[m[0].lower()] if m.lastgroup == "foreign" else _kind(m["both"] or m["kind"])
    before = text[begin : m.start()]
    after = _after(text, m.end(), opens=not before.strip())
    if after is None:
        return None
    end, qualifier = after
    plain = (
        len(before.split()) <= _MAX_WORDS_BEFORE
        and not _has(words.before, before)
        and not re.search(r"[/.;:,]\s*$", before)
    )
    if marked and before.strip():
        # "* Main inclusion criteria for adults:" is a heading, "* Stable relationship Exclusion Criteria:" ends in one.
        running_on = m[0].istitle() and any(w.islower() and w not in words.filler for w in before.split())
        plain = plain and not running_on and _ends_in_colon(text, end)
    if plain:
        return Heading(begin, end, kind, _group(before, qualifier))
    return _inside(text, begin, m, kind, end, qualifier)


def _inside(text: str, begin: int, m: re.Match[str], kind: Kind, end: int, qualifier: str) -> Heading | None:
    """A heading that follows a criterion on the same line: capitals, and no word before it that it belongs to."""
    before = text[begin : m.start()].rstrip()
    ended = before.endswith((".", ";", "。", "；"))
    title = m[0][0].isupper() and (m[0].isupper() or m[0].istitle())
    start = m.start()
    while (w := re.search(r"(?:^|(?<=\s))[A-Z][\w-]*\s*$", text[begin:start])) and w[
        0
    ].strip().lower() in _words().filler:
        start = begin + w.start()
    last = re.findall(r"[^\s,;.()]+", text[begin:start])[-1:]
    if before.endswith("/") or not (title or ended) or (not ended and _has(_words().bare_before, " ".join(last))):
        return None
    return Heading(start, end, kind, _group("", qualifier))


def _after(text: str, at: int, *, opens: bool) -> tuple[int, str] | None:
    """(where the heading ends, its qualifier) when what follows "inclusion criteria" lets it be one."""
    rest = text[at : at + _MAX_QUALIFIER]
    sentence = _words().sentence
    if m := _COLON.match(rest) or _END.match(rest):
        return at + m.end(), m[0]
    if rest[:1] not in (" ", "(", "\u00a0"):
        return None
    if m := _QUALIFIED.match(rest):
        said = re.sub(r"\([^()]*\)", "", m[0])
        if len(said.split()) <= _MAX_WORDS_AFTER and not _has(sentence, said):
            return at + m.end(), m[0]
    whole = len(text) - at <= len(rest) and not rest.rstrip().endswith((".", ";", ","))
    if whole and not _has(sentence, rest):
        few = len(rest.split()) <= 3 and rest.split()[0][0].isupper()
        if few or _FOR.match(rest):
            return len(text), rest
    return (at, "") if opens and _NEW_SENTENCE.match(rest) else None


_ASIDE = r"\s*(?:\([^()]{1,80}\)\s*)?"
_COLON = re.compile(_ASIDE + r"(?:include[sd]?\s*)?[:：]\s*-?")
_END = re.compile(r"\s*[-–—.]*" + _ASIDE + "$")
_QUALIFIED = re.compile(r"[^:：.;]{1,160}[:：]")
_FOR = re.compile(r"\s+(?:for|of|specific to|applicable to|related to|only for)\b")
_NEW_SENTENCE = re.compile(r"\s+[A-Z0-9(≥≤<>\\*•-]")


def _ends_in_colon(text: str, end: int) -> bool:
    return text[:end].rstrip(" -\t").endswith((":", "："))


def _has(vocabulary: frozenset[str], text: str) -> bool:
    return any(w.strip("(),.;:/#*\\").lower() in vocabulary for w in text.split())


def _group(before: str, after: str) -> str | None:
    parts = [_bare_group(before), _bare_group(after)]
    return " ".join(p for p in parts if p) or None


def _bare_group(text: str) -> str:
    """The words of a qualifier that name somebody or some part: "for Part 2 only:" is "Part 2"; "" when none does."""
    title = _strip_for(re.sub(r"<[^<>]*>", "", text))
    words = title.split()
    while words and words[0].strip("(),:/").lower() in _words().filler:
        words.pop(0)
    while words and words[-1].strip("(),:/").lower() in _words().filler:
        words.pop()
    return (
        " ".join(words) if any(_names(w) for w in words) and not _has(_words().sentence | {"following"}, title) else ""
    )


def _names(word: str) -> bool:
    bare = word.strip("(),:/")
    if bare.lower() in _words().filler or bare.lower() in _words().quantifier:
        return False
    return bool(re.search(r"[^\W\d]", bare)) and not re.fullmatch(r"[IVX\d.]+|[A-Z]\.\d+", bare)


def _strip_for(text: str) -> str:
    title = text.strip(" :：-–—.*\\\t")
    title = re.sub(
        r"^(?:only\s+)?(?:for|of|in|specific to|applicable to|related to)\s+(?:the\s+)?|\s+(?:only|specific)$",
        "",
        title,
        flags=re.IGNORECASE,
    )
    return title[1:-1].strip() if re.fullmatch(r"[(\[][^()\[\]]*[)\]]", title) else title.strip()
