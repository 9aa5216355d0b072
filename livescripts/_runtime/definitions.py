"""Which functions, classes and members of enumerations that a stage has made stand for which running ones: those of the same place in the text.

# Whoever refers to the one may refer to the other: where the running one stays, it is that one that is meant, and where it
# gives way, a commit replaces the references to it.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

from livescripts._runtime.classes import bases_of, class_values, classes_of, has_own_words, layout
from livescripts._runtime.enums import all_members, counterparts, is_enum
from livescripts._runtime.modules import values_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livescripts._runtime.entries import Entry

__all__ = ["Definitions", "same_build"]


class Definitions:
    """The functions, classes and members of a stage that stand for running ones: by where they are defined."""

    def __init__(self) -> None:
        self._live: dict[int, object] = {}

    def learn(self, entry: Entry, live: Mapping[str, Any], staged: Mapping[str, Any]) -> None:
        """Note those that stand at the top level of a script, its classes, and their methods."""
        module, values = entry.location.module, values_of(entry.module)
        for name, made in staged.items():
            found = live.get(name)
            if type(made) is FunctionType and type(found) is FunctionType:
                ours = made.__globals__ is values and found.__globals__ is values
                if ours and made.__qualname__ == found.__qualname__ == name:
                    self._live[id(made)] = found
        before = classes_of(live, module)
        for name, cls in classes_of(staged, module).items():
            if name in before and before[name] is not cls:
                self._live[id(cls)] = before[name]
                self._learn_methods(before[name], cls, values)
                if is_enum(cls) and is_enum(before[name]):
                    self._live.update((id(member), found) for member, found in counterparts(cls, before[name]))

    def _learn_methods(self, live: type, made: type, values: dict[str, Any]) -> None:
        before = class_values(live)
        for name, method in class_values(made).items():
            found = before.get(name)
            if type(method) is not FunctionType or type(found) is not FunctionType:
                continue
            ours = method.__globals__ is values and found.__globals__ is values
            if ours and method.__qualname__ == found.__qualname__:
                self._live[id(method)] = found

    def live(self, made: object) -> object | None:
        """The running one that this stands for, if any."""
        return self._live.get(id(made))

    def forget(self, made: type) -> None:
        """Leave this class out: it may not leave its place to the running one."""
        for each in (made, *(all_members(made) if is_enum(made) else ())):
            self._live.pop(id(each), None)


def same_build(live: type, made: type, definitions: Definitions) -> bool:
    """Whether instances and subclasses of the one can do with the other: all that differs is attributes. Members of
    enumerations are compared by whoever wants to know.
    """

    def alike(one: type, other: type) -> bool:
        return one is other or definitions.live(other) is one

    bases = bases_of(live), bases_of(made)
    return (
        alike(type(live), type(made))
        and layout(live) == layout(made)
        and len(bases[0]) == len(bases[1])
        and all(map(alike, *bases))
        and ("__new__" in class_values(live)) == ("__new__" in class_values(made))
        and not has_own_words(live)
        and not has_own_words(made)
    )
