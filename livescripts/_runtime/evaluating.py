"""Constant expressions of a script, evaluated without running any of its code.

# Rule 1: nothing is called but C types of Python and pygame that are known to do nothing else than make a value.
# Rule 2: operators, truth, hashing, comparing and formatting are for plain values only: exactly Python's own types, all
# the way down. Anything else may be put into a tuple, list or dict, but nobody asks it anything.
# Rule 3: names are read from the dicts of modules and classes; what would be computed when it is read is not constant.
# Rule 4: no value becomes huge on the way, and no text takes long.
"""

from __future__ import annotations

import ast
import builtins
import operator
import re
import warnings
from collections import Counter, OrderedDict, defaultdict, deque
from enum import EnumMeta
from functools import lru_cache
from types import EllipsisType, ModuleType, NoneType
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime.classes import class_values
from livescripts._runtime.modules import (
    Namespace,
    ScriptModule,
    TracedModule,
    TracedNamespace,
    owners_of,
    values_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

__all__ = ["NotConstant", "construct", "evaluate", "is_harmless", "is_single", "mro_of"]


class NotConstant(Exception):  # noqa: N818 - an answer
    """The expression has no value that could be known without running code of the script."""


mro_of: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
"""The method resolution order of a class, whatever its metaclass says."""

_flags: Callable[[type], int] = type.__dict__["__flags__"].__get__
_module: Callable[[type], object] = type.__dict__["__module__"].__get__
_name: Callable[[type], str] = type.__dict__["__name__"].__get__
_update: Callable[[dict[Any, Any], object], None] = vars(dict)["update"]
_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: of what a `class` statement makes

# Members and characters that an operand may have, since all of them are looked at; and those that a result may have.
_LOOKS = 100_000
_LIMIT = 1_000_000

# By id, since a class may have a metaclass with a `__hash__` of its own.
_NUMBERS = frozenset(map(id, (int, bool)))
_ATOMS = frozenset(map(id, (float, complex, NoneType, EllipsisType)))
_SIZED = frozenset(map(id, (str, bytes, bytearray, range)))
_COLLECTIONS = frozenset(map(id, (list, tuple, set, frozenset, deque)))
_DICTS = frozenset(map(id, (dict, Counter, OrderedDict, defaultdict)))
_PLAIN = _NUMBERS | _ATOMS | _SIZED | _COLLECTIONS | _DICTS
_SINGLE = _NUMBERS | _ATOMS | frozenset(map(id, (str, bytes, range)))
_INDEXED = frozenset(map(id, (list, tuple, str, bytes, bytearray, range)))
_MODULES = frozenset(map(id, (ModuleType, Namespace, ScriptModule, TracedModule, TracedNamespace)))
_NAMESPACES = frozenset(map(id, (Namespace, TracedNamespace)))

_TEXTS = frozenset(map(id, (bytes, bytearray)))
_HARMLESS = _TEXTS.union(
    map(id, (list, tuple, dict, set, frozenset, int, float, str, bool, complex, range)),
    map(id, (deque, Counter, defaultdict, OrderedDict)),
)
# pygame and pygame-ce; which module of it, differs.
_PYGAME = frozenset({"Vector2", "Vector3", "Rect", "FRect", "Color"})

# Those that Python knows itself: for others it asks whoever has registered a codec.
_ENCODINGS = frozenset({"utf-8", "utf8", "ascii", "latin-1"})

# A width that makes a long text of a short one.
_WIDE = re.compile(r"\d{4}")
_WIDE_PERCENT = re.compile(r"\d{4}|\*")

_operator: Any = operator
_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: _operator.add,
    ast.Sub: _operator.sub,
    ast.Mult: _operator.mul,
    ast.Div: _operator.truediv,
    ast.FloorDiv: _operator.floordiv,
    ast.Mod: _operator.mod,
    ast.Pow: _operator.pow,
    ast.LShift: _operator.lshift,
    ast.RShift: _operator.rshift,
    ast.BitAnd: _operator.and_,
    ast.BitOr: _operator.or_,
    ast.BitXor: _operator.xor,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
_IDENTITY: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {ast.Is: operator.is_, ast.IsNot: operator.is_not}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda member, container: operator.contains(container, member),
    ast.NotIn: lambda member, container: not operator.contains(container, member),
}
_CONVERSIONS: Mapping[int, Callable[[object], object]] = {
    -1: lambda value: value,
    ord("s"): str,
    ord("r"): repr,
    ord("a"): ascii,
}


