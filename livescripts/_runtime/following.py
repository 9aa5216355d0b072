"""Finding what must follow a commit: instances, function objects that nobody knows by name, and stale references.

One walk over the heap finds all of it; what reference counts show to be held by nobody else is not looked for.
"""

from __future__ import annotations

import gc
import inspect
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import chain
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, cast

from livescripts._core.codes import match, nested
from livescripts._core.merging import is_dunder
from livescripts._runtime import enums
from livescripts._runtime.census import Census, about_class, is_watched, places_of_class
from livescripts._runtime.classes import class_values, classes_of, functions_in, is_shell, kind_of
from livescripts._runtime.functions import fits
from livescripts._runtime.heap import search
from livescripts._runtime.replacements import shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from livescripts._core.codes import CodePair
    from livescripts._runtime.succession import Heirs, Scene, Succession

__all__ = ["Following", "code_pairs", "follow", "follow_code"]


@dataclass(slots=True)
class Following:
    """What was found. `instances` are by the identity of their class; `holders` refer to something that gives way.

    `strays` are functions made by old code that no name leads to, with the new code, and, where there is just one, the
    function that the new version made of it. `lost` are functions that somebody holds and whose definition is gone.
    `made` are containers and instances that only the new scripts have. `stuck` counts values that cannot be what the new
    version wants, by the identity of that class. `free` has the identities of the classes that give way and that nobody holds.
    """

    instances: dict[int, list[object]]
    holders: list[object]
    strays: list[tuple[FunctionType, CodeType, FunctionType | None]] = field(
        default_factory=list[tuple[FunctionType, CodeType, "FunctionType | None"]]
    )
    lost: list[FunctionType] = field(default_factory=list[FunctionType])
    stuck: Counter[int] = field(default_factory=Counter[int])
    made: list[object] = field(default_factory=list[object])
    free: set[int] = field(default_factory=set[int])


def follow(
    scenes: list[Scene],
    succession: Succession,
    visited: Iterable[type],
    private: Iterable[Any],
    known: Iterable[Any] = (),
    left: Iterable[FunctionType] = (),
) -> Following:
    """Look for everything at once. `visited` are classes that stay but whose instances are wanted.

    `private` are our own dicts, lists and tuples: references from there do not count. Nor do those from `known`, dicts
    that will be taken care of. `left` are functions that earlier commits left behind with their old code. Adds to
    `succession` what only the walk can tell.
    """
    heirs = succession.heirs
    pairs, lost = _codes(scenes)
    places = [
        *private,
        *_places(scenes, succession),
        *heirs.pairs.values(),
        *succession.classes,
        *succession.twos(),
    ]
    losers = _losers(succession)
    census = Census([*places, *known])
    parts = [*_parts(succession), *((place, 1) for loser in losers for place in places_of_class(loser))]
    # What has a name of its own in a script is somebody's.
    named = {
        id(value) for each in scenes for values in (each.live, each.made, each.staged) for value in values.values()
    }
    census.add(part for part in parts if id(part[0]) not in named)
    del parts
    for pair in succession.kept:
        if enums.is_enum(pair.new):
            census.add_members(pair.new)
    absorbed = census.absorb(_made(scenes, succession))
    both = (*succession.kept, *succession.moved)
    census.account(
        chain(
            losers,
            chain.from_iterable(map(about_class, losers)),
            (cls for pair in both for cls in (pair.new, pair.old, pair.lineage.current)),
            (function.__code__ for two in succession.patched for function in two),
            # Each twice: our tuple or list, and the constants that it is one of.
            *(chain(chain.from_iterable(pairs), lost) for _ in range(2)),
        )
    )
    wanted = {id(cls): cls for cls in visited}
    held_classes = {id(loser): loser for loser in census.held(losers)}
    free = {id(loser) for loser in losers if id(loser) not in held_classes and not is_watched(loser)}
    wanted.update(held_classes)
    classes = list(wanted.values())
    others = census.held(loser for loser, _ in heirs.pairs.values() if not issubclass(type(loser), type))
    abandoned = _abandoned(scenes, succession, census) if lost else []
    gone = _functions_with(lost, scenes, [*(pair.old for pair in both), *abandoned])
    census.account(gone)
    held = {id(function) for function in census.held(iter(gone))}
    census.account(function.__code__ for function in gone if id(function) not in held)
    codes = census.held(code for pair in pairs for code in pair) + census.held(iter(lost))
    hidden = chain(places, (wanted, classes, others, codes, lost, gone, losers, absorbed, abandoned), pairs)
    found = search(classes, [*others, *codes], hidden)
    following = Following(found.instances, found.holders, made=absorbed, free=free)
    following.holders += [thing for thing in absorbed if any(each in heirs for each in gc.get_referents(thing))]
    for loser in losers:
        if id(loser) not in wanted:
            following.instances[id(loser)] = [thing for thing in absorbed if kind_of(thing) is loser]
    made_by: dict[int, list[FunctionType]] = defaultdict(list)
    for holder in found.holders:
        if type(holder) is FunctionType:
            made_by[id(holder.__code__)].append(holder)
    late = [*_meet_named_tuples(succession, following), *_meet_strays(pairs, made_by, succession, following)]
    if late:
        # What was found is a list that refers to them, too: in itself, it would never be freed.
        ours = [late, following.holders, *made_by.values(), *following.instances.values()]
        following.holders += search([], late, [*places, *ours, *heirs.pairs.values()]).holders
    following.strays += _meet_again(scenes, left, succession)
    forwarded = {id(old) for old, _ in succession.forwarded}
    for code in lost:
        for _ in range(2):  # the lists `made_by` and `holders`
            census.account(made_by[id(code)])
        following.lost += [f for f in census.held(iter(made_by[id(code)])) if id(f) not in forwarded]
    return following


