"""References to what gives way become references to its heir."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livescripts._runtime import heap

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import ExitStack

__all__ = ["rebind"]


def rebind(
    heirs: Mapping[int, tuple[object, object]],
    holders: Iterable[object],
    undo: ExitStack,
    *,
    hidden: Iterable[object] = (),
) -> int:
    """Put the winner wherever one of the holders has the loser. Returns how often that was."""
    ours = set(map(id, hidden))
    return heap.rebind(
        [holder for holder in holders if id(holder) not in ours],
        {key: winner for key, (_, winner) in heirs.items()},
        undo,
    )
