"""Taking back what discarded scripts have registered with the host: `HANDLERS.append(on_hit)`, `HANDLERS["hit"] = Hit`.

    a list, a set, a deque      the member goes
    a dict, a list with None    what the running version made there comes back, if that can be told; else the item goes
    attributes, variables       what the running version made comes back; else they are left: what they held is unknown

# Nothing else that a body did to the host is taken back, for nobody knows what was there before.
# Whatever raises, such as the `__hash__` of a key, leaves the rest to be done. Live scripts need no help: `overlay` has
# put their containers back already.
"""

from __future__ import annotations

import contextlib
import logging
from collections import OrderedDict, defaultdict, deque
from types import CellType, CodeType, FrameType, FunctionType, ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, cast
from weakref import KeyedRef, ReferenceType, getweakrefs

from livescripts._runtime.classes import classes_of, mro_of
from livescripts._runtime.heap import Owners, referrers
from livescripts._runtime.holders import Attributes
from livescripts._runtime.instances import attribute_dict
from livescripts._runtime.modules import values_of
from livescripts._runtime.predecessors import ABSENT, Predecessors
from livescripts._runtime.remains import Remains
from livescripts._runtime.replacements import shape
from livescripts._runtime.weak import data_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from livescripts._runtime.entries import Entry
    from livescripts._runtime.overlay import Overlay

_log = logging.getLogger("livescripts")

__all__ = ["withdraw_remains", "without"]


def withdraw_remains(overlay: Overlay, entries: Iterable[Entry]) -> None:
    """Take out of the heap what the executions of these entries left there. The live world is shown.

    Never raises: what hinders it is logged, and the rest stays where it is.
    """
    done = [entry for entry in entries if entry.codes]
    try:
        staged = {entry.path: overlay.staged_if_open(entry.module) for entry in done}
        # No list of them: each reference to one counts.
        classes = (cls for e in done for cls in classes_of(staged[e.path], e.location.module).values())
        live = {id(cls) for e in done for cls in classes_of(values_of(e.module), e.location.module).values()}
        hidden: list[Any] = [*overlay.private(), *(entry.replaced for entry in done)]
        # Those of other scripts hold nothing of what was made: what staged code put there is taken back by now.
        holders = overlay.world.modules.keys() & {entry.location.holder for entry in done}
        hidden += [values_of(overlay.world.modules[name]) for name in holders]
        hidden += [values_of(entry.module) for entry in done]
        hidden += [part for entry in done if entry.live for part in entry.live.snapshot.private()]
        remains = Remains(
            [code for entry in done for code in entry.codes],
            (cls for cls in classes if id(cls) not in live),
            staged.values(),
            hidden,
        )
        held = remains.search()
        if held or any(map(getweakrefs, remains.made.values())):
            _Withdrawal(remains, Predecessors(remains, done, staged)).run()
    except Exception:
        _log.exception("what rejected scripts have registered with the host could not all be taken back")


# ------------------------------------------------------------------ deciding


def without(
    members: Sequence[Any], is_made: Callable[[object], bool], predecessor: Callable[[object], object]
) -> list[Any]:
    """What a list held before something made was put into it.

    A list with None in it has places rather than members: what stood there comes back, or None.
    """
    if not any(member is None for member in members):
        return [member for member in members if not is_made(member)]
    there = set(map(shape, members))
    result: list[Any] = []
    for member in members:
        before = member
        if is_made(member):
            before = predecessor(member)
            before = None if before is ABSENT or shape(before) in there else before
            there.add(shape(before))
        result.append(before)
    return result


def _is_record(values: dict[Any, Any], owners: Iterable[Any], named: set[object]) -> bool:
    """Whether a dict looks like an entry that a display made for a table: a member of it, with keys out of the text."""
    holders = list(owners)
    return (
        bool(holders)
        and all(type(holder) is list or type(holder) is deque for holder in holders)
        and all(type(key) is str and key in named for key in values)
    )


# ------------------------------------------------------------------ doing


