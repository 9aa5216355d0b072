"""Weak references to losers: in weak containers, and in the registries of abstract base classes.

# Both are found through the callbacks of their references, without a walk over the heap.
# A weak reference that is held as it is stays: whoever has made it wants to know when that very object goes. So do the
# bases of a class, which remember it weakly, and our own books.
"""

from __future__ import annotations

import importlib
from abc import ABCMeta
from types import BuiltinMethodType, FunctionType
from typing import TYPE_CHECKING, Any, cast
from weakref import KeyedRef, ReferenceType, WeakKeyDictionary, WeakSet, WeakValueDictionary, getweakrefs

from livescripts._runtime.classes import class_values, mro_of
from livescripts._runtime.heap import all_classes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import ExitStack

    from livescripts._runtime.replacements import Replacements

__all__ = [
    "data_of",
    "follow_weak_containers",
    "forget_answers_about",
    "forget_answers_of",
    "register_winners",
    "registered_with",
    "take_over_registry",
]

_CONTAINERS = frozenset(map(id, (WeakSet, WeakKeyDictionary, WeakValueDictionary)))
# An abstract base class keeps those that were registered with it, and those that it gave an answer about once. Nothing
# else tells them apart; the module `abc` has this function from there for its own debugging aid.
_dump: Callable[[type], tuple[set[Any], ...]] = importlib.import_module("_abc")._get_dump


def follow_weak_containers(heirs: Replacements) -> list[object]:
    """The dicts and sets inside of weak containers of losers. The references there are losers from now on."""
    inside: list[object] = []
    for loser, winner in heirs.pairs():
        for ref in getweakrefs(loser):
            data = data_of(ref.__callback__) if type(ref) in {ReferenceType, KeyedRef} else None
            if data is None:
                continue
            try:
                heirs.add(ref, _like(ref, winner))
            except TypeError:  # there are no weak references to the winner
                continue
            inside.append(data)
    return inside


def data_of(callback: Any) -> object | None:
    """What is inside of the weak container that a reference with this callback is in."""
    for default in (callback.__defaults__ or ()) if type(callback) is FunctionType else ():
        container = cast("Any", default)() if type(default) is ReferenceType else None
        if any(id(base) in _CONTAINERS for base in mro_of(cast("type[Any]", type(container)))):
            return object.__getattribute__(container, "data")
    return None


def _like(ref: Any, winner: object) -> object:
    kind = cast("Any", type(ref))
    return kind(winner, ref.__callback__, *([ref.key] if kind is KeyedRef else []))


def register_winners(heirs: Replacements, undo: ExitStack) -> int:
    """Register winners with the abstract base classes that their losers were registered with. Returns how many."""
    remembered: dict[int, tuple[object, set[Any], type]] = {}
    for loser, winner in heirs.pairs():
        if issubclass(type(loser), type) and issubclass(type(winner), type):
            for ref in getweakrefs(loser):
                answers = _answers(ref.__callback__)
                if answers is not None:
                    remembered[id(ref)] = (ref, answers, cast("type", winner))
    count = 0
    abstract = [cls for cls in all_classes() if "_abc_impl" in class_values(cls)] if remembered else []
    for cls in abstract:
        for ref in _dump(cls)[0]:
            if id(ref) in remembered:
                _, registry, winner = remembered[id(ref)]
                before = set(registry)
                undo.callback(_unregister, cls, registry, before)
                try:
                    ABCMeta.register(cast("ABCMeta", cls), winner)
                except Exception:  # noqa: S112 - the class's own `__subclasshook__`, or a circle
                    continue
                count += len(registry) > len(before)
    return count


def take_over_registry(old: type, new: type, final: Callable[[object], Any], undo: ExitStack) -> None:
    """Let an abstract base class, which was edited, know those as well that were registered with its new version.

    It forgets what it has answered so far: that was its former self.
    """
    undo.callback(_forget_answers, old)
    for ref in _dump(new)[0]:
        registered = final(ref())
        if registered is None:
            continue
        try:
            ABCMeta.register(cast("ABCMeta", old), registered)
        except Exception:  # noqa: S112 - the class's own `__subclasshook__`, or a circle
            continue
        for added in _dump(old)[0]:
            registry = _answers(added.__callback__) if added() is registered else None
            if registry is not None:
                undo.callback(registry.discard, added)
    _forget_answers(old)


def registered_with(cls: type) -> list[type]:
    """The classes that are registered with an abstract base class; none for any other class."""
    refs = _dump(cls)[0] if "_abc_impl" in class_values(cls) else ()
    return [found for ref in refs if (found := ref()) is not None]


def forget_answers_about(classes: Iterable[type], undo: ExitStack) -> None:
    """Have abstract base classes forget what they have answered about these, which are others now, and those below."""
    asked: set[int] = set()
    todo = list(classes)
    for cls in todo:  # grows while we go
        todo += [sub for sub in type.__subclasses__(cls) if not any(sub is each for each in todo)]
        asked.update(id(ref) for ref in getweakrefs(cls) if _answers(ref.__callback__) is not None)
    if not asked:
        return
    for cls in all_classes():
        if "_abc_impl" in class_values(cls) and any(id(ref) in asked for kept in _dump(cls)[1:3] for ref in kept):
            undo.callback(_forget_answers, cls)
            _forget_answers(cls)


def forget_answers_of(classes: Iterable[type], undo: ExitStack) -> None:
    """Have those of these that are abstract base classes forget what they have answered: they may answer otherwise now."""
    for cls in classes:
        if "_abc_impl" in class_values(cls):
            undo.callback(_forget_answers, cls)
            _forget_answers(cls)


def _unregister(cls: type, registry: set[Any], before: set[Any]) -> None:
    registry.clear()
    registry.update(before)
    _forget_answers(cls)


def _forget_answers(cls: type) -> None:
    # Whoever was asked meanwhile remembers the answer; so do the classes above.
    for base in mro_of(cls):
        if "_abc_impl" in class_values(base):
            cast("Any", ABCMeta)._abc_caches_clear(base)


def _answers(callback: Any) -> set[Any] | None:
    """The set inside of an abstract base class that a reference with this callback is in."""
    if type(callback) is not BuiltinMethodType or callback.__name__ != "_destroy":
        return None
    to: Any = callback.__self__
    found: Any = cast("Any", to)() if type(to) is ReferenceType else None
    return cast("set[Any]", found) if type(found) is set else None
