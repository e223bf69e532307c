"""A label file filled in from an extraction, for a person to correct: see evaluation/gold.py."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import Any

from evaluation.fields import Field, fields
from evaluation.gold import SCHEMA
from evaluation.sources import shortened
from extract.extraction import Extraction
from extract.source import LineRange, Source

_HELP = """\
# Labels of {document}. Correct what the rules read, then run: trialcite gold check FILE
#
# - value: as the record says it; enumerations in CT.gov's words. lines: first and last line of each place, from 1.
# - The record does not say it: stated = false, without value and lines. It then must not be extracted.
# - You did not look: delete the [[value]]. It is then not scored.
# - annotator: who you are, so that agreement can be told.
"""
_ITEM = re.compile(r"/\d+(?=/|$)")
_COMMENTED = 100


def template(extraction: Extraction, source: Source) -> str:
    """The file's text. Each value is followed by its lines as a comment, so that nobody has to look them up."""
    document = extraction.document
    study = extraction.to_json()["study"]
    cited: dict[str, list[LineRange]] = defaultdict(list)
    for pointer, found in extraction.evidence.items():
        cited[_ITEM.sub("/*", pointer)] += [e.lines for e in found]
    head = {"schema": SCHEMA, "document": document.id, "path": document.path, "sha256": document.sha256}
    parts = [_HELP.format(document=document.id)]
    parts += [f"{key} = {toml(value)}" for key, value in head.items()]
    parts += ['annotator = ""', ""]
    for field in fields().values():
        parts += _label(field, field.value(study), sorted(set(cited[field.outcome])), source)
    return "\n".join(parts)


def _label(field: Field, value: Any, lines: list[LineRange], source: Source) -> list[str]:
    head = ["[[value]]", f"field = {toml(field.name)}"]
    if value is None:
        return [*head, "stated = false", ""]
    said = [f"# {n}: {shortened(source.line(n).strip(), _COMMENTED)}" for first, _ in lines[:3] for n in (first,)]
    return [*head, f"value = {toml(value)}", f"lines = {json.dumps(lines)}", *map(_one_line, said), ""]


def toml(value: Any) -> str:
    """A value in TOML. JSON's texts, numbers and lists are TOML's; a text of several lines keeps them."""
    if isinstance(value, str) and "\n" in value:
        return f'"""\n{_escaped(value)}"""'
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _escaped(text: str) -> str:
    """The text as it stands between triple quotes: backslashes, quotes and control characters escaped."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", lambda m: f"\\u{ord(m[0]):04x}", text)


def _one_line(comment: str) -> str:
    return re.sub(r"[\x00-\x08\x0a-\x1f\x7f]", " ", comment)
