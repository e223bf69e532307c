"""The mapping engine: a record of a registry's own shape into a study of ours, by a table.

A table (formats/*.toml) has the shape of the study that it fills. What stands at a key says where the value is:

    briefTitle = "brief_title"                              the words of that element, read as the field's kind
    date = { from = "start_date", as = "date" }             read as that kind (mapping_values)
    sex = { from = "gender", words = { Both = "ALL" } }     codes of this registry's own wordings
    minimumAge = { from = "minimum_age", none = ["N/A"] }   words that say there is no such value
    phases = { items = "phase", split = "/" }               a list: each element, or each part of one
    phases = { codes = "phase" }                            a list: every code that an element lists ("Phase II/III")
    armGroups = { each = "arm_group", label = "…" }         a list of objects; paths are from each element
    name = { from = ".", find = "^Drug: (.*)" }             the group of a pattern, in an element's words
    role = { is = "CONTACT", of = "last_name" }             what elements say by being there …
    sex = { is = "ALL", of = ["f21", "f22"], when = { f21 = "^Yes", f22 = "^Yes" } }    … or by what they all say
    phases = { all = [{ is = "PHASE1", … }, …] }            a list of those values that there are
    eligibilityCriteria = { joined = [["", "incl"], …] }    several elements under headings, one text
    when = { type = "^Public" }  (in an each)               only elements whose words match

In place of one way to a value there may be a list of them, and of paths: the first that gives one counts. Every value
keeps the element that says it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from extract.evidence import fold
from extract.readers import mapping_values
from extract.readers.nodes import Node
from extract.rules.fields import field_at
from extract.rules.values import Value, codes_of
from trialcite.errors import MalformedRecord

_SECTIONS = ("protocolSection", "resultsSection", "documentSection", "derivedSection", "hasResults")
_LONGEST_SEARCHED = 5_000
"""Characters of the texts in which a pattern is looked for: what tables look for stands in labels and short lists."""

_MOST_PARTS = 10_000
Spec = str | Sequence[Any] | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Format:
    """One registry's shape.

    `roots` and `records` are names of XML elements; `keys` are columns of a CSV header, `signs` words near the
    beginning of a JSON file, all of which must be there.

    `ids` are paths to the registry's own number, which begins with `id_prefix`. Below elements named in `skipped`
    nothing is said of the trial; where `told` is given, only below those is there more to say than the study has.
    `within` is an element whose children count as the record's own.
    """

    name: str
    title: str
    roots: frozenset[str]
    records: frozenset[str]
    keys: frozenset[str]
    signs: tuple[bytes, ...]
    ids: tuple[str, ...]
    id_prefix: str
    skipped: frozenset[str]
    told: frozenset[str]
    within: str | None
    study: Mapping[str, Spec]


@dataclass(frozen=True, slots=True)
class Stated:
    """Who says a value: the elements, first to last, and the words there, white space folded."""

    nodes: tuple[Node, ...]
    words: str


@dataclass
class Mapped:
    """A record, mapped: the study as a plain v2 record, the element of every leaf, and what could not be read."""

    id: str | None
    record: dict[str, Any]
    stated: dict[str, Stated] = field(default_factory=dict)
    unreadable: dict[str, Node] = field(default_factory=dict)


@cache
def formats() -> tuple[Format, ...]:
    """Every format that is read by a table, in the order of their file names."""
    folder = files("extract.readers").joinpath("formats")
    tables = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(_format(tomllib.loads(f.read_text(encoding="utf-8"))) for f in tables)


def format_named(name: str) -> Format:
    """The format of that name. StopIteration when there is none."""
    return next(form for form in formats() if form.name == name)


def _format(table: Mapping[str, Any]) -> Format:
    return Format(
        name=table["format"],
        title=table["title"],
        roots=frozenset(table.get("roots", ())),
        records=frozenset(table.get("records", ())),
        keys=frozenset(table.get("keys", ())),
        signs=tuple(sign.encode() for sign in table.get("signs", ())),
        ids=tuple(table["ids"]),
        id_prefix=table.get("id_prefix", ""),
        skipped=frozenset(table.get("skipped", ())),
        told=frozenset(table.get("told", ())),
        within=table.get("within"),
        study={key: table[key] for key in _SECTIONS if key in table},
    )


def mapped(node: Node, form: Format) -> Mapped:
    """Map one record. Raises MalformedRecord for a list of more items than any can have."""
    if form.within:
        for inner in list(node.find(form.within)):
            node.children += inner.children
            inner.children = []
    number = next((fold(n.text) for path in form.ids if (n := node.first(path))), None)
    if number and not number.startswith(form.id_prefix):
        number = form.id_prefix + number
    result = Mapped(number, {})
    record = _Mapper(result).object(form.study, node, "", "")
    result.record = record if isinstance(record, dict) else {}
    return result


class _Mapper:
    """Walks a table beside a record. `pointer` is where a value goes, `pattern` the same with "*" for list items."""

    def __init__(self, result: Mapped) -> None:
        self._result = result

    def object(self, spec: Mapping[str, Spec], node: Node, pointer: str, pattern: str) -> dict[str, Any] | None:
        made = {
            key: value
            for key, below in spec.items()
            if (value := self._value(below, node, f"{pointer}/{key}", f"{pattern}/{key}")) is not None
        }
        return made or None

    def _value(self, spec: Spec, node: Node, pointer: str, pattern: str) -> Any:
        if isinstance(spec, str):
            return self._leaf({"from": spec}, node, pointer, pattern)
        if not isinstance(spec, Mapping):
            values = (self._value(one, node, pointer, pattern) for one in spec)
            return next((value for value in values if value is not None), None)
        if "from" in spec:
            return self._leaf(spec, node, pointer, pattern)
        if "items" in spec:
            return self._items(spec, node, pointer, pattern)
        if "codes" in spec:
            return self._codes(spec, node, pointer, pattern)
        if "each" in spec:
            return self._each(spec, node, pointer, pattern)
        if "is" in spec:
            return self._is(spec, node, pointer)
        if "all" in spec:
            return self._all(spec, node, pointer, pattern)
        if "joined" in spec:
            return self._joined(spec, node, pointer)
        return self.object(spec, node, pointer, pattern)

    def _leaf(self, spec: Mapping[str, Any], node: Node, pointer: str, pattern: str) -> Value | None:
        for path in _paths(spec["from"]):
            for said in node.find(path):
                words = _found(said.text, spec.get("find"))
                if words and fold(words) not in spec.get("none", ()):
                    return self._read(spec, said, words, pointer, pattern)
        return None

    def _read(self, spec: Mapping[str, Any], said: Node, words: str, pointer: str, pattern: str) -> Value | None:
        value: Value | None = spec.get("words", {}).get(fold(words))
        if value is None:
            value = mapping_values.read(spec.get("as"), pattern, words)
        if value is None:
            self._result.unreadable[pattern] = said
        else:
            self._result.stated[pointer] = Stated((said,), _as_text(value, words, spec))
        return value

    def _items(self, spec: Mapping[str, Any], node: Node, pointer: str, pattern: str) -> list[Value] | None:
        values: list[Value] = []
        for path in _paths(spec["items"]):
            for said in node.find(path):
                for part in _split(said, spec.get("split")):
                    words = _found(part.text, spec.get("find"))
                    if not words or fold(words) in spec.get("none", ()):
                        continue
                    value = self._read(spec, said, words, f"{pointer}/{len(values)}", f"{pattern}/*")
                    values += [] if value is None else [value]
            if values:
                break
        return values or None

    def _codes(self, spec: Mapping[str, Any], node: Node, pointer: str, pattern: str) -> list[Value] | None:
        values: list[Value] = []
        for said in node.find(spec["codes"]):
            words = fold(said.text)
            if not words or words in spec.get("none", ()):
                continue
            found = codes_of(field_at(f"{pattern}/*"), words)
            if not found:
                self._result.unreadable[f"{pattern}/*"] = said
            for code, part in found:
                self._result.stated[f"{pointer}/{len(values)}"] = Stated((said,), part)
                values.append(code)
        return values or None

    def _each(self, spec: Mapping[str, Any], node: Node, pointer: str, pattern: str) -> list[Any] | None:
        made: list[Any] = []
        fields = {key: below for key, below in spec.items() if key not in ("each", "when", "split")}
        for path in _paths(spec["each"]):
            for item in node.find(path):
                if all(_says(item, path, words) for path, words in spec.get("when", {}).items()):
                    for part in _split(item, spec.get("split")):
                        found = self.object(fields, part, f"{pointer}/{len(made)}", f"{pattern}/*")
                        made += [found] if found else []
        return made or None

    def _is(self, spec: Mapping[str, Any], node: Node, pointer: str) -> Value | None:
        said = tuple(found for path in _paths(spec["of"]) if (found := node.first(path)))
        if not said or not all(_says(node, path, words) for path, words in spec.get("when", {}).items()):
            return None
        self._result.stated[pointer] = Stated(said, fold(" ".join(n.text for n in said)))
        value: Value = spec["is"]
        return value

    def _all(self, spec: Mapping[str, Any], node: Node, pointer: str, pattern: str) -> list[Value] | None:
        values: list[Value] = []
        for one in spec["all"]:
            value = self._value(one, node, f"{pointer}/{len(values)}", f"{pattern}/*")
            values += [] if value is None else [value]
        return values or None

    def _joined(self, spec: Mapping[str, Any], node: Node, pointer: str) -> str | None:
        """Several elements as one text, each under its heading unless its own first words are one."""
        texts: list[str] = []
        said: list[Node] = []
        for heading, path in spec["joined"]:
            parts = [part for part in node.find(path) if part.has_words]
            text = "\n\n".join(str(mapping_values.read(spec.get("as", "wrapped"), "", p.text) or "") for p in parts)
            if text.strip():
                is_headed = fold(text).casefold().startswith(heading.casefold().rstrip(":"))
                texts.append(text if is_headed or not heading else f"{heading}\n\n{text}")
                said += parts
        if not texts:
            return None
        self._result.stated[pointer] = Stated(tuple(said), fold("\n\n".join(texts)))
        return "\n\n".join(texts)


def _paths(paths: str | Sequence[str]) -> Sequence[str]:
    return (paths,) if isinstance(paths, str) else paths


def _says(node: Node, path: str, pattern: str) -> bool:
    return any(re.search(pattern, fold(n.text)) for n in node.find(path))


def _found(words: str, pattern: str | None) -> str:
    """The words, or the part of them that a pattern's group holds; empty when it does not match."""
    if pattern is None:
        return words if words.strip() else ""
    m = re.search(pattern, words) if len(words) <= _LONGEST_SEARCHED else None
    return m[1].strip() if m and m[1] else ""


def _split(node: Node, separator: str | None) -> Iterator[Node]:
    """The node, or one for each part of its words; a part stands where the whole stands."""
    if separator is None:
        yield node
        return
    parts = re.split(separator, node.text, maxsplit=_MOST_PARTS)
    if len(parts) > _MOST_PARTS:
        raise MalformedRecord(f"a list of more than {_MOST_PARTS:,} at {node.locator}")
    for words in parts:
        if words.strip():
            yield Node(node.name, node.locator, words.strip())


def _as_text(value: Value, words: str, spec: Mapping[str, Any]) -> str:
    """The words without the markup that a text was freed of."""
    return fold(str(value) if spec.get("as") in ("wrapped", "html") else words)
