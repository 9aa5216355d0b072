"""Two contents for one container: the live one and the staged one.

# Each module keeps one dict for its whole life, because functions of every version share it as their globals.
# So a new version is staged in that very dict, and while the game runs, between two slices of staging, the live
# contents are put back. The same holds for containers of other scripts that staged code may change while loading; a
# class is such a container, of its attributes, and an instance with slots, of those.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from operator import is_
from types import GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, Self, TypeAlias, cast

from livescripts._runtime.classes import class_values
from livescripts._runtime.instances import fill_slots, slots

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Container", "Swap", "contents", "is_container", "refill", "same"]

Container: TypeAlias = "dict[Any, Any] | list[Any] | set[Any] | deque[Any] | bytearray | type"

# By id, since a class may have a metaclass with an `__eq__` of its own.
_KINDS = frozenset(map(id, (dict, list, set, deque, bytearray, defaultdict, OrderedDict, Counter)))
_NOTHING: dict[Any, Any] = {}  # stands for a container that was forgotten
_SLOTS = (GetSetDescriptorType, MemberDescriptorType)


def is_container(value: object) -> bool:
    """Whether `value` is exactly one of the mutable containers of the standard library."""
    return id(type(value)) in _KINDS


def contents(container: Container) -> Any:
    """A shallow copy; of a class, its attributes; of an instance with slots, their values."""
    if is_container(container):
        return cast("Any", container).copy()
    if issubclass(type(container), type):
        return dict(class_values(cast("type", container)))
    return slots(container)


def refill(container: Container, new: Any) -> None:
    """Give `container` the contents of `new`, which `contents` gave."""
    if not is_container(container):
        if issubclass(type(container), type):
            _refill_class(cast("type", container), new)
        else:
            fill_slots(container, new)
        return
    target = cast("Any", container)
    target.clear()
    kind = cast("object", type(target))
    if kind is Counter:
        dict[Any, int].update(target, new)  # its own `update` adds
    elif hasattr(target, "update"):
        target.update(new)
    else:
        target.extend(new)


def _refill_class(cls: type, new: Mapping[str, Any]) -> None:
    now = class_values(cls)
    for name in [name for name in now if name not in new]:
        type.__delattr__(cls, name)
    for name, value in new.items():
        if now.get(name) is not value and type(value) not in _SLOTS:
            type.__setattr__(cls, name, value)


def same(one: Any, other: Any) -> bool:
    """Whether two containers of one type have the same members, by identity, in the same order."""
    if len(one) != len(other):
        return False
    if isinstance(one, dict):
        one, other = cast("dict[Any, Any]", one), cast("dict[Any, Any]", other)
        return all(map(is_, one.values(), other.values())) and all(map(is_, one, other))
    return all(map(is_, one, other))


class _Group:
    """Containers, what each held when it came, and what it holds in the world that is not shown.

    Whatever fails in the midst of showing the other world, showing either one again ends well: what the containers hold
    is put down, as a whole, before the first of them is touched.
    """

    def __init__(self) -> None:
        self.containers: list[Any] = []
        self.base: list[Any] = []
        self.other: list[Any] = []
        self.staged = True
        self._now: list[Any] | None = None  # what they held, until all of them hold what is in `other`

    def add(self, container: Container) -> int:
        now, index = contents(container), len(self.containers)
        self.base[index:] = self.other[index:] = [now]
        self.containers.append(container)
        return index

    def without_gaps(self) -> Self:
        there = [index for index, container in enumerate(self.containers) if container is not _NOTHING]
        group = type(self)()
        group.containers, group.base, group.other = (
            [each[index] for index in there] for each in (self.containers, self.base, self.other)
        )
        group.staged = self.staged
        return group

    def show(self, *, staged: bool) -> None:
        """Put the staged or the live contents into all of them."""
        if self._now is not None:
            self._finish(self._now)
        if staged != self.staged:
            self._now = self._contents()
            self._finish(self._now)

    def _finish(self, now: list[Any]) -> None:
        self._refill()
        self.staged, self.other, self._now = not self.staged, now, None

    def _contents(self) -> list[Any]:
        return list(map(contents, self.containers))

    def _refill(self) -> None:
        for container, other in zip(self.containers, self.other, strict=False):
            if not same(contents(container), other):
                refill(container, other)


class _Dicts(_Group):
    """Exactly dicts, which most are. Their loops are in C: there may be a thousand of them, twice in a slice."""

    def add(self, container: Container) -> int:
        now, index = cast("dict[Any, Any]", container).copy(), len(self.containers)
        self.base[index:] = self.other[index:] = [now]
        self.containers.append(container)
        return index

    def _contents(self) -> list[Any]:
        return list(map(dict[Any, Any].copy, self.containers))

    def _refill(self) -> None:
        _run(map(dict[Any, Any].clear, self.containers))
        _run(map(dict[Any, Any].update, self.containers, self.other))


def _run(calls: Iterator[None]) -> None:
    deque(calls, maxlen=0)


class Swap:
    """A set of containers, all showing either their live contents or their staged ones.

    It starts out staged, and empty: a container that is added keeps what it holds as its live contents, and may be changed.
    """

    def __init__(self) -> None:
        self._dicts = _Dicts()
        self._others = _Group()
        self._places: dict[int, tuple[_Group, int]] = {}
        self.staged = True

    def __contains__(self, container: Container) -> bool:
        return id(container) in self._places

    def add(self, container: Container) -> None:
        """Take note of the live contents; a container that is known already is left alone."""
        if id(container) not in self._places:
            group = self._dicts if type(container) is dict else self._others
            self._places[id(container)] = group, group.add(container)

    def forget(self, container: dict[Any, Any]) -> None:
        """Show the live contents of a dict from now on, and drop those that were staged."""
        group, index = self._places.pop(id(container))
        if self.staged:
            refill(container, group.other[index])
        # An empty one of ours stands in its place, until `tidy`.
        group.containers[index] = group.base[index] = group.other[index] = _NOTHING

    def tidy(self) -> None:
        """Leave no gaps where something was forgotten. Has to be done at once: not while it is shown or hidden."""
        dicts, others = self._dicts.without_gaps(), self._others.without_gaps()
        places = {id(each): (group, index) for group in (dicts, others) for index, each in enumerate(group.containers)}
        # At once: with half of it, an interrupt would leave others with what is not theirs.
        self._dicts, self._others, self._places = dicts, others, places

    def show(self, *, staged: bool) -> None:
        """Put the staged or the live contents into every container; what is taken out is remembered.

        If it raises, call it once more, for either of them.
        """
        self._dicts.show(staged=staged)
        self._others.show(staged=staged)
        self.staged = staged

    def staged_contents(self, container: Container) -> Any:
        """The staged contents of a container, whichever it shows now."""
        return contents(container) if self.staged else self._other(container)

    def hidden(self, containers: Iterable[Container]) -> list[Any]:
        """What these hold in the world that is not shown."""
        places = self._places
        return [group.other[index] for group, index in [places[id(container)] for container in containers]]

    def live_contents(self, container: Container) -> Any:
        """The live contents of a container, whichever it shows now."""
        return self._other(container) if self.staged else contents(container)

    def _other(self, container: Container) -> Any:
        group, index = self._places[id(container)]
        return group.other[index]

    def containers(self) -> Iterator[Container]:
        """Every container that is known."""
        yield from self._dicts.containers
        yield from self._others.containers

    def private(self) -> Iterator[object]:
        """The lists and copies held here: whoever walks the heap must not mistake them for the game's."""
        for group in (self._dicts, self._others):
            yield from (group.containers, group.base, group.other)
            yield from group.base
            yield from group.other

    def effect(self, container: Container) -> Any:
        """What `container` should hold once its staged changes count; None when staging changed nothing in it.

        Where the game changed it too, meanwhile, both changes are applied, the staged ones last.
        """
        group, index = self._places[id(container)]
        base, staged, live = group.base[index], self.staged_contents(container), self.live_contents(container)
        if same(base, staged):
            return None
        if same(base, live):
            return staged
        return _apply(base, staged, live)


def _apply(base: Any, staged: Any, live: Any) -> Container:
    if type(staged) is dict:
        staged = cast("dict[Any, Any]", staged)
        changed: dict[Any, Any] = {
            key: value for key, value in staged.items() if key not in base or base[key] is not value
        }
        return {key: value for key, value in live.items() if key in staged or key not in base} | changed
    if isinstance(staged, set):
        return (live | (staged - base)) - (base - staged)
    # Counted, not looked up: one and the same object may stand in a list twice.
    lost = Counter(map(id, base))
    lost.subtract(map(id, staged))
    gained = [member for member in reversed(staged) if _take_one(lost, member, -1)]
    kept = [member for member in live if not _take_one(lost, member, 1)]
    result = live.copy()
    result.clear()
    result.extend([*kept, *reversed(gained)])
    return result


def _take_one(balance: Counter[int], member: object, sign: int) -> bool:
    """Whether the balance of `member` has this sign; brings it one nearer to zero if so."""
    if balance[id(member)] * sign <= 0:
        return False
    balance[id(member)] -= sign
    return True
