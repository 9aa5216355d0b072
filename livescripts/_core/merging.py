"""State across a reload: a three-way merge of a module's names.

# What the game has changed since it was loaded is kept; what it has not comes from the new source; if the statement
# itself was edited, the edit wins.
# Nothing here calls user code: changes are seen by identity, and inside built-in containers by comparing their
# members, by identity too, with a shallow copy made after loading.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from livescripts._core.analysis import Binding

__all__ = ["Merged", "Snapshot", "members", "merge"]

_MISSING: Any = object()


def members(value: object) -> list[object] | None:
    """The direct members of a built-in container, keys and values in turn for a dict; None for anything else.

    Only exact built-in types: a subclass may have its own ideas of iteration.
    """
    kind = type(value)
    if kind is dict:
        return [member for item in cast("dict[object, object]", value).items() for member in item]
    if kind is list or kind is set or kind is deque or kind is bytearray:
        return list(cast("list[object]", value))
    return None


class Snapshot:
    """The values of a module right after it was loaded, to tell later what the game has changed.

    `attributes(value)` gives the attribute dict of instances whose insides count, or None.
    """

    __slots__ = ("_attributes", "_inside", "values")

    def __init__(self, values: Mapping[str, object], attributes: Callable[[object], dict[str, object] | None]) -> None:
        self.values = {name: value for name, value in values.items() if not name.startswith("__")}
        self._attributes = attributes
        self._inside: dict[str, list[object]] = {}
        for name, value in self.values.items():
            inside = self._look(value)
            if inside is not None:
                self._inside[name] = inside

    def _look(self, value: object) -> list[object] | None:
        inside = members(value)
        if inside is None:
            attributes = self._attributes(value)
            if attributes is not None:
                inside = members(attributes)
        return inside

    def private(self) -> list[object]:
        """The dicts and lists that this snapshot consists of."""
        return [self.values, self._inside, *self._inside.values()]

    def refresh(self, containers: Collection[int]) -> None:
        """Other scripts registered in these containers (by `id`) while loading: that is not the game's doing."""
        for name, value in self.values.items():
            if id(value) in containers:
                self._inside[name] = self._look(value) or []

    def changed(self, name: str, value: object) -> bool:
        """Whether the game has rebound `name` to something else, or changed the insides of its value."""
        if self.values.get(name, _MISSING) is not value:
            return True
        before = self._inside.get(name)
        if before is None:
            return False
        now = self._look(value) or []
        return len(now) != len(before) or any(a is not b for a, b in zip(now, before, strict=True))


@dataclass(frozen=True, slots=True)
class Merged:
    """The values a module gets, the names whose live value was kept, and the names the game had deleted."""

    values: dict[str, object]
    kept: tuple[str, ...]


def merge(
    loaded: Snapshot,
    live: Mapping[str, object],
    new: Mapping[str, object],
    before: Mapping[str, Binding],
    after: Mapping[str, Binding],
    code: Callable[[object], bool],
) -> Merged:
    """The values for a module whose source went from `before` to `after`.

    `code(value)` tells functions, classes and modules: those always come from the new source, unless the game put
    a value of another kind in their place. Names that the game itself added are kept; names whose statement is gone
    from the source go.
    """
    values = dict(new)
    kept: list[str] = []
    for name, value in live.items():
        if name.startswith("__") and name.endswith("__"):
            continue
        in_source, was_in_source = name in new, name in loaded.values
        if not in_source:
            if not was_in_source and name not in before:
                values[name] = value
            elif not was_in_source and name in before and name in after:
                values[name] = value
                kept.append(name)
            continue
        if not was_in_source:
            # The game made this variable (`global`), and only now does the source bind it too.
            continue
        edited = _text(before, name) != _text(after, name)
        if edited or code(value) or code(new[name]) or not loaded.changed(name, value):
            continue
        values[name] = value
        kept.append(name)
    for name in loaded.values:
        # `del` by the game is a change like any other.
        if name in new and name not in live and name in before and _text(before, name) == _text(after, name):
            if not code(new[name]):
                del values[name]
                kept.append(name)
    return Merged(values, tuple(kept))


def _text(bindings: Mapping[str, Binding], name: str) -> str | None:
    binding = bindings.get(name)
    return None if binding is None else binding.text
