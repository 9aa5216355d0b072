"""What takes the place of what, and what a container holds after that.

# Things are told apart by identity alone; a thing that a script made may answer anything to `==`.
# Nothing here changes a container: the new contents are worked out first, and are None where that fails.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from types import MethodType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Replacements", "renewed_items", "renewed_members", "shape"]

_ATOMS = frozenset(map(id, (str, bytes, int, float, complex, bool)))
_DEPTH = 10  # nobody nests handlers deeper


class Replacements:
    """Losers and their winners.

    A thing may be its own heir: it was changed in place, so whoever holds it has to look at it anew (its hash may be
    another one, or it may be the double of what is there already).
    """

    __slots__ = ("_former", "_found", "_ids")

    def __init__(self, heirs: Mapping[int, tuple[object, object]]) -> None:
        self._found = dict(heirs)
        self._ids = self._found.keys()
        self._former: dict[int, object] = {}

    def __contains__(self, thing: object) -> bool:
        return id(thing) in self._found

    def add(self, loser: object, winner: object) -> None:
        """From now on `winner` stands for `loser`. Both are kept alive, so that no identity is used again."""
        self._found[id(loser)] = (loser, winner)

    def touch(self, thing: object, before: object) -> None:
        """`thing` is its own heir; `before` is the `shape` that it had."""
        self._found.setdefault(id(thing), (thing, thing))
        self._former.setdefault(id(thing), before)

    def former_shape(self, thing: object) -> object:
        """The shape of a thing before anything was replaced in it."""
        return self._former[id(thing)] if id(thing) in self._former else shape(thing)

    def of(self, thing: object) -> Any:
        """The winner; or `thing` itself, if it is no loser. A winner may have lost in a later round."""
        found = self._found.get(id(thing))
        while found is not None and found[1] is not thing:
            thing = found[1]
            found = self._found.get(id(thing))
        return thing

    def any_in(self, things: Iterable[object]) -> bool:
        """Whether one of `things` is a loser."""
        return not self._ids.isdisjoint(map(id, things))

    def pairs(self) -> list[tuple[object, object]]:
        """All (loser, winner)."""
        return list(self._found.values())


def renewed_members(members: Sequence[object], heirs: Replacements) -> list[object] | None:
    """A list's members with winners for losers, and no doubles; None when it holds no loser.

    Where a script has registered its new handler beside its old one, the two become one entry. Of entries that have
    become the same, as many stay as there were of the most frequent one, at the first places. Entries which were the
    same before stay as many as they are, and so does what has nothing to do with a loser.
    """
    if not heirs.any_in(members):
        return None
    renewed: list[object] = [heirs.of(member) for member in members]
    kinds = {type(after) for before, after in zip(members, renewed, strict=True) if before in heirs}
    shapes = [shape(after) if type(after) in kinds else None for after in renewed]
    counts: dict[object, Counter[object]] = {
        after: Counter() for before, after in zip(members, shapes, strict=True) if before in heirs
    }
    for before, after in zip(members, shapes, strict=True):
        if after in counts:
            counts[after][heirs.former_shape(before)] += 1
    places = {after: max(count.values()) for after, count in counts.items()}
    has_gaps = any(member is None for member in members)  # places rather than entries: what follows stays in its own
    result: list[object] = []
    for member, after in zip(renewed, shapes, strict=True):
        if after in places:
            places[after] -= 1
            if places[after] < 0:
                if has_gaps:
                    result.append(None)
                continue
        result.append(member)
    return result


def shape(thing: Any, depth: int = 0) -> object:
    """Equal for things that stand for the same: bound methods, partials and tuples are compared by what they hold."""
    kind = cast("type[Any]", type(thing))
    if id(kind) in _ATOMS:
        # A text may be a new object each time that a script is executed.
        return kind, thing
    if depth < _DEPTH:
        if kind is MethodType:
            return kind, id(thing.__self__), id(thing.__func__)
        if kind is partial:
            parts = (thing.func, *thing.args, *(part for item in thing.keywords.items() for part in item))
            return kind, len(thing.args), *(shape(part, depth + 1) for part in parts)
        if issubclass(kind, tuple):
            return id(cast("object", kind)), *(shape(part, depth + 1) for part in tuple[Any, ...].__iter__(thing))
    return id(thing)


def renewed_items(items: Sequence[tuple[object, object]], heirs: Replacements) -> dict[Any, Any] | None:
    """The items of a dict (or the members of a set, as keys) with winners for losers among keys and values.

    Where a loser and its winner are both there as keys, the first place and the later value stay: it is the later one
    that a script registered when it was executed again. None when a key cannot be hashed any more, or when others than
    losers and winners would become one.
    """
    renewed: dict[Any, Any] = {}
    try:
        others = {key for key, _ in items if key not in heirs}
        for key, value in items:
            renewed[heirs.of(key)] = heirs.of(value)
    except Exception:  # a key's own `__hash__` or `__eq__`
        return None
    return renewed if len(others) == sum(key not in heirs for key, _ in items) else None
