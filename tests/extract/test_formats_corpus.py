"""Real records of other registries: all are read, and the legacy XML says what the API says of the same version."""

from __future__ import annotations

import gzip
import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extract.evidence import stands_at
from extract.extractor import Extracted, extracted
from extract.readers import readings
from extract.reading import Reading
from tests.extract.test_formats import leaves

pytestmark = pytest.mark.corpus

_ESCAPED = re.compile(r"\\([^\w\s])")
_MARKER = re.compile(r"(?m)^\s*(?:[*•-]|o|\(?\w{1,2}[.)])\s+")

# What the registry changed in its own lists since the XML was made; no sponsor edited these records meanwhile.
_CHANGED_BY_THE_REGISTRY = {
    ("NCT00931528", "/protocolSection/sponsorCollaboratorsModule/leadSponsor/class"),
    ("NCT00931528", "/protocolSection/contactsLocationsModule/overallOfficials/0/affiliation"),
    ("NCT03058094", "/protocolSection/contactsLocationsModule/locations/*/state"),  # "Beijing Municipality"
    ("NCT03150225", "/protocolSection/statusModule/overallStatus"),  # not verified for two years: unknown
}


@pytest.fixture(scope="session")
def legacy(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("xml")
    with tarfile.open(corpus / "data/ctgov/xml-dev.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def values(record: Any) -> dict[str, Any]:
    """The leaves of a record by pointer, without what Markdown adds to a text."""
    found: dict[str, Any] = {}
    for pointer in leaves(record):
        node = record
        for step in pointer.split("/")[1:]:
            node = node[int(step)] if isinstance(node, list) else node[step]
        found[pointer] = " ".join(_MARKER.sub("", _ESCAPED.sub(r"\1", node)).split()) if type(node) is str else node
    return found


def documents(paths: list[Path]) -> Iterator[Extracted]:
    for path in paths:
        for reading in readings(path):
            assert isinstance(reading, Reading), reading
            document = extracted(reading, evidence="all")
            assert isinstance(document, Extracted), document
            yield document


def assert_proved(document: Extracted) -> None:
    extraction = document.extraction
    assert set(leaves(extraction.to_json()["study"])) == set(extraction.evidence)
    for stated in extraction.evidence.values():
        assert all(stands_at(e.quote, e.lines, document.reading.source) for e in stated)


def test_every_legacy_record_is_read_and_proved(legacy: Path) -> None:
    found = list(documents(sorted(legacy.rglob("*.xml"))))
    assert len(found) == 198
    for document in found:
        assert_proved(document)
        assert "unreadable" not in document.extraction.outcomes.values()
        assert document.extraction.criteria


def test_legacy_records_equal_those_of_the_api_of_the_same_version(legacy: Path, corpus: Path) -> None:
    counts: Counter[str] = Counter()
    with gzip.open(corpus / "data/ctgov/studies-dev.jsonl.gz") as lines:
        for line in lines:
            study = json.loads(line)
            name = study["protocolSection"]["identificationModule"]["nctId"]
            path = next(legacy.rglob(f"{name}.xml"), None)
            if path is None:
                continue
            (reading,) = readings(path)
            assert isinstance(reading, Reading)
            assert reading.record
            old, new = (values({"protocolSection": r["protocolSection"]}) for r in (reading.record, study))
            updated = "/protocolSection/statusModule/lastUpdateSubmitDate"
            counts["same version" if old[updated] == new[updated] else "edited since"] += 1
            if old[updated] != new[updated]:
                continue
            different = {p for p, v in old.items() if v != new.get(p)}
            patterns = {(name, re.sub(r"/\d+(?=/|$)", "/*", p) if "/locations/" in p else p) for p in different}
            assert patterns <= _CHANGED_BY_THE_REGISTRY
            counts["equal"] += len(old) - len(different)
            counts["changed by the registry"] += len(different)
    assert counts["same version"] == 12
    assert counts["equal"] > 1000
    assert counts["changed by the registry"] == 9
