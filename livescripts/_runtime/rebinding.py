"""Putting winners in the place of losers, all over the heap.

    round 1: the holders of the losers          a list, a dict, an attribute: changed; a tuple: gets a successor
    round 2: the holders of such tuples         the same again, for whoever holds the tuples
    ...      until a round makes no successor

# One walk over the heap for each round after the first; none when nothing has got a successor that anybody holds.
# What cannot be changed is left: the variables of running frames, and what is inside of objects of C.
# Our own books, and the records by which a commit is taken back, stay what they are.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from collections import Counter, deque
from functools import partial
from itertools import chain
from types import (
    AsyncGeneratorType,
    CellType,
    ClassMethodDescriptorType,
    CodeType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodWrapperType,
    ModuleType,
    TracebackType,
    WrapperDescriptorType,
)
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime.classes import class_values, functions_in, mro_of
from livescripts._runtime.heap import ALONE, Owners, Records, is_tuple_of_class, referrers
from livescripts._runtime.holders import Attributes, handler_of, in_class
from livescripts._runtime.immutables import immutable_of
from livescripts._runtime.replacements import Replacements, shape
from livescripts._runtime.weak import follow_weak_containers, register_winners

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import ExitStack

    from livescripts._runtime.immutables import Immutable

__all__ = ["rebind"]

_ROUNDS = 10
_AT_ONCE = 256  # if one of so many refers to a loser, each of them is looked at
# By identity: a class may have a metaclass with a `__hash__` or `__eq__` of its own.
_LEFT_ALONE = frozenset(
    map(
        id,
        (
            AsyncGeneratorType,
            ClassMethodDescriptorType,
            CodeType,
            CoroutineType,
            FrameType,
            GeneratorType,
            GetSetDescriptorType,
            MappingProxyType,
            MemberDescriptorType,
            MethodDescriptorType,
            MethodWrapperType,
            ModuleType,
            TracebackType,
            WrapperDescriptorType,
            type,  # its dict is a holder of its own
        ),
    )
)
_WITHOUT_ATTRIBUTES = frozenset(map(id, (dict, list, set, deque, CellType, FunctionType)))


def rebind(
    heirs: Mapping[int, tuple[object, object]],
    holders: Iterable[object],
    undo: ExitStack,
    *,
    hidden: Iterable[object] = (),
    known: Sequence[object] = (),
    around: Sequence[object] = (),
) -> int:
    """Put the winner wherever a holder has the loser. Returns how many references were replaced.

    `heirs` are (loser, winner) by the identity of the loser; no winner is a loser. `holders` are what a walk over the
    heap found to refer to losers; if a list, the walk's own: what it holds alone is not looked for again. `hidden` are
    objects that must not be changed. Whatever is `known` is held by others that are, or by things `around` them, and by nobody
    else.
    """
    found = cast("list[object]", holders) if type(holders) is list else list(holders)
    return _Rebinding(heirs, found, undo, hidden, known, around).run(found)


class _Kind:
    """What is to be done with holders of one type."""

    __slots__ = ("attributes", "change", "immutable", "kind", "revisit")

    def __init__(self, kind: type[Any]) -> None:
        self.kind = kind  # held, so that its id stays its own
        ignored = any(id(base) in _LEFT_ALONE for base in mro_of(kind)) or _is_ours(kind)
        self.immutable = None if ignored else immutable_of(kind)
        changeable = not ignored and self.immutable is None
        self.change = handler_of(kind) if changeable else None
        self.attributes = Attributes(kind) if changeable and id(kind) not in _WITHOUT_ATTRIBUTES else None
        # Whoever holds such a thing looks at it anew after a change: its hash may be another one, or it may have become
        # the double of what is there already.
        self.revisit = any(base is partial for base in mro_of(kind)) or _hashes_itself(kind)


def _is_ours(kind: type) -> bool:
    module = class_values(kind).get("__module__")
    return type(module) is str and module.startswith("livescripts.")


def _hashes_itself(kind: type) -> bool:
    found = (class_values(base)["__hash__"] for base in mro_of(kind) if "__hash__" in class_values(base))
    return type(next(found)) is FunctionType


class _Rebinding:
    def __init__(
        self,
        heirs: Mapping[int, tuple[object, object]],
        holders: list[object],
        undo: ExitStack,
        hidden: Iterable[object],
        known: Sequence[object],
        around: Sequence[object],
    ) -> None:
        self._known = {id(thing): thing for thing in known}
        self._around = around
        self._first = holders
        self._heirs = Replacements(heirs)
        self._undo = undo
        self._count = 0
        self._kinds: dict[int, _Kind] = {}
        self._involved = [thing for pair in heirs.values() for thing in pair]
        self._winners = {id(winner) for _, winner in heirs.values() if issubclass(type(winner), type)}
        self._owners = Owners(self._involved)
        self._functions: list[FunctionType] = []
        self._held_near: Counter[int] | None = None
        self._private = list(hidden)
        self._hidden = {id(thing) for thing in self._private}
        self._hidden |= {id(hidden), id(heirs), id(holders), id(self._involved)}
        self._hidden |= {id(pair) for pair in heirs.values()}
        self._hidden |= {id(each) for each in (known, around, self._known, self._private)}

    def run(self, holders: list[object]) -> int:
        self._count += register_winners(self._heirs, self._undo)
        inside = follow_weak_containers(self._heirs)
        targets = self._round(holders)
        for holder in inside:
            self._change(holder, targets)
        for _ in range(_ROUNDS):
            if not targets:
                break
            holders = self._walk(targets, holders)
            targets = self._round(holders)
        return self._count

    def _walk(self, targets: list[object], holders: list[object]) -> list[object]:
        """Whoever refers to these, besides ourselves."""
        pairs = self._heirs.pairs()
        records = Records(self._undo)
        found = self._holders_around(targets, holders, pairs, records)
        if targets:
            hidden = self._hidden | records.hidden | {id(pair) for pair in pairs}
            found += referrers(targets, hidden | {id(pairs), id(holders), id(found)})
        return found

    def _holders_around(
        self, targets: list[object], holders: list[object], pairs: Sequence[object], records: Records
    ) -> list[object]:
        """Take those off the targets whose holders are all known, going by how many they are. Returns the holders."""
        if not any(id(thing) in self._known for thing in targets):
            return []
        places = {id(each): each for each in (*self._known.values(), *self._around)}
        lists = (self._known.values(), self._known.values(), self._around, targets, holders)
        ours = Counter(map(id, chain(*lists, [] if holders is self._first else self._first)))
        ours.update(map(id, places.values()))
        private = {id(each): each for each in (*pairs, *self._private) if id(each) not in places}
        ours.update(map(id, gc.get_referents(*private.values())))
        theirs = Counter(map(id, gc.get_referents(*places.values())))
        near: set[int] = set()
        for thing in targets:
            key = id(thing)
            # Our variable, and the argument.
            if key in self._known and sys.getrefcount(thing) <= ours[key] + theirs[key] + records.held[key] + 2:
                near.add(key)
        targets[:] = [thing for thing in targets if id(thing) not in near]
        return [each for each in places.values() if not near.isdisjoint(map(id, gc.get_referents(each)))]

    def _round(self, holders: list[object]) -> list[object]:
        """Look at all these holders. Returns what got a successor, or has to be looked at by its holders."""
        targets: list[object] = []
        changeable: list[object] = []
        waiting: dict[int, tuple[object, Immutable]] = {}
        near: set[int] = set()  # of those: whom we find without a walk
        held: Counter[int] | None = None
        done = self._moved_on(holders)
        for holder in holders:
            if id(holder) in self._hidden or id(holder) in done:
                continue
            kind = self._kind(cast("type[Any]", type(holder)))
            if kind.immutable is None:
                changeable.append(holder)
            elif holder not in self._heirs and sys.getrefcount(holder) > ALONE:
                held = Records(self._undo).held if held is None else held
                others = sys.getrefcount(holder) - ALONE - held[id(holder)]
                if others > 0 and not is_tuple_of_class(holder):
                    waiting[id(holder)] = (holder, kind.immutable)
                    if others <= self._near()[id(holder)]:
                        near.add(id(holder))
        if waiting and any(key in self._near() for key in waiting):
            changeable += self._functions
        for old, immutable in list(waiting.values()):
            self._succeed(old, immutable, waiting)
            if old in self._heirs and id(old) not in near:
                targets.append(old)
        for holder in changeable:
            self._change(holder, targets)
        return targets

    def _moved_on(self, holders: list[object]) -> set[int]:
        """The identities of instances that referred to a loser by their class alone, and have moved since.

        Most of what a walk finds is such instances: so they are not looked at one by one.
        """
        moved: dict[int, list[object]] = {key: [] for key in self._winners}
        for holder in holders:
            found = moved.get(id(type(holder)))
            if found is not None:
                found.append(holder)
        done: set[int] = set()
        for instances in moved.values():
            attributes = self._kind(cast("type[Any]", type(instances[0]))).attributes if instances else None
            if attributes is None:
                continue
            for start in range(0, len(instances), _AT_ONCE):
                some = instances[start : start + _AT_ONCE]
                if not attributes.any_in(some, self._heirs):
                    done.update(map(id, some))
        return done

    def _near(self) -> Counter[int]:
        """How often a thing is held by functions that lose or win, or that are methods of classes which do.

        Their annotations are tuples of classes: most tuples with a class are held by nobody else.
        """
        if self._held_near is None:
            found: dict[int, FunctionType] = {}
            for thing in self._involved:
                is_class = issubclass(type(thing), type)
                inside: Iterable[Any] = class_values(cast("type", thing)).values() if is_class else [thing]
                found.update((id(function), function) for value in inside for function in functions_in(value))
            self._functions = list(found.values())
            self._held_near = Counter(map(id, gc.get_referents(*self._functions)))
        return self._held_near

    def _kind(self, kind: type[Any]) -> _Kind:
        known = self._kinds.get(id(kind))
        if known is None:
            known = self._kinds[id(kind)] = _Kind(kind)
        return known

    def _succeed(
        self,
        old: object,
        immutable: Immutable,
        waiting: dict[int, tuple[object, Immutable]],
    ) -> None:
        """Make the successor of `old`, after those of its parts."""
        if waiting.pop(id(old), None) is None:
            return
        for part in gc.get_referents(old):
            if id(part) in waiting:
                self._succeed(*waiting[id(part)], waiting)
        with contextlib.suppress(Exception):  # a class that makes its instances in a way of its own
            new = immutable.heir(old, self._heirs)
            if new is not None:
                self._heirs.add(old, new)

    def _change(self, holder: Any, targets: list[object]) -> None:
        """Change one holder in place."""
        if id(holder) in self._hidden:
            return
        of = cast("type[Any]", type(holder))
        owner = self._owners.of(holder) if of is dict else None
        if owner is not None:
            self._count += in_class(owner, self._heirs, self._undo)
            return
        kind = self._kind(of)
        before = shape(holder) if kind.revisit else None
        count = 0 if kind.change is None else kind.change(holder, self._heirs, self._undo)
        if kind.attributes is not None:
            count += kind.attributes.rebind(holder, self._heirs, self._undo)
        if count and kind.revisit and holder not in self._heirs:
            self._heirs.touch(holder, before)
            targets.append(holder)
        self._count += count
