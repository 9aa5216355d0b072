"""What scripts put into containers of other scripts while they load: `KINDS.append(Goblin)`, `@register`.

When such a script is executed again, or goes, that is taken out first, as if it had never been loaded: otherwise every
reload would register it once more.
"""

from __future__ import annotations

from collections import Counter
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from livescripts._core.merging import members
from livescripts._runtime.classes import class_values
from livescripts._runtime.swapping import is_container

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Ledger", "Registration", "withdraw"]

Registration: TypeAlias = "tuple[Any, list[tuple[Any, Any]]]"
"""A container, and the (key, member) pairs put into it; the key is None where there are no keys."""


class Ledger:
    """What one script adds while its body runs, from the first time that it takes something from a container's script."""

    __slots__ = ("_before", "_seen")

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._before: list[tuple[Any, list[tuple[Any, Any]]]] = []

    def watch(self, values: Mapping[str, Any]) -> None:
        """The script takes something from the script with these globals."""
        if id(values) in self._seen:
            return
        self._seen.add(id(values))
        for container in _containers(values):
            if id(container) not in self._seen:
                self._seen.add(id(container))
                self._before.append((container, _items(container)))

    def close(self, inner: Iterable[Registration]) -> list[Registration]:
        """What was added, without what the registrations `inner` account for."""
        found: list[Registration] = []
        if not self._before:
            return found
        accounted = Counter((id(container), _mark(item)) for container, items in inner for item in items)
        for container, before in self._before:
            now = _items(container)
            if len(now) == len(before) and all(a[1] is b[1] and a[0] is b[0] for a, b in zip(now, before, strict=True)):
                continue
            known = Counter(map(_mark, before))
            added: list[tuple[Any, Any]] = []
            for item in now:
                mark = _mark(item)
                if known[mark]:
                    known[mark] -= 1
                elif accounted[id(container), mark]:
                    accounted[id(container), mark] -= 1
                elif item[0] is None or all(item[0] is not key for key, _ in before):
                    added.append(item)
            # A list that it made for the first of its kind may get members of other scripts later: those stay.
            made = [member for _, member in added if is_container(member) and id(member) not in self._seen]
            found += [(inner, _items(inner)) for inner in made]
            if added:
                found.append((container, added))
        return found


def _containers(values: Mapping[str, Any]) -> Iterator[Any]:
    module = values.get("__name__")
    every = cast("Mapping[str, object]", values)
    todo: list[Any] = [v for name, v in every.items() if name[:2] != "__" and id(type(v)) not in _BARE]
    for value, _ in zip(todo, range(_LOOKS), strict=False):  # grows while we go: what is outermost comes first
        if is_container(value):
            yield value
            todo += filter(is_container, members(value) or ())
        elif issubclass(type(value), type) and class_values(value).get("__module__") == module:
            todo += filter(is_container, class_values(value).values())


# What most names stand for. By id, since a class may have a metaclass with a `__hash__` of its own.
_BARE = frozenset(map(id, (int, float, bool, str, type(None), FunctionType, ModuleType)))


def _items(container: Any) -> list[tuple[Any, Any]]:
    if isinstance(container, dict):
        return list(cast("dict[Any, Any]", container).items())
    return [(None, member) for member in container]


def _mark(item: tuple[Any, Any]) -> tuple[int, int]:
    return id(item[0]), id(item[1])


_LOOKS = 1000  # a level of ten thousand tiles is not walked through


def withdraw(registration: Registration) -> None:
    """Take out of a container what a script put there, where the game has not taken or changed it meanwhile."""
    container, items = registration
    if isinstance(container, dict):
        table = cast("dict[Any, Any]", container)
        ours = Counter(map(_mark, items))
        for key, member in [item for item in table.items() if ours[_mark(item)]]:
            if not is_container(member) or not member:
                del table[key]
        return
    ours = Counter(id(member) for _, member in items)
    kept: list[Any] = []
    for member in reversed(list(container)):
        if ours[id(member)]:
            ours[id(member)] -= 1
        else:
            kept.append(member)
    container.clear()
    if isinstance(container, set):
        cast("set[Any]", container).update(kept)
    else:
        container.extend(reversed(kept))
