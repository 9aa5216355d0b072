"""Whether a script that was only executed again is what it was, but for values of names.

# What the text defines is the same, so the functions and classes that run may stay; what the new ones hold that the old ones
# do not is a value, which can be set on the old ones.
# Whatever cannot be told for sure is not alike. No code of a script runs: attributes are read from dicts and slots.
"""

from __future__ import annotations

import dataclasses
import functools
import gc
import sys
from enum import EnumMeta
from types import FunctionType, GenericAlias, UnionType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from livescripts._core.codes import inner, stores
from livescripts._core.merging import is_dunder, is_plain, spelled
from livescripts._runtime.classes import (
    bases_of,
    class_values,
    classes_of,
    has_own_words,
    is_shell,
    is_slot,
    kind_of,
    layout,
    mro_of,
)
from livescripts._runtime.instances import attribute_dict, slots
from livescripts._runtime.modules import values_of
from livescripts._runtime.state import GONE
from livescripts._runtime.weak import registered_with
from livescripts._runtime.world import is_furnished
from livescripts.scripting import AFTER_RELOAD, BEFORE_UNLOAD

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator, Mapping
    from types import CodeType

    from livescripts._core.analysis import Binding
    from livescripts._runtime.entries import Entry
    from livescripts._runtime.staging import Stage

__all__ = ["Definitions", "Likeness", "NewValue", "functions_of", "same_build"]

# What `dataclasses` keeps in a class.
_RECORDS = frozenset((id(dataclasses.Field), id(vars(dataclasses)["_DataclassParams"])))
_ALIASES = frozenset(map(id, (GenericAlias, UnionType)))
_LOOKS = 2_000  # what a level of ten thousand tiles consists of is not compared

# About the text, or kept by Python for itself.
_ABOUT_TEXT = frozenset({"__module__", "__firstlineno__", "__static_attributes__", "_abc_impl"})

# Of something that a list and a dict hold, and nobody else: what `getrefcount` says of it when it is called by `map`.
_probe = [object()]
_probes = {0: _probe[0]}
_IN_TWO = next(map(sys.getrefcount, _probe))


class NewValue(NamedTuple):
    """A value that a name has from now on, in the globals of a script (scope "") or in one of its classes, or that the
    parameters of a function have as defaults (scope None).

    `before` is what it was when the two were compared, `after` what it is to be; `loaded` is what counts as unchanged by
    the game from now on. `before` and `after` are one where the game has changed the name.
    """

    scope: str | None
    name: str
    place: Any
    before: Any
    after: Any
    loaded: Any


class Definitions:
    """The functions and classes of a stage that stand for running ones: by where they are defined."""

    def __init__(self) -> None:
        self._live: dict[int, object] = {}

    def learn(self, entry: Entry, live: Mapping[str, Any], staged: Mapping[str, Any]) -> None:
        """Note those that stand at the top level of a script, and its classes."""
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

    def learn_methods(self, live: type, made: type) -> None:
        """Note those of a class that is compared by nobody."""
        before = class_values(live)
        for name, method in class_values(made).items():
            found = before.get(name)
            if type(method) is not FunctionType or type(found) is not FunctionType:
                continue
            if method.__qualname__ == found.__qualname__ and method.__globals__ is found.__globals__:
                self._live[id(method)] = found

    def live(self, made: object) -> object | None:
        """The running one that this stands for, if any."""
        return self._live.get(id(made))

    def forget(self, made: object) -> None:
        """Leave this one out: it may not leave its place to the running one."""
        self._live.pop(id(made), None)


def same_build(live: type, made: type, definitions: Definitions) -> bool:
    """Whether instances and subclasses of the one can do with the other: all that differs is attributes."""

    def alike(one: type, other: type) -> bool:
        return one is other or definitions.live(other) is one

    bases = bases_of(live), bases_of(made)
    return (
        alike(type(live), type(made))
        and not issubclass(type(made), EnumMeta)
        and layout(live) == layout(made)
        and len(bases[0]) == len(bases[1])
        and all(map(alike, *bases))
        and ("__new__" in class_values(live)) == ("__new__" in class_values(made))
        and not has_own_words(live)
        and not has_own_words(made)
    )


def functions_of(root: CodeType) -> Iterator[CodeType]:
    """The code objects inside of one, at any depth."""
    todo = inner(root)
    for code in todo:  # grows while we go
        todo += inner(code)
        yield code


