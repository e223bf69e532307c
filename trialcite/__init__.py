"""trialcite: clinical-trial records into structured studies and cited answers, every value proved by source lines.

    from trialcite import Library, extract

    extraction = extract("NCT99000001.txt")        a path, or the text of a record
    with Library(".trialcite") as library:
        library.add(["examples"])
        answer = library.ask("Who sponsors it?", trial="NCT99000001")

The names are handed on when they are first used (PEP 562), so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialcite.version import __version__

if TYPE_CHECKING:
    from extract.document import Document
    from extract.evidence import Evidence
    from extract.extraction import Criterion, Extraction, Finding
    from extract.study import Study
    from qa.answer import Answer, Citation, Claim
    from trialcite.api import Library, extract
    from trialcite.errors import TrialciteError

__all__ = [
    "Answer",
    "Citation",
    "Claim",
    "Criterion",
    "Document",
    "Evidence",
    "Extraction",
    "Finding",
    "Library",
    "Study",
    "TrialciteError",
    "__version__",
    "extract",
]

_HOMES = {
    "Answer": "qa.answer",
    "Citation": "qa.answer",
    "Claim": "qa.answer",
    "Criterion": "extract.extraction",
    "Document": "extract.document",
    "Evidence": "extract.evidence",
    "Extraction": "extract.extraction",
    "Finding": "extract.extraction",
    "Library": "trialcite.api",
    "Study": "extract.study",
    "TrialciteError": "trialcite.errors",
    "extract": "trialcite.api",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'trialcite' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
