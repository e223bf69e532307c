"""XML records out of a stream, as they arrive, and nothing that XML can do to harm.

Entities of a document's own and external references are refused (defusedxml), so are elements nested deeper than a
record's can be, and records larger than one can be. Only one record is held at a time: an export of any length is
read in constant memory. XML is not resumed behind a fault: what follows a break cannot be told.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

from extract.readers.nodes import MAX_DEPTH, MAX_NODES, Node
from extract.source import MAX_RECORD_BYTES
from trialcite.errors import InputError, MalformedRecord, UnreadableInput

_CHUNK = 1 << 16
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml\b|!DOCTYPE\b|!--|[A-Za-z_])", re.IGNORECASE)
_BEFORE_ROOT = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^<>\[]*>)", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"\s*<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
_NAMESPACE = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class XmlRecord:
    """One record's element, where it stood ("Trial[3]"; None for a file that is this record), and its SHA-256:
    that of the file for a file of one record, else of the record's own words and places."""

    member: str | None
    node: Node
    sha256: str


@dataclass(frozen=True, slots=True)
class _Taken:
    """A record's element and its step, before it is known whether there are others."""

    step: str
    node: Node

    def one_of_many(self) -> XmlRecord:
        return XmlRecord(self.step, self.node, _hashed(self.node))


def begins_xml(head: bytes) -> bool:
    """Whether the first bytes of a file could be those of XML."""
    return bool(_BEGINS.match(head))


def root_of(head: bytes) -> str | None:
    """The name of the document's element, when the first bytes reach as far as it."""
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = head.decode(encoding, errors="replace")
    at = 0
    while m := _BEFORE_ROOT.match(text, at):
        at = m.end()
    root = _ROOT.match(text, at)
    return root[1] if root else None


def records(stream: BinaryIO, *, names: frozenset[str], where: str) -> Iterator[XmlRecord | InputError]:
    """Every element of one of the names, in order. A fault of the XML is the last thing that comes."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    builder = _Builder(names, where)
    parser = DefusedXMLParser(target=builder, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    whole = hashlib.sha256()
    held: _Taken | None = None
    try:
        while chunk := stream.read(_CHUNK):
            whole.update(chunk)
            builder.fed += len(chunk)
            parser.feed(chunk)
            for record in builder.taken():
                if held is not None:
                    yield held.one_of_many()
                held = record
        parser.close()
    except DefusedXmlException as e:
        if held is not None:
            yield held.one_of_many()
        yield MalformedRecord(f"XML that declares entities or refers outside itself ({type(e).__name__})", where=where)
        return
    except ParseError as e:
        if held is not None:
            yield held.one_of_many()
        yield MalformedRecord(f"broken XML: {e}", where=where)
        return
    except InputError as e:
        if held is not None:
            yield held.one_of_many()
        yield e
        return
    if held is None:
        yield MalformedRecord("XML, but no record in it", where=where)
    else:
        yield held.one_of_many() if builder.count > 1 else XmlRecord(None, held.node, whole.hexdigest())


class _Builder:
    """The target of the parser: builds the record at hand, drops everything else."""

    def __init__(self, names: frozenset[str], where: str) -> None:
        self.count = 0
        self.fed = 0
        self._names, self._where = names, where
        self._done: list[_Taken] = []
        self._open: list[Node] = []
        self._seen: list[Counter[str]] = [Counter()]
        self._steps: list[str] = []
        self._began = 0
        self._nodes = 0
        self._pieces: list[list[str]] = []

    def taken(self) -> list[_Taken]:
        """The records that were finished since this was last asked."""
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _NAMESPACE.sub("", tag)
        if len(self._steps) >= MAX_DEPTH:
            raise MalformedRecord(f"XML nested more than {MAX_DEPTH} deep", where=self._where)
        self._seen[-1][name] += 1
        self._steps.append(f"{name}[{self._seen[-1][name]}]")
        self._seen.append(Counter())
        if not self._open and name not in self._names:
            return
        if not self._open:
            self._began, self._nodes = self.fed, 0
        self._nodes += 1 + len(attributes)
        if self._nodes > MAX_NODES:
            raise UnreadableInput(f"an XML record of more than {MAX_NODES:,} elements", where=self._where)
        locator = "/" + "/".join(self._steps)
        node = Node(name, locator, parent=self._open[-1] if self._open else None)
        node.children = [Node(f"@{k}", f"{locator}/@{k}", v) for k, v in attributes.items() if "{" not in k]
        if self._open:
            self._open[-1].children.append(node)
        self._open.append(node)
        self._pieces.append([])

    def data(self, text: str) -> None:
        if not self._open:
            return
        if self.fed - self._began > MAX_RECORD_BYTES:
            limit = f"a record has at most {MAX_RECORD_BYTES >> 20} MB"
            raise UnreadableInput("an XML record larger than a record can be", where=self._where, hint=limit)
        self._pieces[-1].append(text)

    def end(self, _tag: str) -> None:
        step = self._steps.pop()
        self._seen.pop()
        if not self._open:
            return
        node = self._open.pop()
        node.text = "".join(self._pieces.pop())
        if not self._open:
            self.count += 1
            self._done.append(_Taken(step, node))

    def close(self) -> None:
        return None


def _hashed(node: Node) -> str:
    """A digest of every name and word of a record, in its order."""
    digest = hashlib.sha256()
    pending = [node]
    while pending:
        at = pending.pop()
        digest.update(f"{at.name}\0{at.text}\0{len(at.children)}\0".encode(errors="surrogatepass"))
        pending += reversed(at.children)
    return digest.hexdigest()
