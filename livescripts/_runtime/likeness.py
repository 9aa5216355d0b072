"""Whether a script that was executed again, or edited, is what it was, but for values of names and the code of functions.

# What the text defines is the same, so the functions and classes that run may stay; what the new ones hold that the old ones
# do not is a value, which can be set on the old ones. So can the code of a function that was edited.
# Whatever cannot be told for sure is not alike. No code of a script runs: attributes are read from dicts and slots.
# A name that only one of the two has is a difference, unless it is Python that has added it.
"""

from __future__ import annotations

import functools
import gc
import sys
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from weakref import ProxyTypes, getweakrefs

from livescripts._core.analysis import edited
from livescripts._core.codes import nested, same_meaning, stores
from livescripts._core.merging import is_dunder, is_plain, members, spelled
from livescripts._runtime.classes import (
    bases_of,
    class_values,
    classes_of,
    dismantle,
    inherited,
    is_dismantled,
    is_slot,
    kind_of,
    leaves_no_trace,
    mro_of,
    qualname_of,
)
from livescripts._runtime.definitions import same_build
from livescripts._runtime.enums import all_members, is_enum, own_names
from livescripts._runtime.insides import CACHED, as_text, has_own_hash, is_constant, parts
from livescripts._runtime.instances import attribute_dict
from livescripts._runtime.modules import values_of
from livescripts._runtime.state import GONE
from livescripts._runtime.swapping import is_container
from livescripts._runtime.weak import registered_with
from livescripts._runtime.world import is_furnished
from livescripts.scripting import AFTER_RELOAD, BEFORE_UNLOAD

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator, Mapping

    from livescripts._core.analysis import Binding
    from livescripts._runtime.definitions import Definitions
    from livescripts._runtime.entries import Entry
    from livescripts._runtime.staging import Stage

__all__ = ["Likeness", "NewValue"]

_LOOKS = 2_000  # what a level of ten thousand tiles consists of is not compared
_DEPTH = 50  # nor what is in a list in a list, and so on: that is three calls of ours for each

# About the text.
_ABOUT_TEXT = frozenset({"__module__", "__firstlineno__", "__static_attributes__"})

# What Python adds to a module or a class while it is used.
_ADDED = frozenset({"__annotations__", "__slotnames__", "__warningregistry__"})

# What functions say about themselves, apart from what `__dict__` has.
_LABELS = "__name__", "__qualname__", "__module__"

# Of something that a list and a dict hold, and nobody else: what `getrefcount` says of it when it is called by `map`.
_probe = [object()]
_probes = {0: _probe[0]}
_IN_TWO = next(map(sys.getrefcount, _probe))


class NewValue(NamedTuple):
    """A value that a name has from now on, in the globals of a script (scope "") or in one of its classes; or what Python
    keeps of something that it defines (scope None): the code or the defaults of a function, a text about a class; or, as
    "cache_clear", that a function is to forget what it gave.

    `before` is what it was when the two were compared, `after` what it is to be; `loaded` is what counts as unchanged by
    the game from now on. `before` and `after` are one where the game has changed the name. Where the statement `is_edited`,
    it counts whatever the game does.
    """

    scope: str | None
    name: str
    place: Any
    before: Any
    after: Any
    loaded: Any
    is_edited: bool = False