def follow_code(
    pairs: list[CodePair],
    lost: list[CodeType],
    known: Iterable[CodeType],
    named: Iterable[tuple[CodeType, FunctionType]],
) -> Following:
    """Look for the functions that no name leads to with the old code of these pairs, or with code that is `lost`.

    `known` has an old code object once for each reference to it that is accounted for, besides that of the constants which
    it is one of, and those of `pairs` and `lost`. `named` are the functions that get new code, with that.
    """
    olds = [*(old for old, _ in pairs), *lost]
    census = Census([])
    census.account(chain(olds, olds, olds, known))  # a constant; in a pair, or lost; in `olds`
    held = census.held(iter(olds))
    following = Following({}, [])
    heirs = {id(old): new for old, new in pairs}
    twins: dict[int, list[FunctionType]] = defaultdict(list)
    for code, function in named:
        twins[id(code)].append(function)
    for function in search([], held, (*pairs, pairs, lost, olds)).holders:
        if type(function) is FunctionType:
            code = heirs.get(id(function.__code__))
            if code is None:
                following.lost.append(function)
            else:
                twin = twins[id(code)][0] if len(twins[id(code)]) == 1 else None
                following.strays.append((function, code, twin))
    return following


def _abandoned(scenes: list[Scene], succession: Succession, census: Census) -> list[type]:
    """The classes whose definition is gone, and which nobody holds: so nobody holds what is in them on their account."""
    known = {id(pair.old) for pair in (*succession.kept, *succession.moved)}
    running = [scene for scene in scenes if scene.entry.live is not None]
    found = [
        cls
        for scene in running
        for cls in classes_of(scene.live, scene.entry.location.module).values()
        if id(cls) not in known
    ]
    census.account(chain(found, chain.from_iterable(map(about_class, found))))
    census.add((place, 1) for place in chain.from_iterable(map(places_of_class, found)))
    free: dict[int, type] = {}
    while True:
        held = {id(cls) for cls in census.held(iter(found))}
        more = {id(cls): cls for cls in found if id(cls) not in held and id(cls) not in free}
        if not more:
            return [*free.values()]
        free.update(more)
        census.add((_dict_of(cls), 1) for cls in more.values())
        census.add((value, 0) for cls in more.values() for value in class_values(cls).values() if is_shell(value))


def _functions_with(codes: list[CodeType], scenes: list[Scene], classes: list[type]) -> list[FunctionType]:
    """The functions that scripts and these classes hold by name and that have one of these codes."""
    wanted = set(map(id, codes))
    values = [value for scene in scenes for value in scene.live.values()]
    for cls in classes:
        values += class_values(cls).values()
    found = {id(each): each for value in values for each in functions_in(value) if id(each.__code__) in wanted}
    return list(found.values())


