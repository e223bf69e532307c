"""Memo: what a function gave for an argument, remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Memo(dict[K, V]):
    """The values of a function by its argument: `memo[argument]` is `function(argument)`, made once.

    For what is asked for thousands of times a record, where functools.lru_cache is slow: it keeps the order of use,
    for which each look writes into four entries far apart in memory. Here a look is one look into a dict, and when
    there are `most` values all are forgotten, so that memory is bounded all the same.
    """

    def __init__(self, function: Callable[[K], V], most: int) -> None:
        super().__init__()
        self._function = function
        self._most = most

    def __missing__(self, argument: K) -> V:
        if len(self) >= self._most:
            self.clear()
        value = self[argument] = self._function(argument)
        return value
