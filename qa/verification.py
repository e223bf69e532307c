"""The check that every claim passes before it leaves: its quotes stand at their lines, of the very bytes cited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from extract.evidence import stands_at
from extract.source import Source
from qa.answer import Citation, Claim, Removed


def verified(claims: Iterable[Claim], sources: Mapping[str, Source]) -> tuple[list[Claim], list[Removed]]:
    """The claims whose citations all hold, and those that were taken out, each with the reason. A claim without a
    citation is taken out too."""
    kept: list[Claim] = []
    removed: list[Removed] = []
    for claim in claims:
        reason = fault(claim, sources)
        if reason is None:
            kept.append(claim)
        else:
            removed.append(Removed(text=claim.text, reason=reason))
    return kept, removed


def fault(claim: Claim, sources: Mapping[str, Source]) -> str | None:
    """Why a claim is not proved; None when it is."""
    if not claim.citations:
        return "no lines of a record prove it"
    return next((reason for c in claim.citations if (reason := _fault(c, sources))), None)


def _fault(citation: Citation, sources: Mapping[str, Source]) -> str | None:
    source = sources.get(citation.document)
    if source is None:
        return f"no record {citation.document} was read for it"
    if source.sha256 != citation.sha256:
        return f"the record {citation.document} has changed since"
    if not stands_at(citation.quote, citation.lines, source):
        return f"the quote does not stand at {source.path}:{citation.lines[0]}-{citation.lines[1]}"
    return None