class _Withdrawal:
    """What is done at each place. A place where something raises is left as it is."""

    def __init__(self, remains: Remains, predecessors: Predecessors) -> None:
        self._remains = remains
        self._predecessors = predecessors
        self._owners = Owners([])
        self._emptied: list[Any] = []

    def run(self) -> None:
        remains = self._remains
        for thing in list(remains.made.values()):
            self._leave_weak_containers(thing)
        places = dict(remains.places)
        for place in remains.places.values():
            if type(place) is dict and self._is_row(cast("dict[Any, Any]", place)):
                remains.made[id(cast("object", place))] = place
                places.update((id(owner), owner) for owner in remains.owners[id(cast("object", place))])
        for place in places.values():
            if place not in remains:
                with contextlib.suppress(Exception):
                    self._clear(place)
        self._drop_emptied()

    def _is_row(self, values: dict[Any, Any]) -> bool:
        owners = self._remains.owners[id(values)]
        if not any(value in self._remains for value in values.values()):
            return False
        return _is_record(values, owners, self._predecessors.named)

    def _clear(self, place: Any) -> None:
        kinds = mro_of(cast("type[Any]", type(place)))
        if issubclass(type(place), ModuleType):
            return  # its dict is a place of its own
        if dict in kinds:
            self._clear_dict(place, OrderedDict if OrderedDict in kinds else dict)
        elif list in kinds:
            before = list(list[Any].__iter__(place))
            list[Any].__setitem__(
                place, slice(None), without(before, self._remains.__contains__, self._predecessors.of)
            )
            self._note_emptied(place)
        elif deque in kinds:
            before = list(deque[Any].__iter__(place))
            deque[Any].clear(place)
            deque[Any].extend(place, without(before, self._remains.__contains__, self._predecessors.of))
            self._note_emptied(place)
        elif set in kinds:
            for member in [member for member in set[Any].__iter__(place) if member in self._remains]:
                set[Any].discard(place, member)
            self._note_emptied(place)
        elif type(place) is CellType:
            if self._remains.is_variable(place):
                place.cell_contents = self._before(place.cell_contents, place.cell_contents)
        elif not any(id(kind) in _NO_ATTRIBUTES for kind in kinds):
            self._clear_slots(place, Attributes(kinds[0]))

    def _before(self, value: Any, otherwise: Any) -> Any:
        if value not in self._remains:
            return value
        before = self._predecessors.of(value)
        return otherwise if before is ABSENT else before

    def _clear_dict(self, place: Any, base: Any) -> None:
        owner = self._owners.of(place)
        items: list[tuple[Any, Any]] = list(base.items(place))
        there = {shape(value) for _, value in items}
        attributes = owner is not None or self._is_of_an_object(place)
        for key, value in items:
            if key in self._remains:
                base.__delitem__(place, key)
            elif value in self._remains and not (attributes and key == "__wrapped__"):
                before = self._predecessors.of(value)
                if before is not ABSENT and (shape(before) in there or self._predecessors.is_new_name(key)):
                    before = ABSENT
                if before is ABSENT and attributes:
                    continue
                if before is ABSENT:
                    base.__delitem__(place, key)
                elif owner is not None:
                    type.__setattr__(owner, key, before)
                else:
                    base.__setitem__(place, key, before)

    def _is_of_an_object(self, values: dict[Any, Any]) -> bool:
        """Whether a dict has the attributes of a module, a function or an instance."""
        for owner in self._remains.owners[id(values)]:
            found = values_of(owner) if issubclass(type(owner), ModuleType) else attribute_dict(owner)
            if found is values:
                return True
        return False

    def _clear_slots(self, place: Any, attributes: Attributes) -> None:
        attributes.replace(place, lambda value: self._before(value, value))

    def _note_emptied(self, place: Any) -> None:
        if not place:
            self._emptied.append(place)

    def _drop_emptied(self) -> None:
        """The list that a defaultdict made for a handler goes with it."""
        if not self._emptied:
            return
        emptied = {id(place): place for place in self._emptied}
        for holder in referrers(self._emptied, {id(self._emptied), id(emptied), id(self._remains.places)}):
            if any(kind is defaultdict for kind in mro_of(cast("type[Any]", type(holder)))):
                table = cast("defaultdict[Any, Any]", holder)
                for key, value in list(dict[Any, Any].items(table)):
                    if id(value) in emptied and type(value) is table.default_factory:
                        with contextlib.suppress(Exception):
                            dict[Any, Any].__delitem__(table, key)

    def _leave_weak_containers(self, thing: Any) -> None:
        for ref in getweakrefs(thing):
            data: Any = data_of(ref.__callback__) if type(ref) in {ReferenceType, KeyedRef} else None
            with contextlib.suppress(Exception):
                if type(data) is set:
                    cast("set[Any]", data).discard(ref)
                elif data is not None:
                    table = cast("dict[Any, Any]", data)
                    if type(ref) is KeyedRef:
                        self._clear_weak_value(table, ref)
                    else:
                        table.pop(ref, None)

    def _clear_weak_value(self, data: dict[Any, Any], ref: Any) -> None:
        if data.get(ref.key) is not ref:
            return
        before = self._predecessors.of(ref())
        if before is ABSENT or self._predecessors.is_new_name(ref.key):
            del data[ref.key]
        else:
            data[ref.key] = KeyedRef(before, ref.__callback__, ref.key)


_NO_ATTRIBUTES = frozenset(map(id, (type, BaseException, FrameType, TracebackType, FunctionType, CodeType)))
