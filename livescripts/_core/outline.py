"""What a script's code object says about its top level: the same that its text says, in a tenth of the time.

A start compiles every script that it does not know, so the code is there; a syntax tree would have to be made, which takes
twice as long as compiling. Whatever cannot be told for sure is left to the text: a `del` may be certain or not, a
walrus in a comprehension binds outside of it, what is never executed is not in the code.
"""

from __future__ import annotations

import opcode
from dataclasses import dataclass
from types import CodeType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livescripts._core.references import Reference

__all__ = ["Outline", "outline"]


@dataclass(frozen=True, slots=True)
class Outline:
    """What a top level binds, by anything but an import and by one; what functions rebind; what it seems to take from other
    modules; whether there is a `from … import *`.
    """

    names: frozenset[str]
    imports: frozenset[str]
    rebound: frozenset[str]
    references: frozenset[Reference]
    star: bool


# What becomes of an instruction, by its number. The order counts: it is asked of each.
_PADDING, _KEEPS, _EXTENDED, _OTHER, _CONSTANT, _NUMBER, *_others = range(13)
_NAME, _ATTRIBUTE, _SETS_ATTRIBUTE, _BINDS, _IMPORTS, _FROM, _UNSURE = _others

_MEANINGS = {
    "CACHE": _PADDING,
    "EXTENDED_ARG": _EXTENDED,
    "LOAD_CONST": _CONSTANT,
    "LOAD_SMALL_INT": _NUMBER,
    "LOAD_NAME": _NAME,
    "LOAD_GLOBAL": _NAME,
    "LOAD_FROM_DICT_OR_GLOBALS": _NAME,
    "LOAD_ATTR": _ATTRIBUTE,
    "LOAD_METHOD": _ATTRIBUTE,
    "STORE_ATTR": _SETS_ATTRIBUTE,
    "DELETE_ATTR": _SETS_ATTRIBUTE,
    "STORE_NAME": _BINDS,
    "STORE_GLOBAL": _BINDS,  # at top level, of what functions declare `global`
    "IMPORT_NAME": _IMPORTS,
    "IMPORT_FROM": _FROM,
    # These stand between the parts of `a.b += 1` and of `import a.b as c`.
    "COPY": _KEEPS,
    "SWAP": _KEEPS,
    "POP_TOP": _KEEPS,
    # At top level it takes a name away, certainly or perhaps.
    "DELETE_NAME": _UNSURE,
    "DELETE_GLOBAL": _UNSURE,
}


def _real(name: str) -> bool:
    """Whether there is an instruction of this name in code: the numbers of others are too large for a byte."""
    return opcode.opmap.get(name, 256) < 256  # noqa: PLR2004


_KINDS = [_OTHER] * 256
for _name, _kind in _MEANINGS.items():
    if _real(_name):
        _KINDS[opcode.opmap[_name]] = _kind

# Since there is no instruction for methods alone, the lowest bit of one for attributes tells. That of globals has always had one.
_SHIFTED = {opcode.opmap["LOAD_GLOBAL"], *(() if _real("LOAD_METHOD") else (opcode.opmap["LOAD_ATTR"],))}
_REBINDS = frozenset((opcode.opmap["STORE_GLOBAL"], opcode.opmap["DELETE_GLOBAL"]))

_OPTIMISED = 1  # `inspect.CO_OPTIMIZED`, and quicker to come by: functions are, bodies of classes are not
_IMPLICIT = ("__doc__", "__annotations__", "__annotate__", "__conditional_annotations__")
_INSIDE = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


def outline(code: CodeType, source: str) -> Outline | None:
    """What the code says; None if only the text can tell. `source` is the text."""
    if ":=" in source or any(name in source for name in _IMPLICIT):
        return None
    reading = _Reading()
    for body in _outside_functions(code):
        if not reading.read(body, top=body is code):
            return None
    bound = frozenset(name for name in reading.bound if name[:2] != "__" or name in source)
    rebound = frozenset(_rebound(code)) if "global" in source else frozenset[str]()
    references = frozenset(reading.references())
    return Outline(bound, frozenset(reading.imported), rebound, references, star=reading.star)