def evaluate(text: str, values: Mapping[str, Any]) -> Any:
    """The value of an expression with these globals. Displays are made anew each time.

    Raises NotConstant if it is none that `_core.initials` takes for constant, if one of its names is not there, if code of
    somebody would have to run, or if the value does not exist (`1 / 0`) or would be huge.
    """
    try:
        return _value(_parse(text), values)
    except NotConstant:
        raise
    except Exception as error:  # what operators raise, too deep nesting included
        raise NotConstant(text) from error


def is_harmless(value: object) -> bool:
    """Whether this is a C type that does nothing but make a value when it is called."""
    if id(value) in _HARMLESS:
        return True
    # Not a subclass: a type that C code defines statically. What a class of a script says about its module does not count.
    if type(value) is not type or _flags(value) & _HEAP_TYPE:
        return False
    return str(_module(value)).partition(".")[0] == "pygame" and _name(value) in _PYGAME


def is_single(value: object) -> bool:
    """Whether it makes no difference if many instances have this object, or each a fresh one."""
    return _kind(value) in _SINGLE


def construct(function: object, arguments: Iterable[object] = (), keywords: Mapping[str, object] | None = None) -> Any:
    """Call a harmless type. Raises NotConstant if it is none, or not with these arguments."""
    if not is_harmless(function):
        raise NotConstant
    arguments, keywords = [*arguments], {} if keywords is None else keywords
    # The factory of a defaultdict is only stored.
    _weigh([*(arguments[1:] if function is defaultdict else arguments), *keywords.values()])
    if function is Counter:
        return _counter(arguments, keywords)
    if function is str and (keywords or len(arguments) > 1):
        raise NotConstant
    if id(function) in _TEXTS:
        _check_bytes(arguments, keywords)
    try:
        return cast("Callable[..., object]", function)(*arguments, **keywords)
    except Exception as error:  # wrong arguments
        raise NotConstant from error


def _counter(arguments: list[object], keywords: Mapping[str, object]) -> Counter[Any]:
    # Made like this, since `Counter.__init__` asks abstract base classes what it has got.
    counter: Counter[Any] = Counter()
    if len(arguments) > 1 or any(type(argument) is not dict for argument in arguments):
        raise NotConstant
    for values in (*arguments, keywords):
        _update(counter, values)
    return counter


def _check_bytes(arguments: list[object], keywords: Mapping[str, object]) -> None:
    match arguments:
        case [] | [_] if not keywords:
            _check(arguments[0] if arguments and isinstance(arguments[0], int) else 0)
        case [str(), str(encoding)] if not keywords and encoding in _ENCODINGS:
            pass
        case _:
            raise NotConstant


@lru_cache(maxsize=256)
def _parse(text: str) -> ast.expr:
    with warnings.catch_warnings():
        # They were shown when the script was compiled.
        warnings.simplefilter("ignore")
        # The text may end with a comment, and go over several lines for the sake of parentheses around it.
        return ast.parse(f"({text}\n)", mode="eval").body


def _value(node: ast.AST | None, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value):
            return value
        case ast.Name(name):
            found = names if name in names else vars(builtins)
            return found[name]
        case ast.Attribute(owner, name):
            return _attribute(_value(owner, names), name)
        case ast.Tuple(elts):
            return tuple([_value(member, names) for member in elts])
        case ast.List(elts):
            return [_value(member, names) for member in elts]
        case ast.Set(elts):
            members = [_value(member, names) for member in elts]
            _weigh(members)
            return set(members)
        case ast.Dict(keys, elts):
            members = [(_value(key, names), _value(member, names)) for key, member in zip(keys, elts, strict=True)]
            _weigh([key for key, _ in members])
            return dict(members)
        case ast.UnaryOp(operation, operand):
            return _unary(type(operation), _value(operand, names))
        case ast.BinOp(left, operation, right):
            return _binary(type(operation), _value(left, names), _value(right, names))
        case ast.BoolOp(operation, operands):
            stops_at = isinstance(operation, ast.Or)
            value = _value(operands[0], names)
            for operand in operands[1:]:
                if _truth(value) is stops_at:
                    return value
                value = _value(operand, names)
            return value
        case ast.Compare(left, operations, comparators):
            value = _value(left, names)
            for operation, comparator in zip(operations, comparators, strict=True):
                other = _value(comparator, names)
                if not _compare(type(operation), value, other):
                    return False
                value = other
            return True
        case ast.IfExp(test, body, orelse):
            return _value(body if _truth(_value(test, names)) else orelse, names)
        case ast.Subscript(container, index):
            return _item(_value(container, names), _value(index, names))
        case ast.JoinedStr(values):
            return "".join([_value(part, names) for part in values])
        case ast.FormattedValue(inner, conversion, spec):
            value = _value(inner, names)
            _weigh([value])
            layout: str = "" if spec is None else _value(spec, names)
            if _WIDE.search(layout):
                raise NotConstant
            return format(_CONVERSIONS[conversion](value), layout)
        case ast.Call(function, arguments, keywords):
            named = {str(keyword.arg): _value(keyword.value, names) for keyword in keywords if keyword.arg is not None}
            if len(named) < len(keywords):
                raise NotConstant
            return construct(_value(function, names), [_value(argument, names) for argument in arguments], named)
        case _:
            raise NotConstant


