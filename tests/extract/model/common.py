"""What the tests of model extraction share: invented records, citations of them, and a record completed by a stub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from extract.extraction import Extraction, Outcome
from extract.extractor import Extracted, extract
from extract.model.complete import Completed, Policy
from extract.model.run import ModelRun
from extract.readers import readings_of_text
from extract.reading import Reading
from extract.study import Study
from prompts.settings import ModelSettings
from tests.prompts.common import settings as client_settings
from tests.prompts.stub import Script, Stub, probed

# A layout that no rule knows, so that much of it is left open.
PROSE = """\
Heron River Hospital, research office

The study we call WADER compares marsh tea with plain water in people who sleep badly.
About 84 adults are to take part (men and women, from 21 to 66 years of age).
They are randomly assigned to one of two arms, and the trial is double-blinded.
It is a phase 2 trial in insomnia disorder and restless legs.
First participant was included on 14 March 2031; the study should be complete in June 2033.
Registered as NCT99000042. Money comes from the Reed Foundation.
Healthy volunteers are not accepted (see "rules (≥21)").
"""


def reading_of(text: str, path: str = "record.txt") -> Reading:
    """The one reading of a text."""
    (reading,) = readings_of_text(text, path=path)
    assert isinstance(reading, Reading)
    return reading


def extracted_of(text: str, path: str = "record.txt") -> Extracted:
    """A text, and what the rules read in it."""
    reading = reading_of(text, path)
    return Extracted(reading, extract(reading))


def unread(text: str, path: str = "record.txt") -> Extracted:
    """A text in which the rules found nothing: what a model does then must not hang on what rules can read."""
    extracted = extracted_of(text, path)
    document = extracted.extraction.document.model_copy(update={"id": Path(path).stem})
    outcomes: dict[str, Outcome] = dict.fromkeys(extracted.extraction.outcomes, "not_stated")
    return Extracted(extracted.reading, Extraction(document=document, study=Study(), outcomes=outcomes))


def cite(text: str, words: str, value: object = None, *, line: int | None = None) -> dict[str, Any]:
    """A true citation of words in a text; of another line, if one is given."""
    at = text.index(words)
    first = text.count("\n", 0, at) + 1
    last = first + words.count("\n")
    cited: dict[str, Any] = {"first_line": line or first, "last_line": line or last, "quote": words}
    return cited if value is None else {**cited, "value": value}


def passage(text: str, first_words: str, last_words: str) -> dict[str, Any]:
    """A true citation of a passage."""
    first, last = cite(text, first_words), cite(text, last_words)
    ends = {"first_words": first_words, "last_words": last_words}
    return {"first_line": first["first_line"], "last_line": last["last_line"], **ends}


def completed(
    item: Extracted | str, script: Script, policy: Policy = "fill", *, probes: bool = True, **changes: Any
) -> tuple[Completed, Stub]:
    """A record completed by a stub, and the stub."""
    extracted = unread(item) if isinstance(item, str) else item
    parts = {k: changes.pop(k) for k in ("store", "audit", "send") if k in changes}
    with Stub(probed(script) if probes else script) as stub:
        made: ModelSettings = client_settings(stub, **changes)
        with ModelRun(made, policy, **parts) as run:
            (done,) = run.complete([extracted])
    assert isinstance(done, Completed)
    return done, stub


def bytes_of(extraction: Extraction) -> bytes:
    """An extraction as it is written, without who made it."""
    data = extraction.model_copy(update={"run": Extraction.model_fields["run"].get_default(call_default_factory=True)})
    return data.to_bytes()


def example(name: str) -> Extracted:
    """One of the invented trials that ship with the project."""
    path = Path(__file__).resolve().parents[3] / "examples" / name
    return extracted_of(path.read_text(encoding="utf-8"), str(path))
