"""From an exception to a `Problem`: which line of which script is to blame, and what the reader should do."""

from __future__ import annotations

from functools import partial
from itertools import islice
from pathlib import Path
from types import BuiltinMethodType, FunctionType, MethodType, MethodWrapperType, ModuleType
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime.versions import source_line
from livescripts.errors import LiveScriptsError, ScriptTimeout
from livescripts.report import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

__all__ = ["describe", "is_bound", "is_machinery", "name_of", "problem_of", "traceback_of", "trim"]

# Through `type` itself: a metaclass may answer as it likes.
_name_of: Callable[[type], str] = type.__dict__["__name__"].__get__
_qualname_of: Callable[[type], str] = type.__dict__["__qualname__"].__get__
_mro_of: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
_values_of: Callable[[type], Mapping[str, object]] = type.__dict__["__dict__"].__get__
traceback_of: Callable[[BaseException], TracebackType | None] = BaseException.__dict__["__traceback__"].__get__
_set_traceback: Callable[[BaseException, TracebackType | None], None] = BaseException.__dict__["__traceback__"].__set__
_OURS = str(Path(__file__).parent)
_IMPORTLIB = "<frozen importlib"


def trim(error: BaseException) -> BaseException:
    """Take our own frames, and the import system's, off the outer end of the traceback. Returns `error`.

    One whose class has a `__getattribute__` of its own, or says that it is another, cannot be looked at without running
    code of a script: in its place comes a `LiveScriptsError` that names it.
    """
    tb = traceback_of(error)
    while tb is not None and tb.tb_next is not None and is_machinery(tb.tb_frame.f_code.co_filename):
        tb = tb.tb_next
    cls: type = type(error)
    own = [_values_of(each) for each in _mro_of(cls)[:-2]]  # without BaseException and object
    if any("__getattribute__" in values or "__class__" in values for values in own):
        return LiveScriptsError(f"{describe(error)} (it answers for its own attributes)").with_traceback(tb)
    _set_traceback(error, tb)
    return error


def is_machinery(filename: str) -> bool:
    """Whether code with this file name is ours, or the import system's."""
    return filename.startswith((_OURS, _IMPORTLIB))


def describe(error: BaseException) -> str:
    """The type and text of an exception, without its notes; never raises, whatever `__str__` does."""
    if issubclass(type(error), ScriptTimeout):
        return "ScriptTimeout: did not return in time and was stopped; look for a loop that never ends"
    name = _name_of(type(error))
    try:
        text = str(cast("SyntaxError", error).msg if issubclass(type(error), SyntaxError) else error)
    except BaseException as inner:  # even SystemExit: this is a script's code
        text = f"(its __str__ raised {_name_of(type(inner))})"
    return f"{name}: {text}" if text else name


def name_of(behaviour: Any) -> str:
    """What to call something that can be called: its qualified name, or that of its class. Runs no code of a script."""
    while type(behaviour) is partial:
        behaviour = cast("Any", behaviour).func
    if type(behaviour) is MethodType:
        behaviour = behaviour.__func__
    cls = cast("type[Any]", type(behaviour))
    if cls is FunctionType:
        return behaviour.__qualname__
    if not is_bound(behaviour):
        return _qualname_of(behaviour if issubclass(cls, type) else cls)
    # A builtin's own `__qualname__` asks the class for its name, which may be a script's code.
    owner: object = behaviour.__self__
    if owner is None or issubclass(type(owner), ModuleType):
        return behaviour.__name__
    owners = cast("type", owner) if issubclass(type(owner), type) else type(owner)
    return f"{_qualname_of(owners)}.{behaviour.__name__}"


def is_bound(behaviour: object) -> bool:
    """Whether it is a method with its `__self__`, or a function of a builtin module."""
    cls = type(behaviour)  # compared by identity: a metaclass may have an `__eq__`
    return cls is MethodType or cls is BuiltinMethodType or cls is MethodWrapperType


def problem_of(path: str, text: str, error: BaseException, message: str | None = None) -> Problem:
    """The problem that `error` is for the script at `path` with this `text`.

    The line is the innermost one of that script in the traceback; None when the script was not running.
    """
    line = column = None
    if isinstance(error, SyntaxError) and error.filename == path:
        line, column = error.lineno, error.offset
    else:
        tb = error.__traceback__
        while tb is not None:
            if tb.tb_frame.f_code.co_filename == path:
                line, column = tb.tb_lineno, _column(tb, text)
            tb = tb.tb_next
    return Problem(Path(path), line, source_line(text, line), message or describe(error), error, column)


def _column(tb: TracebackType, text: str) -> int | None:
    """Where in its line, without the indentation, the expression begins that raised (PEP 657); None if that says nothing.

    A whole statement that raised is not worth pointing at.
    """
    line, _, offset, _ = next(islice(tb.tb_frame.f_code.co_positions(), tb.tb_lasti // 2, None), (None,) * 4)
    lines = text.split("\n")
    if line is None or line != tb.tb_lineno or offset is None or not 0 < line <= len(lines):
        return None
    whole = lines[line - 1]
    before = whole.encode("utf-8", "replace")[:offset].decode("utf-8", "replace")
    column = len(before) - (len(whole) - len(whole.lstrip())) + 1
    return column if column > 1 else None
