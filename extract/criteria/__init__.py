"""Eligibility criteria: eligibility text into criteria (split), a criterion into constraints (parse) and topics."""

from extract.criteria.parser import parse

__all__ = ["parse"]