def _made(scenes: list[Scene], succession: Succession) -> Iterator[Any]:
    """What statements have made that is no definition: in modules, in classes, and as defaults."""
    for scene in scenes:
        both = (item for values in (scene.made, scene.staged) for item in values.items())
        yield from {id(value): value for name, value in both if not is_dunder(name)}.values()
    for pair in (*succession.kept, *succession.moved):
        yield from class_values(pair.new).values()
    for _, new in succession.patched:
        yield from (*(new.__defaults__ or ()), *(new.__kwdefaults__ or {}).values())
    for _, new in succession.twos():
        yield new


def _losers(succession: Succession) -> list[type]:
    """The classes that give way."""
    found = {id(loser): loser for loser, _, _ in succession.classes}
    for key, (loser, _) in succession.heirs.pairs.items():
        if issubclass(type(loser), type):
            found[key] = cast("type", loser)
    return list(found.values())


def _places(scenes: list[Scene], succession: Succession) -> Iterator[Any]:
    """Dicts and cells that refer to what gives way, and will be refilled or thrown away as a whole."""
    for scene in scenes:
        yield from (scene.live, scene.made, scene.staged, scene.loaded)
    for pair in (*succession.kept, *succession.moved):
        yield _dict_of(pair.old)
        yield _dict_of(pair.new)


def _parts(succession: Succession) -> Iterator[tuple[Any, int]]:
    """What classes and functions consist of and will be made anew, with the number of references from inside of them."""
    for pair in (*succession.kept, *succession.moved):
        # What is around functions, as `migration` makes it anew. The dicts of classes are known.
        for values in (class_values(pair.old), class_values(pair.new)):
            yield from ((value, 0) for value in values.values() if is_shell(value))
    for pair in succession.kept:
        yield class_values(pair.new).get("__annotations__", ()), 0
    cells = Counter(id(cell) for _, new in succession.patched for cell in new.__closure__ or ())
    for _, new in succession.patched:
        # Each of them is put through `settled`, or filled.
        for place in (new.__dict__, new.__defaults__, new.__kwdefaults__, new.__annotations__):
            if place:
                yield place, 1
        # The cell that `super()` looks in is one of `about_class`: counted twice, it would hide a holder.
        variables = zip(new.__code__.co_freevars, new.__closure__ or (), strict=True)
        yield from ((cell, cells[id(cell)]) for name, cell in variables if name != "__class__")


def _dict_of(cls: type) -> Any:
    return gc.get_referents(class_values(cls))[0]


# ------------------------------------------------------------------ functions by their code


def _codes(scenes: list[Scene]) -> tuple[list[CodePair], list[CodeType]]:
    """The code objects of functions: of the old versions with their new ones, and those that have none."""
    pairs: list[CodePair] = []
    lost: list[CodeType] = []
    for scene in scenes:
        live = scene.entry.live
        if live is not None and live.code is not scene.entry.code:
            mine, gone = code_pairs(live.code, scene.entry.code)
            pairs += mine
            lost += gone
    return pairs, lost


def code_pairs(before: CodeType, after: CodeType) -> tuple[list[CodePair], list[CodeType]]:
    """The code of functions in the old version of a script: with what takes its place, and what has gone."""
    pairs = [pair for pair in match(before, after) if _is_function(pair[0])]
    known = {id(old) for old, _ in pairs}
    return pairs, [code for code in nested(before) if _is_function(code) and id(code) not in known]


def _is_function(code: CodeType) -> bool:
    # The bodies of classes are not optimised; comprehensions are nobody's to hold.
    return bool(code.co_flags & inspect.CO_OPTIMIZED) and (code.co_name[:1] != "<" or code.co_name == "<lambda>")


