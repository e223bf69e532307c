"""Memo: what a function gave for an argument, remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")

_LONGEST = 200
"""Characters."""


class Memo(dict[K, V]):
    """The values of a function by its argument: `memo[argument]` is `function(argument)`, made once.

    For what is asked for thousands of times a record, where functools.lru_cache is slow: it keeps the order of use,
    for which each look writes into four entries far apart in memory. Here a look is one look into a dict. When that
    has `most` values it begins anew, and takes over from the one before what is still asked for, so that memory is
    bounded all the same. Long texts, which hardly come again, are not remembered.
    """

    def __init__(self, function: Callable[[K], V], most: int) -> None:
        super().__init__()
        self._function = function
        self._most = most
        self._before: dict[K, V] = {}

    def __missing__(self, argument: K) -> V:
        before = self._before  # another thread may begin anew meanwhile
        value = before[argument] if argument in before else self._function(argument)
        if isinstance(argument, str) and len(argument) > _LONGEST:
            return value
        if len(self) >= self._most:
            self._before = dict(self)
            self.clear()
        self[argument] = value
        return value
