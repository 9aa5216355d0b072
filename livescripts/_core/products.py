"""What a statement makes: the object that it gives a name to, and those in its displays, if it does not name what is made
elsewhere; and which of them stands for which in another version of the statement.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from difflib import SequenceMatcher
from operator import itemgetter
from typing import TYPE_CHECKING

from livescripts._core.analysis import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Pair", "Path", "Product", "products"]

_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)

Path = tuple[tuple[int, int], ...]
"""Where something is in nested displays: in each of them, which of so many values. Of dicts, keys do not count."""


@dataclass(frozen=True, slots=True)
class Product:
    """Something that a statement makes. `maker` is the (dotted) name that is called for it, "" for a display or comprehension,
    "()" for a tuple. `each` is the same for the values of a comprehension of a dict.
    """

    maker: str
    path: Path
    each: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """What stands for each other in two versions of a statement. `edited`: its own text is another one, but for the layout, which
    counts in displays: they may be long.
    """

    before: Product
    after: Product
    edited: bool


@dataclass(frozen=True, slots=True)
class _Value:
    """The value of an assignment, and the lines that it stands in."""

    node: ast.expr
    lines: tuple[bytes, ...]

    def text(self, node: ast.expr) -> bytes:
        """The text of a part of it."""
        first, last = node.lineno - 1, node.end_lineno or node.lineno
        lines = [*self.lines[first:last]]
        # The end first: on one line both are measured from the same start.
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"\n".join(lines)


def products(before: str, after: str) -> Iterator[Pair]:
    """What two versions of an assignment make, the outermost first.

    An index, another name, several statements are no such things: they name what is made elsewhere. Values of dicts do if
    their keys have the same text; those of lists and tuples, if they have the same text, or as many others were in between as
    are now.
    """
    one, other = _value(before), _value(after)
    if one is None or other is None:
        return
    todo: list[tuple[Path, ast.expr, Path, ast.expr]] = [((), one.node, (), other.node)]
    for ours, old, theirs, new in todo:  # grows while we go
        made_by, made_now_by = _maker(old), _maker(new)
        if made_by is not None and made_now_by is not None:
            edited = one.text(old) != other.text(new) and (_are_displays(old, new) or ast.dump(old) != ast.dump(new))
            yield Pair(Product(made_by, ours, _each(old)), Product(made_now_by, theirs, _each(new)), edited)
        olds, news = _inside(one, old), _inside(other, new)
        if type(old) is type(new):
            for index, twin in _matched([*map(_label, olds)], [*map(_label, news)], keyed=type(old) is ast.Dict):
                mine, its = (*ours, (index, len(olds))), (*theirs, (twin, len(news)))
                todo.append((mine, olds[index][1], its, news[twin][1]))


_label = itemgetter(0)


def _inside(value: _Value, node: ast.expr) -> list[tuple[bytes, ast.expr]]:
    """What a display has in it, each under what tells it from the others; nothing if that does not tell how many there will be."""
    match node:
        case ast.Dict(keys, values) if None not in keys:
            return [(value.text(key), each) for key, each in zip(keys, values, strict=True) if key is not None]
        case ast.List(elements) | ast.Tuple(elements) if not any(isinstance(each, ast.Starred) for each in elements):
            return [(value.text(each), each) for each in elements]
        case _:
            return []


def _matched(olds: list[bytes], news: list[bytes], *, keyed: bool) -> Iterator[tuple[int, int]]:
    if keyed:
        places = {label: index for index, label in enumerate(news)}
        yield from ((index, places[label]) for index, label in enumerate(olds) if label in places)
        return
    for kind, start, end, begin, stop in SequenceMatcher(None, olds, news, autojunk=False).get_opcodes():
        if kind == "equal" or end - start == stop - begin:
            yield from zip(range(start, end), range(begin, stop), strict=True)


def _are_displays(*nodes: ast.expr) -> bool:
    return all(isinstance(node, ast.List | ast.Dict | ast.Set | ast.Tuple) for node in nodes)


def _each(node: ast.expr) -> str | None:
    return _maker(node.value) if isinstance(node, ast.DictComp) else None


def _maker(node: ast.expr) -> str | None:
    if isinstance(node, _DISPLAYS):
        return ""
    if isinstance(node, ast.Tuple):
        return "()"
    return _dotted(node.func) if isinstance(node, ast.Call) else None


def _value(text: str) -> _Value | None:
    try:
        body = parsed(text).body
    except (SyntaxError, RecursionError, MemoryError):
        return None
    match body:
        case [ast.Assign(targets=[ast.Name()], value=value) | ast.AnnAssign(value=ast.expr() as value)]:
            return _Value(value, tuple(text.encode().split(b"\n")))
        case _:
            return None


def _dotted(node: ast.expr) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None
