"""An analysis as plain values, and back: what another process, or an earlier one, found in a text.

# Only what `marshal` knows: strings, bytes, numbers, truth values, None, and tuples and frozensets of them.
# Nothing that comes back is trusted: what has not the form of something that was packed here raises ValueError.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar, cast

from livescripts._core.analysis import Analysis, Binding, Details
from livescripts._core.initials import GoesOn, Initial, Sets, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from livescripts._core.references import Reference

__all__ = ["pack", "pack_details", "unpack", "unpack_details"]

_T = TypeVar("_T")

_TUPLE: type[tuple[Any, ...]] = tuple
_FORM = (frozenset, frozenset, frozenset, frozenset, bool, bool)  # of an analysis
_ONLY_NAMES = frozenset((str,))
_ONLY_TUPLES = frozenset((tuple,))
_BINDINGS = {(int, str, bytes), (int, str, type(None))}


def pack(analysis: Analysis) -> tuple[object, ...]:
    """Everything but the details, as plain values."""
    return (
        analysis.names,
        analysis.imports,
        analysis.rebound,
        analysis.references,
        analysis.star,
        analysis.opaque,
    )


def unpack(plain: object, find: Callable[[], Details]) -> Analysis:
    """What was packed; `find` is asked for the details when they are first needed. Raises ValueError."""
    parts = _parts(plain, 6)
    names, imports, rebound, found, star, opaque = parts
    # All of them at once: a start asks it of a thousand scripts.
    bad = tuple(map(type, parts)) != _FORM
    if bad or not _ONLY_NAMES.issuperset(map(type, cast("Iterable[Any]", chain(names, imports, rebound)))):
        message = "sets of names, references and two truth values expected"
        raise ValueError(message)
    return Analysis(names, imports, rebound, _references(found), star=star, opaque=opaque, find=find)


def pack_details(details: Details) -> tuple[object, ...]:
    """Details as plain values."""
    return (
        _pack_bindings(details.bindings),
        _pack_bindings(details.imported),
        tuple((name, _pack_bindings(found)) for name, found in details.classes.items()),
        tuple((name, _pack_initial(initial)) for name, initial in details.initials.items()),
    )


def unpack_details(plain: object) -> Details:
    """The details that were packed. Raises ValueError."""
    bindings, imported, classes, initials = _parts(plain, 4)
    return Details(
        _mapping(bindings, _binding),
        _mapping(imported, _binding),
        _mapping(classes, lambda found: _mapping(found, _binding)),
        _mapping(initials, _initial),
    )


# ------------------------------------------------------------------ packing


def _pack_bindings(bindings: Mapping[str, Binding]) -> tuple[object, ...]:
    return tuple((name, (found.line, found.text, found.policy, found.key)) for name, found in bindings.items())


def _pack_initial(initial: Initial) -> tuple[object, ...]:
    return _pack_steps(initial.init), _pack_steps(initial.post_init), tuple(initial.factories.items())


def _pack_steps(steps: tuple[Step, ...] | None) -> tuple[object, ...] | None:
    if steps is None:
        return None
    return tuple((step.names, step.text) if isinstance(step, Sets) else (step.base, step.certain) for step in steps)


# ------------------------------------------------------------------ unpacking


def _is(value: object, kind: type[_T]) -> _T:
    # By the exact type: True is no line number.
    if type(value) is not kind:
        message = f"{kind.__name__} expected, not {type(value).__name__}"
        raise ValueError(message)
    return value


def _optional(value: object, kind: type[_T]) -> _T | None:
    return None if value is None else _is(value, kind)


def _parts(value: object, count: int) -> tuple[Any, ...]:
    parts = _is(value, _TUPLE)
    if len(parts) != count:
        message = f"{count} parts expected, not {len(parts)}"
        raise ValueError(message)
    return parts


def _references(found: frozenset[Any]) -> frozenset[Reference]:
    for each in found:
        if type(each) is not tuple or tuple(map(type, cast("tuple[Any, ...]", each))) != (int, str):
            message = "references expected"
            raise ValueError(message)
    return found


def _mapping(value: object, item: Callable[[object], _T]) -> dict[str, _T]:
    pairs = _is(value, _TUPLE)
    if not _ONLY_TUPLES.issuperset(map(type, pairs)):
        message = "pairs expected"
        raise ValueError(message)
    found = {_is(name, str): each for name, each in pairs}  # ValueError for what has not two parts
    if len(found) != len(pairs):
        message = "a name comes twice"
        raise ValueError(message)
    return {name: item(each) for name, each in found.items()}


def _binding(value: object) -> Binding:
    line, text, policy, key = _parts(value, 4)
    if policy is not None and policy not in ("keep", "fresh"):
        message = f"{policy!r} is no policy"
        raise ValueError(message)
    # By the exact type: True is no line number.
    if tuple(map(type, (line, text, key))) not in _BINDINGS:
        message = f"a binding expected, not {value!r}"
        raise ValueError(message)
    return Binding(line, text, policy, key)


def _initial(value: object) -> Initial:
    init, post_init, factories = _parts(value, 3)
    return Initial(_steps(init), _steps(post_init), _mapping(factories, lambda text: _is(text, str)))


def _steps(value: object) -> tuple[Step, ...] | None:
    return None if value is None else tuple(map(_step, _is(value, _TUPLE)))


def _step(value: object) -> Step:
    one, other = _parts(value, 2)
    if type(one) is str:
        return GoesOn(one, _is(other, bool))
    return Sets(tuple(_is(name, str) for name in _is(one, _TUPLE)), _optional(other, str))
