"""Which function of a new text is which function of the old one: a comparison of code objects.

Code objects are plain values: nothing here executes one.

# Functions are matched by where they are defined, as their qualified names say. Where several share a name, as lambdas
# do, those that did not change are matched first, and the others by their order in between.
"""

from __future__ import annotations

import dis
from difflib import SequenceMatcher
from types import CodeType
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

_STORES = frozenset({"STORE_DEREF", "DELETE_DEREF"})
_STORE_CODES = frozenset(dis.opmap[name] for name in _STORES)

__all__ = ["CodePair", "inner", "match", "nested", "renewed", "same_meaning", "stores"]

CodePair: TypeAlias = "tuple[CodeType, CodeType]"


def inner(code: CodeType) -> list[CodeType]:
    """The code objects directly inside of one: its functions, classes and comprehensions, in the order of the text."""
    return [const for const in code.co_consts if type(const) is CodeType]


def nested(code: CodeType) -> list[CodeType]:
    """The code objects inside of one, at any depth."""
    found = inner(code)
    for each in found:  # grows while we go
        found += inner(each)
    return found


def match(old: CodeType, new: CodeType) -> list[CodePair]:
    """Pair the code objects inside of `old` with those inside of `new`, at any depth. The two themselves are no pair."""
    pairs: list[CodePair] = []
    todo = [(old, new)]
    for before, after in todo:  # grows while we go
        found = list(_match_inner(before, after))
        pairs += found
        todo += found
    return pairs


def _match_inner(old: CodeType, new: CodeType) -> Iterator[CodePair]:
    ours = _by_name(old)
    theirs = _by_name(new) if ours else ours  # most functions have nothing inside
    for name in ours.keys() & theirs.keys():
        before, after = ours[name], theirs[name]
        if len(before) == len(after) == 1:
            yield before[0], after[0]
        else:
            yield from _align(before, after)


def _by_name(code: CodeType) -> dict[str, list[CodeType]]:
    found: dict[str, list[CodeType]] = {}
    for each in inner(code):
        found.setdefault(each.co_name, []).append(each)
    return found


def _align(old: list[CodeType], new: list[CodeType]) -> Iterator[CodePair]:
    matcher = SequenceMatcher(None, [*map(_meaning, old)], [*map(_meaning, new)], autojunk=False)
    for _, start, end, other_start, other_end in matcher.get_opcodes():
        yield from zip(old[start:end], new[other_start:other_end], strict=False)


def same_meaning(one: CodeType, other: CodeType) -> bool:
    """Whether two code objects do the same, wherever they stand."""
    return _meaning(one) == _meaning(other)


def _meaning(code: CodeType) -> tuple[object, ...]:
    """What a code object does, without where it stands."""
    constants: tuple[object, ...] = tuple(
        _meaning(const) if isinstance(const, CodeType) else (type(const).__name__, repr(const))
        for const in code.co_consts
    )
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
    parameters = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
    return code.co_code, code.co_exceptiontable, names, parameters, constants


def renewed(code: CodeType) -> CodeType:
    """A copy of a code object and of all that are inside of it: functions made by it can be told from earlier ones."""
    return code.replace(
        co_consts=tuple(renewed(const) if isinstance(const, CodeType) else const for const in code.co_consts)
    )


def stores(code: CodeType, variable: str) -> bool:
    """Whether a function, or one inside of it, rebinds a variable of the function around it (`nonlocal`)."""
    # The opcodes first: they are every other byte, and hardly any function stores there.
    stored = not _STORE_CODES.isdisjoint(code.co_code[::2])
    if stored and any(step.opname in _STORES and step.argval == variable for step in dis.get_instructions(code)):
        return True
    return any(stores(each, variable) for each in inner(code) if variable in each.co_freevars)
