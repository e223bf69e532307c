"""How often Python looks for cycles of objects that only hold each other."""

from __future__ import annotations

import atexit
import gc


def relax_collector() -> None:
    """Look less often: an extraction or an answer is many objects, and hardly any of them in a cycle.

    Left as it is, the search takes a twentieth of an extraction and finds nothing. What stands already, tables of words
    above all, is left out of it for good, and at the end everything is: the process takes it along. For programs that
    are ours alone, the command line and its workers.
    """
    atexit.register(gc.freeze)
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
