"""Registries that are kept: what the new source registers in a container that the game has changed.

# `KINDS = []` with `@register` on classes of the same script is state and code in one. A container that the game has
# changed is kept; but a class that is new in the script must appear in it, and one that is gone must not stay.
# Only code counts: functions and classes, alone or in tuples with plain values. What else the source puts into a
# container that is kept gives way, as everywhere.
# Nothing is changed here; the answer says what each container should hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from livescripts._core.merging import is_dict, is_plain, is_row, is_set, members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from livescripts._core.merging import Snapshot

__all__ = ["Definition", "registered"]

Definition: TypeAlias = Callable[[object], Hashable | None]
"""Where a function or class of a script is defined; None for anything else."""

_Table: TypeAlias = "Mapping[object, object]"


def registered(
    loaded: Snapshot, before: object, kept: object, fresh: object, definition: Definition
) -> Iterator[tuple[Any, Any]]:
    """(container, what it should hold) for `kept` and for containers in it, where that is something else.

    `before` is the value as loaded, `fresh` what the new source made and what gives way to `kept`.
    """
    seen: set[int] = set()
    todo = [(loaded.loaded(before), kept, fresh)]
    while todo:
        was, kept, fresh = todo.pop()
        if kept is fresh or id(kept) in seen or not isinstance(was, list) or not _alike(kept, fresh, definition):
            continue
        seen.add(id(kept))
        if is_row(kept) or is_set(kept):
            contents = _in_row(was, cast("Iterable[object]", kept), cast("Iterable[object]", fresh), definition)
            if contents is not None:
                yield kept, _like(kept, contents)
            continue
        now, new = _table(kept, loaded), _table(fresh, loaded)
        old = dict(zip(was[::2], was[1::2], strict=True))
        items = _in_dict(old, now, new, definition) if is_dict(kept) else None
        for name, value in now.items():
            if name not in old:
                if name in new and _holds_code(new[name], definition):
                    # Both have made a list of the same name.
                    todo.append(([], value, new[name]))
            elif name in new:
                todo.append((loaded.loaded(old[name]), value, new[name]))
            elif _holds_code(value, definition):
                # The source has no such list any more: it registers nothing in it.
                before = loaded.loaded(old[name])
                if not is_dict(kept) or _left(before, value, definition):
                    todo.append((before, value, _like(value, ())))
                else:
                    items = dict(now) if items is None else items
                    del items[name]
        if items is not None:
            yield kept, _like(kept, items)


def _left(was: object, value: object, definition: Definition) -> bool:
    """Whether anything is left in a container when all code that loading put there is gone."""
    if is_dict(value) or not isinstance(was, list):
        return True
    row = cast("Iterable[object]", value)
    left = _in_row(cast("list[object]", was), row, (), definition)
    return left is None or bool(left)


def _alike(kept: object, fresh: object, definition: Definition) -> bool:
    """Whether these are of one type, or of two versions of one class."""
    one, other = cast("type[Any]", type(kept)), cast("type[Any]", type(fresh))
    return one is other or ((place := definition(one)) is not None and place == definition(other))


def _table(value: object, loaded: Snapshot) -> _Table:
    return cast("_Table", value) if is_dict(value) else cast("_Table", loaded.attributes(value) or {})


def _in_row(
    was: Iterable[object], kept: Iterable[object], fresh: Iterable[object], definition: Definition
) -> list[object] | None:
    """The members of a list, deque or set; None if they are right."""
    before, now, after = (
        Counter(mark for member in row if (mark := _mark(member, definition)) is not None) for row in (was, kept, fresh)
    )
    # What the game has put in itself need not be put in again.
    gained = after - (before | now)
    lost = (before - after) & now
    if not gained and not lost:
        return None
    stay, _ = _split(kept, lost, definition)
    _, come = _split(fresh, gained, definition)
    return [*stay, *come]


def _split(
    row: Iterable[object], wanted: Counter[Hashable], definition: Definition
) -> tuple[list[object], list[object]]:
    """The other members, and those that are wanted: of several that are alike the last."""
    left = Counter(wanted)
    others: list[object] = []
    found: list[object] = []
    for member in reversed(list(row)):
        mark = _mark(member, definition)
        if mark is not None and left[mark] > 0:
            left[mark] -= 1
            found.append(member)
        else:
            others.append(member)
    return others[::-1], found[::-1]


def _in_dict(was: _Table, kept: _Table, fresh: _Table, definition: Definition) -> dict[object, object] | None:
    """The items of a dict; None if they are right."""
    # A class may be the key, and its next version another key.
    before, now, after = (
        {key if (place := definition(key)) is None else place: (key, value) for key, value in table.items()}
        for table in (was, kept, fresh)
    )
    items: dict[object, object] | None = None
    for place in {**before, **after}:
        if (place in before) != (place in now):
            continue  # the game has put something there, or taken it away
        if place not in now:
            key, value = after[place]
            change = any(_mark(part, definition) is not None for part in (key, value)) or _holds_code(value, definition)
        else:
            key, value = after.get(place, now[place])
            old, mine, new = (
                _mark(table[place][1], definition) if place in table else None for table in (before, now, after)
            )
            if old != mine or (old is None and before[place][1] is not now[place][1]):
                continue
            gone = place not in after and (mine is not None or definition(key) is not None)
            change = gone or (place in after and new != mine)
            key = now[place][0]
        if change:
            items = dict(kept) if items is None else items
            if place in after:
                items[key] = value
            else:
                del items[key]
    return items


def _holds_code(value: object, definition: Definition) -> bool:
    """Whether this is a container that code is registered in."""
    inside = members(value) if is_dict(value) or is_row(value) or is_set(value) else None
    return isinstance(inside, list) and any(_mark(member, definition) is not None for member in inside)


def _mark(value: object, definition: Definition) -> Hashable | None:
    """What tells whether two members are the same code in two versions; None for what is no code.

    A tuple of code and plain values, such as `(priority, handler)`, is code too.
    """
    if type(value) is not tuple:
        return definition(value)
    parts = cast("tuple[object, ...]", value)
    marks = [definition(part) for part in parts]
    if not any(marks) or not all(mark is not None or is_plain(part) for mark, part in zip(marks, parts, strict=True)):
        return None
    return tuple(part if mark is None else mark for mark, part in zip(marks, parts, strict=True))


def _like(kept: object, contents: Any) -> Any:
    """A container of the same kind with other contents."""
    result = cast("Any", kept).copy()
    result.clear()
    if is_row(kept):
        result.extend(contents)
    else:
        result.update(contents)
    return result