class Likeness:
    """Compares what an execution made with what runs. After `look`, if it says so:

    `values` are the new values, `kept` the names that are as the game left them, as reports show them. `made` is what
    the execution made, all of which may go if nobody holds it, `places` what refers to that from inside, by identity.
    """

    def __init__(self, entry: Entry, stage: Stage, definitions: Definitions) -> None:
        self.values: list[NewValue] = []
        self.kept: list[str] = []
        self.made: list[Any] = []
        self.places: dict[int, Any] = {}
        self._entry = entry
        self._definitions = definitions
        self._live_contents = stage.overlay.live_contents
        self._seen: dict[int, object] = {}
        self._looks = _LOOKS

    def look(self, live: Mapping[str, Any], staged: Mapping[str, Any]) -> bool:
        """Whether there is nothing new but values. `staged` is what the module holds, while it is shown."""
        entry = self._entry
        if entry.live is None:
            return False
        loaded = entry.live.snapshot.scopes
        if not self._scope("", live, staged, loaded[""], values_of(entry.module)):
            return False
        for name, cls in classes_of(staged, entry.location.module).items():
            running = self._definitions.live(cls)
            if running is None or not self._class(name, cast("type", running), cls, loaded.get(name, {})):
                return False
        functions = {id(value): value for value in staged.values() if type(value) is FunctionType}
        for made in functions.values():
            running = self._definitions.live(made)
            ours = made.__globals__ is values_of(entry.module)
            if ours and type(running) is FunctionType and not self._function(running, made):
                return False
        self.places[id(staged)] = staged
        for code in (entry.code, *functions_of(entry.code)):
            self.places[id(code.co_consts)] = code.co_consts
        self.made += functions_of(entry.code)
        self.places.update((id(code), code) for code in functions_of(entry.code))
        return True

    def held(self, known: Counter[int]) -> bool:
        """Whether anything that was made has more references than those that are `known`, by the identity of it."""
        counts = list(map(sys.getrefcount, self.made))
        return any(count > known[id(thing)] + _IN_TWO for count, thing in zip(counts, self.made, strict=True))

    def made_classes(self) -> Iterator[type]:
        """Those of the things made that are classes."""
        return (thing for thing in self.made if issubclass(type(thing), type))

    def references(self) -> Iterator[int]:
        """The identities of whatever is referred to by what was made, once for each reference."""
        return map(id, gc.get_referents(*self.places.values()))

    # ------------------------------------------------------------ names

    def _scope(
        self, scope: str, live: Mapping[str, Any], made: Mapping[str, Any], loaded: Mapping[str, Any], place: Any
    ) -> bool:
        """Compare the names of a module or of a class."""
        analysis = self._entry.version.analysis
        bindings = analysis.classes.get(scope, {}) if scope else analysis.bindings
        imported = () if scope else analysis.imported.keys() - bindings.keys()
        for name in {**live, **made} if live.keys() - made.keys() else made:
            ours, theirs = live.get(name, GONE), made.get(name, GONE)
            if scope and name in _ABOUT_TEXT:
                continue
            if is_dunder(name):
                if not self._dunder(scope, name, ours, theirs):
                    return False
            elif name in imported:
                # It follows the script that it is imported from, whatever the game has set it to.
                if not self._alike(ours, theirs) and not self._set(scope, name, place, ours, theirs):
                    return False
            elif not self._name(scope, name, place, ours, theirs, loaded.get(name, GONE), bindings.get(name)):
                return False
        return True

    def _name(
        self, scope: str, name: str, place: Any, live: Any, made: Any, loaded: Any, binding: Binding | None
    ) -> bool:
        entry = self._entry
        fresh = entry.replaced.get((scope, name), made)
        if binding is not None and binding.policy is not None:
            return live is loaded and fresh is made and self._alike(live, made)
        if live is not loaded or (scope, name) in entry.replaced:
            # The game's own: it stays. What the new code would have in its place may be held by the new code elsewhere.
            if fresh is not GONE and not is_plain(fresh):
                return False
            self.kept.append(spelled(scope, name))
            self.values.append(NewValue(scope, name, place, live, live, fresh))
            return True
        return self._alike(live, made) or self._set(scope, name, place, live, made)

    def _set(self, scope: str | None, name: str, place: Any, live: Any, made: Any) -> bool:
        if not is_plain(live) or not is_plain(made):
            return False
        self.values.append(NewValue(scope, name, place, live, made, made))
        return True

    def _dunder(self, scope: str, name: str, live: Any, made: Any) -> bool:
        if not scope and is_furnished(name, made):
            return True
        if is_slot(made):
            self.places[id(made)] = made
            return is_slot(live)
        # What Python adds to a module or a class while it is used.
        return made is GONE or self._alike(live, made)

    # ------------------------------------------------------------ definitions

    def _class(self, name: str, live: type, made: type, loaded: Mapping[str, Any]) -> bool:
        if not same_build(live, made, self._definitions) or registered_with(made):
            return False
        values = class_values(made)
        for part in (made, gc.get_referents(values)[0], mro_of(made), bases_of(made)):
            self.places[id(part)] = part
        self.made.append(made)
        slot_names = [each for each, value in values.items() if is_slot(value) and not is_dunder(each)]
        self.places.update((id(values[each]), values[each]) for each in slot_names)
        ours, theirs = (
            {each: value for each, value in class_values(cls).items() if each not in slot_names} for cls in (live, made)
        )
        return self._scope(name, ours, theirs, loaded, live)

    def _function(self, live: FunctionType, made: FunctionType) -> bool:
        if live.__globals__ is not made.__globals__ or live.__code__ != made.__code__:
            return False
        attributes = made.__dict__
        if BEFORE_UNLOAD in attributes or AFTER_RELOAD in attributes or getattr(made, "__type_params__", ()):
            return False
        self._take(made)
        if attributes and not self._alike(live.__dict__, attributes):
            return False
        if made.__annotations__ and not self._alike(live.__annotations__, made.__annotations__):
            return False
        return (
            self._defaults(live, made, "__defaults__")
            and self._defaults(live, made, "__kwdefaults__")
            and self._closures(live, made)
        )

    def _defaults(self, live: Any, made: Any, name: str) -> bool:
        before, after = getattr(live, name), getattr(made, name)
        if before is None or after is None or not all(map(is_plain, (*_inside(before), *_inside(after)))):
            return self._alike(before, after)
        if repr(before) != repr(after):  # set as a whole, which is why all of them have to be values
            self.values.append(NewValue(None, name, live, before, after, GONE))
        return True

    def _closures(self, live: FunctionType, made: FunctionType) -> bool:
        cells = live.__closure__ or (), made.__closure__ or ()
        if not cells[1]:
            return not cells[0]
        self.places[id(cells[1])] = cells[1]
        for variable, ours, theirs in zip(made.__code__.co_freevars, *cells, strict=True):
            if ours is theirs:
                continue
            if variable != "__class__" and stores(made.__code__, variable):
                return False
            self.places[id(theirs)] = theirs
            if not self._alike(_content(ours), _content(theirs)):
                return False
        return True

    # ------------------------------------------------------------ values

    def _take(self, made: Any) -> None:
        """Something that may go if nobody holds it."""
        if id(made) not in self.places:
            self.places[id(made)] = made
            self.made.append(made)

    def _alike(self, live: Any, made: Any) -> bool:
        """Whether nobody could tell the one from the other, but by identity."""
        if live is made:
            return True
        running = self._definitions.live(made)
        if running is not None:
            return running is live  # those are compared where they are defined
        kind = kind_of(made)
        if kind is not type(live):
            return False
        if is_plain(made):
            # Not by `==`: there are two zeros, and a number that is not equal to itself.
            return repr(live) == repr(made)
        if id(made) in self._seen:
            return self._seen[id(made)] is live
        self._looks -= 1
        if self._looks < 0 or self._live_contents(live) is not None:
            return False
        self._seen[id(made)] = live
        return self._alike_inside(kind, live, made)

    def _alike_inside(self, kind: type[Any], live: Any, made: Any) -> bool:
        if kind is FunctionType:
            return self._function(live, made)
        ours, theirs = _parts(kind, live), _parts(kind, made)
        if ours is None or theirs is None or len(ours) != len(theirs):
            return False
        self._take(made)
        inside = attribute_dict(made) if kind is functools.cached_property or is_shell(made) else None
        if inside is not None:
            self.places[id(inside)] = inside
        return all(map(self._alike, ours, theirs))


def _parts(kind: type[Any], value: Any) -> list[Any] | None:
    """What a value consists of, if it consists of nothing else; None where that cannot be known."""
    if kind is list or kind is tuple:
        return [*value]
    if kind is dict:
        return [*value, *value.values()]
    if kind is set or kind is frozenset:
        # Their order says nothing, but a text says which one it is.
        return sorted(map(repr, value)) if all(map(is_plain, value)) else None
    if kind is property:
        return [value.fget, value.fset, value.fdel, value.__doc__]
    if is_shell(value):
        return [value.__func__]
    if kind is functools.cached_property:
        return [value.func, value.attrname]
    if id(kind) in _ALIASES:
        return [getattr(value, "__origin__", None), value.__args__]
    if id(kind) in _RECORDS:
        return list(slots(value).values())
    return None


def _inside(defaults: tuple[object, ...] | dict[str, object]) -> Iterable[object]:
    return defaults.values() if isinstance(defaults, dict) else defaults


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # empty as yet
        return GONE