def _kind(value: object) -> int:
    return id(type(value))


def _check(size: int, limit: int = _LIMIT) -> None:
    if size > limit:
        raise NotConstant


def _weigh(values: Collection[object]) -> int:
    """How much plain values consist of. Raises NotConstant if one is not plain, or if they are huge."""
    weight = 0
    todo = [*values]
    while todo:
        value: Any = todo.pop()
        kind = _kind(value)
        weight += 1
        if kind in _NUMBERS:
            weight += value.bit_length() >> 3
        elif kind in _SIZED:
            weight += len(value)
        elif kind in _COLLECTIONS or kind in _DICTS:
            # Before looking inside: what holds itself, or one thing many times over, does not end soon.
            _check(weight + len(todo) + len(value), _LOOKS)
            todo += value
            if kind in _DICTS:
                todo += value.values()
        elif kind not in _ATOMS:
            raise NotConstant
        _check(weight + len(todo), _LOOKS)
    return weight


def _truth(value: object) -> bool:
    if _kind(value) not in _PLAIN:
        raise NotConstant
    return bool(value)


def _unary(operation: type[ast.unaryop], value: object) -> object:
    if operation is ast.Not:
        return not _truth(value)
    _weigh([value])
    if operation is ast.Invert and type(value) is bool:
        raise NotConstant  # Python 3.12 warns of it
    return _UNARY[operation](value)


def _binary(operation: type[ast.operator], left: Any, right: Any) -> object:
    _weigh([left, right])
    ours, theirs = _kind(left), _kind(right)
    if operation is ast.Pow and ours in _NUMBERS and theirs in _NUMBERS:
        _check(left.bit_length() * right)
    elif operation is ast.LShift:
        _check(right)
    elif operation is ast.Mult and (ours in _NUMBERS) != (theirs in _NUMBERS):
        times, value = (left, right) if ours in _NUMBERS else (right, left)
        if _kind(value) not in _ATOMS:
            _check(_weigh([value]) * times)
    elif operation is ast.Mod and ours not in _NUMBERS | _ATOMS:
        layout = left.decode("latin-1") if ours in _TEXTS else left
        if _WIDE_PERCENT.search(layout):
            raise NotConstant
    return _BINARY[operation](left, right)


def _compare(operation: type[ast.cmpop], left: object, right: object) -> bool:
    if operation in _IDENTITY:
        return _IDENTITY[operation](left, right)
    _weigh([left, right])
    return _COMPARISONS[operation](left, right)


def _item(container: Any, index: Any) -> Any:
    if type(container) is dict:
        # A key with the same hash would be asked whether it is equal.
        keys = cast("dict[object, object]", container)
        _check(len(keys), _LOOKS)
        _weigh([index, *keys])
    elif _kind(container) in _INDEXED:
        _weigh([index])
    else:
        raise NotConstant
    return cast("Any", container)[index]


def _attribute(owner: Any, name: str) -> object:
    kind = cast("type[Any]", type(owner))
    if id(kind) in _MODULES:
        values = values_of(owner)
        if name not in values and id(kind) in _NAMESPACES:
            values = owners_of(owner)[name]
        return values[name]
    if not issubclass(kind, type):
        raise NotConstant
    members: Any = class_values(owner).get("_member_map_")
    if kind is EnumMeta and type(members) is dict and name in members:
        return cast("dict[str, object]", members)[name]
    for meta in mro_of(kind):
        inside = class_values(meta)
        if name in inside or (meta is not type and meta is not object and "__getattribute__" in inside):
            raise NotConstant
    for cls in mro_of(owner):
        if name in class_values(cls):
            return _undescribed(class_values(cls)[name])
    raise NotConstant


def _undescribed(value: object) -> object:
    """A value that is what a class answers with: not one that computes the answer."""
    if any("__get__" in class_values(cls) for cls in mro_of(type(value))):
        raise NotConstant
    return value
