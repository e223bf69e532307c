"""Which predicted record stands for which gold record: the pairing with the greatest likeness in all.

The assignment problem by shortest augmenting paths (Jonker and Volgenant 1987). The tests hold it to scipy's, which
is no dependency of a program that otherwise has no use for it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def best_pairs(likeness: NDArray[np.float64]) -> list[tuple[int, int]]:
    """(row, column) pairs, by rows, that together have the greatest likeness; each row and column at most once."""
    rows, columns = likeness.shape
    if not rows or not columns:
        return []
    if rows > columns:
        return sorted((r, c) for c, r in best_pairs(likeness.T))
    cost = likeness.max() - likeness
    row_price, column_price = np.zeros(rows + 1), np.zeros(columns + 1)
    owner = np.full(columns + 1, rows)  # the row that has each column; `rows` is nobody, column `columns` is virtual
    for row in range(rows):
        _assign(row, cost, row_price, column_price, owner)
    return sorted((int(owner[c]), c) for c in range(columns) if owner[c] < rows)


def _assign(
    row: int,
    cost: NDArray[np.float64],
    row_price: NDArray[np.float64],
    column_price: NDArray[np.float64],
    owner: NDArray[np.int64],
) -> None:
    """Give `row` a column along the cheapest path, moving rows that had one where that is cheaper in all."""
    columns = cost.shape[1]
    owner[columns] = row
    shortest, came_from = np.full(columns, np.inf), np.full(columns, columns)
    visited = np.zeros(columns + 1, dtype=bool)
    column = columns
    while owner[column] < cost.shape[0]:
        visited[column] = True
        here = owner[column]
        reduced = cost[here] - row_price[here] - column_price[:columns]
        free = ~visited[:columns]
        closer = free & (reduced < shortest)
        shortest[closer], came_from[closer] = reduced[closer], column
        following = int(np.where(free, shortest, np.inf).argmin())
        step = shortest[following]
        row_price[owner[visited]] += step
        column_price[visited] -= step
        shortest[free] -= step
        column = following
    while column != columns:
        owner[column] = owner[came_from[column]]
        column = int(came_from[column])
    owner[columns] = cost.shape[0]
