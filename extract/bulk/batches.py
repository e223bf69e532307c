"""Inputs in batches: what one worker takes at a time, and what the journal counts as done or not.

Where a batch ends depends on the inputs alone, never on who works on them, so a run that goes on finds the batches of
the run that was cut off. The fingerprint of a batch is that of its inputs' names and bytes: a batch of which anything
has changed since is not the batch that was done.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice

from extract.bulk.units import Skipped, Unit
from extract.readers.json_records import RawMember
from trialcite.errors import InputError

MOST_UNITS = 64
MOST_BYTES = 2 << 20


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs that follow each other. `number` counts batches, `first` the inputs, both from 0."""

    number: int
    first: int
    units: tuple[Unit, ...]
    fingerprint: str


def batches(units: Iterable[Unit]) -> Iterator[Batch]:
    """The inputs in batches of at most MOST_UNITS, or of one input more than MOST_BYTES."""
    number = first = size = 0
    held: list[Unit] = []
    for unit in units:
        held.append(unit)
        size += _size(unit)
        if len(held) == MOST_UNITS or size >= MOST_BYTES:
            yield _batch(number, first, held)
            number, first, size, held = number + 1, first + len(held), 0, []
    if held:
        yield _batch(number, first, held)


def first_of(units: Iterable[Unit], limit: int) -> Iterator[Unit]:
    """The first `limit` inputs."""
    return islice(units, limit)


def sample_of(units: Iterable[Unit], size: int, seed: int, total: int) -> Iterator[Unit]:
    """`size` of the `total` inputs by chance, in their order; the same for the same seed."""
    chosen = frozenset(
        random.Random(seed).sample(  # noqa: S311 - no secret
            range(total), min(size, total)
        )
    )
    return (unit for k, unit in enumerate(units) if k in chosen)


def _batch(number: int, first: int, units: list[Unit]) -> Batch:
    digest = blake2b(digest_size=16)
    for unit in units:
        for piece in _pieces(unit):
            digest.update(len(piece).to_bytes(8, "little"))
            digest.update(piece)
    return Batch(number, first, tuple(units), digest.hexdigest())


def _pieces(unit: Unit) -> Iterator[bytes]:
    yield unit.where.encode(errors="surrogateescape")
    match unit.content:
        case bytes(data):
            yield data
        case RawMember(place, data):
            yield (place or "").encode()
            yield data
        case InputError() | Skipped() as other:
            yield str(other).encode(errors="surrogateescape")


def _size(unit: Unit) -> int:
    match unit.content:
        case bytes(data) | RawMember(_, data):
            return len(data)
        case _:
            return 0
