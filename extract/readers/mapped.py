"""The reading of a record that a table maps: the study's reading text, then what only the source says.

A value that is the source's own words is cited where the study's reading text has them. A value that was converted (a
code, a date, an age) is cited at the source's own words, which stand below under "Source Fields" beside everything
that the table has no place for. So no citation shows words that the source does not have, and nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from extract.evidence import fold
from extract.readers.mapping import Format, Mapped, mapped
from extract.readers.mapping_values import marked_up
from extract.readers.nodes import Node, leaves
from extract.readers.reading_text import reading_text
from extract.readers.reading_text_values import key_in_words, lines_of
from extract.reading import Passage, Reading
from extract.source import LineRange, Source
from trialcite.errors import InputError, MalformedRecord

SOURCE_FIELDS = "Source Fields"

_WORD = re.compile(r"\w+")
_LONG = 40
"""Characters from which on the same words are the same text, said twice in a record."""

_PLAIN = frozenset({"textblock"})


def read(node: Node, form: Format, *, path: str, member: str | None, sha256: str) -> Reading | InputError:
    """The reading of one record, or an error when nothing of a study is in it."""
    try:
        found = mapped(node, form)
    except MalformedRecord as e:
        return MalformedRecord(e.message, where=path)
    if not found.record:
        at = f" at {member}" if member else ""
        return MalformedRecord(f"{form.title}, but nothing of a study in it{at}", where=path)
    return MappedReading(node, form, found, path=path, member=member, sha256=sha256)


class MappedReading(Reading):
    """Its text, passages and places are made when they are first asked for. `unreadable` are patterns of pointers."""

    name: str | None
    unreadable: frozenset[str]
    _made: tuple[Node, Format, Mapped]
    _hashed: tuple[str, str]

    def __init__(self, node: Node, form: Format, found: Mapped, *, path: str, member: str | None, sha256: str) -> None:
        # The dataclass is frozen, and its own __init__ would want the text now.
        self.__dict__.update(
            record=found.record,
            member=member,
            name=found.id,
            unreadable=frozenset(found.unreadable),
            _made=(node, form, found),
            _hashed=(path, sha256),
        )

    @cached_property
    def source(self) -> Source:
        path, sha256 = self._hashed
        return Source(path=path, format=self._made[1].name, sha256=sha256, text=self._said.text)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        return tuple(self._said.passages)

    @cached_property
    def places(self) -> Mapping[str, LineRange]:
        return self._said.places

    def locator(self, pointer: str) -> str | None:
        """Where in the file the value at a pointer stands: an XPath, a JSON pointer, a row's column."""
        stated = self._made[2].stated.get(pointer)
        return " | ".join(dict.fromkeys(n.locator for n in stated.nodes)) if stated else pointer

    @cached_property
    def _said(self) -> _Said:
        return _Said(*self._made)


class _Said:
    """The whole reading text: that of the study, and the source's fields below it."""

    def __init__(self, node: Node, form: Format, found: Mapped) -> None:
        study = reading_text(found.record)
        self._lines = study.text.split("\n")
        self.passages = [*study.passages]
        self.places = dict(study.places)
        self._begun = False
        self._study_ends = len(self._lines)
        whole = {stated.words for stated in found.stated.values()}
        own: dict[str, set[str]] = {}
        converted: dict[str, list[str]] = {}
        for pointer, stated in found.stated.items():
            is_own = self._says(pointer, stated.words)
            for said in stated.nodes:
                if is_own:
                    own.setdefault(said.locator, set()).update(_words(stated.words))
                else:
                    converted.setdefault(said.locator, []).append(pointer)
        for path in leaves(node):
            leaf = path[-1]
            names = {above.name for above in path}
            if names & form.skipped:
                continue
            if leaf.locator not in converted:
                text = fold(marked_up(leaf.text) if "<" in leaf.text or "&" in leaf.text else leaf.text)
                is_said = _words(text) <= own.get(leaf.locator, set()) or (text in whole and len(text) > _LONG)
                if is_said or (form.told and not names & form.told):
                    continue
            lines = self._write(path)
            for pointer in converted.get(leaf.locator, ()):
                self._place(pointer, lines)

    @property
    def text(self) -> str:
        return "\n".join(self._lines)

    def _says(self, pointer: str, words: str) -> bool:
        """Whether the study's own text has the words where it says the value, but for case."""
        first, last = self.places[pointer]
        return words.casefold() in fold(" ".join(self._lines[first - 1 : last])).casefold()

    def _place(self, pointer: str, lines: LineRange) -> None:
        """Cite these lines for a value, together with those right above that say it as well."""
        first, last = self.places[pointer]
        is_more = last + 1 == lines[0] and first > self._study_ends
        self.places[pointer] = (first, lines[1]) if is_more else lines

    def _write(self, path: tuple[Node, ...]) -> LineRange:
        """Say a field of the source, and tell its lines."""
        if not self._begun:
            self._lines += ["", SOURCE_FIELDS] if self._lines != [""] else [SOURCE_FIELDS]
            self._begun = True
        named = [node.label or key_in_words(node.name.removeprefix("@")) for node in path if node.name not in _PLAIN]
        label = named[-1] if path[-1].label else ", ".join(named)
        first, *rest = [line for line in lines_of(path[-1].text.replace("\x0b", " ")) if line.strip()]
        said = [f"{label[:1].upper()}{label[1:]}: {fold(first)}", *(line.strip() for line in rest)]
        begins = len(self._lines) + 1
        self._lines += said
        lines = (begins, len(self._lines))
        self.passages.append(Passage(SOURCE_FIELDS, lines, label))
        return lines


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))