def _meet_strays(
    pairs: list[CodePair], made_by: dict[int, list[FunctionType]], succession: Succession, following: Following
) -> Iterator[object]:
    """Sort the functions that were found by their code. Yields those of the new version that give way."""
    if not made_by:
        return
    known: dict[int, list[FunctionType]] = defaultdict(list)
    for _, new in succession.patched:
        known[id(new.__code__)].append(new)
    decided = {id(function) for two in (*succession.patched, *succession.forwarded) for function in two}
    for before, after in pairs:
        olds = [function for function in made_by[id(before)] if id(function) not in decided]
        news = [function for function in made_by[id(after)] if id(function) not in decided]
        if len(news) > 1 or len(olds) > 1:
            for old, new in _alike(olds, news, succession.heirs.final):
                succession.patched.append((old, new))
                succession.heirs.add(new, old)
                yield new
                decided |= {id(old), id(new)}
            olds = [function for function in olds if id(function) not in decided]
            news = [function for function in news if id(function) not in decided]
        twins = [*known[id(after)], *news]
        twin = twins[0] if len(twins) == 1 else None
        alone = len(olds) == len(news) == 1 and twin is not None and fits(olds[0], twin)
        if alone and twin is not None and _of_one_class(olds[0], twin, succession.heirs):
            # A lambda in somebody's table: it was made once before, and once now.
            succession.patched.append((olds[0], twin))
            succession.heirs.add(twin, olds[0])
            yield twin
        else:
            following.strays += ((function, after, twin) for function in olds)


def _alike(
    olds: list[FunctionType], news: list[FunctionType], final: Callable[[object], object]
) -> Iterator[tuple[FunctionType, FunctionType]]:
    """Of several functions with the same definition, those that were made with the same: each at most once."""
    waiting: dict[object, list[FunctionType]] = defaultdict(list)
    for old in reversed(olds):
        waiting[_made_with(old, final)].append(old)
    for new in news:
        found = waiting[_made_with(new, final)]
        if found and fits(found[-1], new):
            yield found.pop(), new


def _made_with(function: FunctionType, final: Callable[[object], object]) -> object:
    """What a function closes over and its defaults, comparable."""
    keywords: dict[str, object] = function.__kwdefaults__ or {}
    parts: list[object] = [*(function.__defaults__ or ()), *keywords.values()]
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    for name in sorted(cells):
        try:
            parts.append(cells[name].cell_contents)
        except ValueError:  # empty as yet
            parts.append(function)
    return (*sorted(cells), *keywords), *(shape(final(part)) for part in parts)


def _of_one_class(old: FunctionType, new: FunctionType, heirs: Heirs) -> bool:
    """Whether `super()` means the same class in both, in the end.

    It does not where a decorator puts a class of its own in the place of the one that the text defines: that one has no
    name, so it has no heir, and its methods stay with it.
    """
    ours, theirs = (_class_of(function) for function in (old, new))
    return heirs.final(ours) is heirs.final(theirs)


def _class_of(method: FunctionType) -> object:
    cells = dict(zip(method.__code__.co_freevars, method.__closure__ or (), strict=True))
    try:
        return cells["__class__"].cell_contents if "__class__" in cells else None
    except ValueError:  # its class is not made yet
        return None


def _meet_again(
    scenes: list[Scene], left: Iterable[FunctionType], succession: Succession
) -> Iterator[tuple[FunctionType, CodeType, None]]:
    """Functions that were left behind, with the new code of their definition, if there is one again."""
    left = list(left)
    if not left:
        return
    decided = {id(old) for old, _ in (*succession.patched, *succession.forwarded)}
    codes: dict[tuple[str, str], list[CodeType]] = defaultdict(list)
    for scene in scenes:
        for code in nested(scene.entry.code):
            if _is_function(code):
                codes[scene.entry.location.module, code.co_qualname].append(code)
    for function in left:
        found = codes[function.__module__, function.__code__.co_qualname]
        if len(found) == 1 and id(function) not in decided:
            yield function, found[0], None


# ------------------------------------------------------------------ named tuples


def _meet_named_tuples(succession: Succession, following: Following) -> Iterator[object]:
    """A tuple cannot get another field: whoever holds one gets a new tuple instead. Yields those that give way."""
    for pair in succession.moved:
        if id(pair.old) not in succession.rigid:
            continue
        for value in following.instances.pop(id(pair.old)):
            renewed = enums.renewed_tuple(cast("tuple[Any, ...]", value), pair.old, pair.new)
            if renewed is None:
                following.stuck[id(pair.new)] += 1
            else:
                succession.heirs.add(value, renewed)
                yield value