def _outside_functions(code: CodeType) -> Iterator[CodeType]:
    """The code of the top level, and of what is executed along with it: bodies of classes, and comprehensions."""
    todo = [code]
    for each in todo:  # grows while we go
        yield each
        todo += [inner for inner in _nested(each) if not _is_function(inner)]


def _is_function(code: CodeType) -> bool:
    inside = code.co_name in _INSIDE or code.co_name.startswith("<generic parameters of ")
    return bool(code.co_flags & _OPTIMISED) and not inside


def _nested(code: CodeType) -> list[CodeType]:
    return [each for each in code.co_consts if type(each) is CodeType]


class _Reading:
    """Collects what code outside of functions binds and mentions."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.imported: set[str] = set()
        self.star = False
        self._taken: set[Reference] = set()
        self._meanings: dict[str, list[Reference]] = {}  # of what imports bind
        self._mentioned: set[str] = set()

    def references(self) -> Iterator[Reference]:
        """What is imported, and what is mentioned of it."""
        yield from self._taken
        for dotted in self._mentioned:
            head, _, rest = dotted.partition(".")
            for level, name in self._meanings.get(head, ()):
                yield level, f"{name}.{rest}"

    def read(self, code: CodeType, *, top: bool) -> bool:
        """Go through one code object. Returns whether it is sure what it says."""
        names, constants, data = code.co_names, code.co_consts, code.co_code
        used: set[int] = set()
        extended = 0
        dotted = ""  # what is being looked up
        before = last = 0  # numbers of constants
        origin: Reference | None = None  # what a name that is bound now stands for
        module: tuple[int, str, object] = (0, "", None)
        for operation, argument in zip(data[::2], data[1::2], strict=True):
            kind = _KINDS[operation]
            if kind <= _KEEPS:
                continue
            if kind == _EXTENDED:
                extended = (extended | argument) << 8
                continue
            index, extended = argument | extended, 0
            if kind <= _NUMBER:
                dotted = ""
                if kind != _OTHER:
                    before, last = last, index if kind == _CONSTANT else ~index
                continue
            if operation in _SHIFTED:
                index >>= 1
            name = names[index]
            used.add(index)
            if kind == _NAME:
                dotted = name
            elif kind == _ATTRIBUTE:
                if dotted:
                    dotted = f"{dotted}.{name}"
                    self._mentioned.add(dotted)
            elif kind == _BINDS:
                self._bind(name, origin, top=top)
                origin, dotted = None, ""
            elif kind == _SETS_ATTRIBUTE:
                if dotted:
                    self._mentioned.add(f"{dotted}.{name}")
                dotted = ""
            elif kind == _IMPORTS:
                level = cast("int", constants[before]) if before >= 0 else ~before
                module = level, name, constants[last]
                origin = self._import(*module)
            elif kind == _FROM:
                level, home, wanted = module
                origin = (level, home) if wanted is None else (level, _joined(home, name))
            elif top:
                return False
        # What is never executed has left its names behind.
        return not top or len(used) == len(names)

    def _import(self, level: int, module: str, wanted: object) -> Reference | None:
        """What a name stands for that such an import binds directly, if it does."""
        if wanted is None:
            self._taken.add((level, module))
            return level, module.partition(".")[0]
        for name in cast("tuple[str, ...]", wanted):
            self._taken.add((level, _joined(module, name)))
            self.star = self.star or name == "*"
        return None

    def _bind(self, name: str, origin: Reference | None, *, top: bool) -> None:
        if origin is not None:
            self._meanings.setdefault(name, []).append(origin)
        if top:
            (self.bound if origin is None else self.imported).add(name)


def _joined(module: str, name: str) -> str:
    return f"{module}.{name}" if module else name


def _rebound(code: CodeType) -> Iterator[str]:
    """The names that functions and classes declare `global`, and set or delete."""
    todo = _nested(code)
    for each in todo:  # grows while we go
        todo += _nested(each)
        data = each.co_code
        extended = 0
        for operation, argument in zip(data[::2], data[1::2], strict=True):
            if operation == opcode.EXTENDED_ARG:
                extended = (extended | argument) << 8
                continue
            if operation in _REBINDS:
                yield each.co_names[argument | extended]
            extended = 0