class Likeness:
    """Compares what an execution made with what runs. After `look`, if it says so:

    `values` are the new values, `kept` the names that are as the game left them, as reports show them. `made` is what
    the execution made, all of which may go if nobody holds it, `places` what refers to that from inside, by identity.
    Nobody may hold one of the places either: he would hold what is in it.
    """

    def __init__(self, entry: Entry, stage: Stage, definitions: Definitions) -> None:
        self.values: list[NewValue] = []
        self.kept: list[str] = []
        self.made: list[Any] = []
        self.places: dict[int, Any] = {}
        self._entry = entry
        self._definitions = definitions
        self._live_contents = stage.overlay.live_contents
        live = entry.live
        # Where it was edited: what the text bound before, and the code that its functions have now.
        self._before = None if live is None or live.version is entry.version else live.version.analysis
        self._codes = frozenset[int]() if self._before is None else frozenset(map(id, nested(entry.code)))
        self._strict = False  # whether no function may get code of another meaning just now
        self._seen: dict[int, object] = {}  # what runs, by the identity of what was made
        self._seen_for: dict[int, int] = {}  # the identities the other way round
        self._untold: dict[int, Any] = {}  # referred to by something that was made, without Python telling of it
        self._looks = _LOOKS
        self._depth = 0

    def look(self, live: Mapping[str, Any], staged: Mapping[str, Any]) -> bool:
        """Whether there is nothing new but values and code. `staged` is what the module holds, while it is shown."""
        entry = self._entry
        if entry.live is None:
            return False
        loaded = entry.live.snapshot.scopes
        if not self._scope("", live, staged, loaded[""], values_of(entry.module)):
            return False
        classes = classes_of(staged, entry.location.module)
        for name, cls in classes.items():
            running = self._definitions.live(cls)
            if running is None or not self._class(name, cast("type", running), cls, loaded.get(name, {})):
                return False
        scopes = [staged, *map(class_values, classes.values())]
        functions = {id(value): value for values in scopes for value in values.values() if type(value) is FunctionType}
        for made in functions.values():
            running = self._definitions.live(made)
            ours = made.__globals__ is values_of(entry.module)
            if ours and type(running) is FunctionType and not self._function(running, made):
                return False
        self.places[id(staged)] = staged
        self.places[id(entry.code.co_consts)] = entry.code.co_consts
        for code in nested(entry.code):
            self._place(code)
            self.places[id(code.co_consts)] = code.co_consts
        # They hold the new code from now on.
        self.places.update((id(value), value) for value in self.values if value.name == "__code__")
        return True

    def held(self, *known: Counter[int]) -> bool:
        """Whether anything that was made has more references than those that are `known`, by the identity of it; or weak
        ones, of somebody who wants to know when it goes.
        """
        counts = list(map(sys.getrefcount, self.made))
        return any(
            count > sum(each[id(thing)] for each in known) + _IN_TWO
            for count, thing in zip(counts, self.made, strict=True)
        ) or any(_waits(ref, thing) for thing in self.made for ref in getweakrefs(thing))

    def dismantle(self) -> None:
        """Take apart what was made, so that it goes at once, without a collection."""
        for thing in self.made:
            if issubclass(type(thing), type):
                dismantle(thing)
            elif type(thing) is CellType:
                thing.cell_contents = None

    def references(self) -> Iterator[int]:
        """The identities of whatever is referred to by what was made, once for each reference."""
        yield from map(id, gc.get_referents(*self.places.values()))
        yield from self._untold

    # ------------------------------------------------------------ names

    def _scope(
        self, scope: str, live: Mapping[str, Any], made: Mapping[str, Any], loaded: Mapping[str, Any], place: Any
    ) -> bool:
        """Compare the names of a module or of a class."""
        analysis = self._entry.version.analysis
        bindings = analysis.classes.get(scope, {}) if scope else analysis.bindings
        before = bindings
        if self._before is not None:
            before = self._before.classes.get(scope, {}) if scope else self._before.bindings
        imported = () if scope else analysis.imported.keys() - bindings.keys()
        both = bindings.keys() & live.keys() & made.keys()
        ordered = self._before is not None or not scope
        if ordered and list(filter(both.__contains__, live)) != list(filter(both.__contains__, made)):
            return False  # whoever lists them may mind
        for name in {**live, **made} if live.keys() - made.keys() else made:
            ours, theirs = live.get(name, GONE), made.get(name, GONE)
            if scope and name == "_abc_impl":
                continue
            if is_dunder(name):
                if not self._dunder(scope, name, place, ours, theirs):
                    return False
            elif name in imported:
                # It follows the script that it is imported from, whatever the game has set it to.
                if not self._alike(ours, theirs) and not self._set(scope, name, place, ours, theirs):
                    return False
            elif not self._name(
                scope, name, place, ours, theirs, loaded.get(name, GONE), before.get(name), bindings.get(name)
            ):
                return False
        return True

    def _name(
        self,
        scope: str,
        name: str,
        place: Any,
        live: Any,
        made: Any,
        loaded: Any,
        before: Binding | None,
        after: Binding | None,
    ) -> bool:
        entry = self._entry
        fresh = entry.replaced.get((scope, name), made)
        if (before is not None and before.policy is not None) or (after is not None and after.policy is not None):
            if live is not loaded or fresh is not made or not self._alike(live, made):
                return False
            if after is None or after.policy != "fresh":
                return True
            # It is never kept, even if the game sets it before the commit.
            self.values.append(NewValue(scope, name, place, live, live, live, is_edited=True))
            return is_plain(live)
        if self._before is not None and edited(before, after):
            return self._edit(scope, name, place, live, made, defined=_defines(before) and _defines(after))
        if live is not loaded or (scope, name) in entry.replaced:
            # The game's own: it stays. What the new code would have in its place may be held by the new code elsewhere.
            if fresh is not GONE and not is_plain(fresh):
                if not self._began_empty(loaded, fresh):
                    return False
                if fresh is made:
                    self._place(fresh)
                else:  # the books of the entry have it
                    self.made.append(fresh)
                    self._untold[id(fresh)] = fresh
                fresh = loaded  # what was in that is known
            self.kept.append(spelled(scope, name))
            self.values.append(NewValue(scope, name, place, live, live, fresh))
            return True
        return self._alike(live, made) or self._set(scope, name, place, live, made)

    def _began_empty(self, loaded: Any, fresh: Any) -> bool:
        """Whether both texts make an empty container, for the game to fill: `goblins = []`, `cache = {}`. Nothing is
        registered in it that the one it stays has to get or to lose.
        """
        live = self._entry.live
        return is_container(fresh) and members(fresh) == [] and live is not None and live.snapshot.loaded(loaded) == []

    def _edit(self, scope: str, name: str, place: Any, live: Any, made: Any, *, defined: bool) -> bool:
        """An edited statement wins, even if the game sets the name before the commit."""
        if is_plain(live) and is_plain(made):
            after = made
        elif defined and self._alike(live, made):
            after = live  # it gets what is new
        else:
            return False
        self.values.append(NewValue(scope, name, place, live, after, after, is_edited=True))
        return True

    def _set(self, scope: str | None, name: str, place: Any, live: Any, made: Any) -> bool:
        if not is_plain(live) or not is_plain(made):
            return False
        self.values.append(NewValue(scope, name, place, live, made, made))
        return True

    def _dunder(self, scope: str, name: str, place: Any, live: Any, made: Any) -> bool:
        if scope and name in _ABOUT_TEXT:
            return self._before is None or self._about(name, place, live, made)
        if name == "__doc__":
            return self._about(name, place, live, made)
        if not scope and is_furnished(name, made) and is_furnished(name, live):
            return True
        if is_slot(made):
            self._place(made)
            return is_slot(live)
        return (made is GONE and name in _ADDED) or self._alike(live, made)

    def _about(self, name: str, place: Any, live: Any, made: Any) -> bool:
        """What Python keeps of a definition: where it stands, its doc."""
        if self._alike(live, made):
            return True
        if self._before is None or live is GONE or made is GONE or not (is_constant(live) and is_constant(made)):
            return False
        self.values.append(NewValue(None, name, place, live, made, GONE))
        return True

    # ------------------------------------------------------------ definitions

    def _class(self, name: str, live: type, made: type, loaded: Mapping[str, Any]) -> bool:
        if not same_build(live, made, self._definitions) or registered_with(made):
            return False
        # To be taken to pieces, it must be possible to take it off its bases; and that calls the `mro` of its metaclass.
        if inherited(type(made), "mro") is not vars(type)["mro"] or not leaves_no_trace(made):
            return False
        values = class_values(made)
        self._place_class(made)
        hidden = {each for each, value in values.items() if is_slot(value) and not is_dunder(each)}
        for each in hidden:
            self._place(values[each])
        if is_enum(made):
            if not is_enum(live) or not self._members(live, made):
                return False
            hidden |= own_names(live) | own_names(made)
        ours, theirs = (
            {each: value for each, value in class_values(cls).items() if each not in hidden} for cls in (live, made)
        )
        return self._scope(name, ours, theirs, loaded, live)

    def _place_class(self, made: type) -> None:
        for part in (made, gc.get_referents(class_values(made))[0], mro_of(made), bases_of(made)):
            self._place(part)

    def _left_over(self, live: Any, made: Any) -> bool:
        """Whether both are what is left of classes that a decorator has made others of, see `drop_twins`."""
        if not issubclass(type(made), type) or type(live) is not type(made) or not is_dismantled(made):
            return False
        homes = [(class_values(cls).get("__module__"), qualname_of(cls)) for cls in (live, made)]
        if homes[0] != homes[1] or homes[1][0] != self._entry.location.module:
            return False
        self._place_class(made)
        for value in filter(is_slot, class_values(made).values()):
            self._place(value)
        return True

    def _members(self, live: type, made: type) -> bool:
        """Compare the members of an enumeration, and what the `enum` module keeps."""
        for member in all_members(made):
            running = self._definitions.live(member)
            if running is None or not self._alike_inside(made, running, member):
                return False
        ours, theirs = ([*filter(own_names(cls).__contains__, class_values(cls))] for cls in (live, made))
        return ours == theirs and all(self._alike(class_values(live)[each], class_values(made)[each]) for each in ours)

    def _function(self, live: FunctionType, made: FunctionType) -> bool:
        if not self._globals(live.__globals__, made.__globals__) or not self._code(live, made):
            return False
        attributes = made.__dict__
        if BEFORE_UNLOAD in attributes or AFTER_RELOAD in attributes or getattr(made, "__type_params__", ()):
            return False
        self._place(made)
        if any(not self._alike(getattr(live, name), getattr(made, name)) for name in _LABELS):
            return False
        if not self._about("__doc__", live, live.__doc__, made.__doc__):
            return False
        for ours, theirs in ((live.__dict__, attributes), (live.__annotations__, made.__annotations__)):
            if (ours or theirs) and not self._alike(ours, theirs):
                return False
        return (
            self._defaults(live, made, "__defaults__")
            and self._defaults(live, made, "__kwdefaults__")
            and self._closures(live, made)
        )

    def _globals(self, live: dict[str, Any], made: dict[str, Any]) -> bool:
        """Whether both see the same names. A named tuple is made by a function that has some of its own."""
        if live is made:
            return True
        return str(made.get("__name__")).startswith("namedtuple_") and self._alike(live, made)

    def _code(self, live: FunctionType, made: FunctionType) -> bool:
        """Whether the one may run the code of the other."""
        before, after = live.__code__, made.__code__
        if self._before is None or id(after) not in self._codes:
            return before == after
        if before.co_freevars != after.co_freevars:
            return False
        # What has no name of its own is told from others by what it does.
        certain = not self._strict and "<" not in after.co_qualname
        if not certain and not same_meaning(before, after):
            return False
        self.values.append(NewValue(None, "__code__", live, before, after, GONE))
        return True

    def _defaults(self, live: Any, made: Any, name: str) -> bool:
        before, after = getattr(live, name), getattr(made, name)
        if before is None or after is None or not all(map(is_plain, (*_inside(before), *_inside(after)))):
            return self._alike(before, after)
        ours, theirs = ([*map(as_text, _inside(each))] for each in (before, after))
        if ours != theirs:
            # Set as a whole, which is why all of them have to be values.
            self.values.append(NewValue(None, name, live, before, after, GONE))
        return True

    def _closures(self, live: FunctionType, made: FunctionType) -> bool:
        cells = live.__closure__ or (), made.__closure__ or ()
        if not cells[1]:
            return not cells[0]
        self._place(cells[1])
        for variable, ours, theirs in zip(made.__code__.co_freevars, *cells, strict=True):
            if ours is theirs:
                continue
            if variable != "__class__" and any(stores(each.__code__, variable) for each in (live, made)):
                return False
            self._place(theirs)
            contents = _content(ours), _content(theirs)
            if not self._alike(*contents) and not self._left_over(*contents):
                return False
        return True

    # ------------------------------------------------------------ values

    def _place(self, made: Any) -> None:
        """Something that may go if nobody holds it, with what it refers to."""
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
        if kind is not type(live) and self._definitions.live(kind) is not type(live):
            return False
        if is_plain(made):
            return as_text(live) == as_text(made)
        if id(made) in self._seen or id(live) in self._seen_for:
            # One thing in two places, for each of them.
            return self._seen_for.get(id(live)) == id(made)
        self._looks -= 1
        if self._looks < 0 or self._depth == _DEPTH or self._live_contents(live) is not None:
            return False
        self._seen[id(made)] = live
        self._seen_for[id(live)] = id(made)
        strict = self._strict
        self._depth += 1
        # What those have kept of a function may be what its old code gave.
        self._strict = strict or kind is functools.cached_property
        alike = self._alike_inside(kind, live, made)
        self._strict = strict
        self._depth -= 1
        return alike

    def _members_of(self, value: Any) -> list[Any] | None:
        """Those of a set, in an order that two alike have in common; None where `parts` can tell, or nobody."""
        if not _is_set(value) or all(map(is_plain, value)) or not all(map(has_own_hash, value)):
            return None
        # A definition counts as the one that runs, another thing as itself.
        found = {id(self._definitions.live(each) or each): each for each in value if not is_plain(each)}
        return [*sorted(as_text(each) for each in value if is_plain(each)), *(found[key] for key in sorted(found))]

    def _alike_inside(self, kind: type[Any], live: Any, made: Any) -> bool:
        if kind is FunctionType:
            return self._function(live, made)
        ours, theirs = (self._members_of(each) or parts(kind, each) for each in (live, made))
        if ours is None or theirs is None or len(ours) != len(theirs):
            return False
        if is_constant(made):
            return all(map(self._alike, ours, theirs))  # code holds it in places that nobody sees
        self._place(made)
        if kind is CACHED:
            self.values.append(NewValue(None, "cache_clear", live, None, None, GONE))
        inside = attribute_dict(made)
        if inside is not None and any(each is inside for each in gc.get_referents(made)):
            self._place(inside)
        elif inside is not None:
            # From 3.13 on, a dict may show what is stored in the instance: then nobody says that the one refers to the other.
            self.made.append(inside)
            self._untold[id(inside)] = inside
        return all(map(self._alike, ours, theirs))


def _is_set(value: object) -> bool:
    return type(value) is set or type(value) is frozenset


def _defines(binding: Binding | None) -> bool:
    return binding is not None and binding.defines


def _waits(ref: Any, thing: object) -> bool:
    """Whether somebody would miss what a weak reference leads to: a proxy does not tell whether it has a callback, and what is
    no definition has a weak reference from nobody but a game.
    """
    is_definition = type(thing) is FunctionType or issubclass(type(thing), type)
    return not is_definition or type(ref) in ProxyTypes or ref.__callback__ is not None


def _inside(defaults: tuple[object, ...] | dict[str, object]) -> Iterable[object]:
    return (*defaults, *defaults.values()) if isinstance(defaults, dict) else defaults


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # empty as yet
        return GONE
