"""From the bytes of a script to a record: what compiling found out, as bytes that can be kept or sent.

# Whoever only compiles imports this module and `_core`, and nothing else of ours.
# A record is read only by the same Python with the same options and the same analysis, for the same bytes of a script,
# and if its checksum is right: `marshal` may crash on anything else. Whoever finds one unusable compiles himself.
# What only the game's own process can do is not in a record: "not here" is an answer, too.
"""

from __future__ import annotations

import builtins
import hashlib
import importlib.util
import io
import marshal
import re
import sys
import tokenize
import warnings
from binascii import crc32
from dataclasses import dataclass
from types import CodeType
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from livescripts._core.analysis import NUMBER, Analysis, Details, analyse, details
from livescripts._core.records import pack, pack_details, unpack, unpack_details

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Compiled", "Failed", "Given", "compile_source", "decode", "digest", "read_record", "record_of"]

_FORMAT = 2
_DIGEST = 16  # bytes

# Everything that code and analysis depend on besides the bytes of the script.
_ORIGIN = hashlib.blake2b(
    repr(
        (_FORMAT, NUMBER, importlib.util.MAGIC_NUMBER, sys.implementation.cache_tag, sys.flags.optimize, sys.version)
    ).encode(),
    digest_size=_DIGEST,
).digest()

_HEAD = _DIGEST + 4  # bytes before the payload: the origin and a checksum

_ERRORS: dict[str, type[SyntaxError]] = {kind.__name__: kind for kind in (SyntaxError, IndentationError, TabError)}
_COOKIE = re.compile(rb"coding[:=]")

Given: TypeAlias = tuple[str, str, int]
"""A warning of the compiler: the name of its category in `builtins`, its text, and its line."""


@dataclass(slots=True, eq=False)
class Compiled:
    """A script that compiles. The code still has the name that it was compiled with."""

    code: CodeType
    analysis: Analysis
    given: tuple[Given, ...]


@dataclass(slots=True, eq=False)
class Failed:
    """A script with a syntax error."""

    error: SyntaxError
    given: tuple[Given, ...]


def digest(data: bytes | memoryview) -> bytes:
    """A hash of a file's contents: the identity of a version."""
    return hashlib.blake2b(data, digest_size=_DIGEST).digest()


def decode(data: bytes) -> str:
    """The text of a script, with newlines as Python wants them. Raises SyntaxError or UnicodeDecodeError."""
    if _COOKIE.search(data) is None and not data.startswith(b"\xef\xbb\xbf"):
        try:
            text = data.decode()
        except UnicodeDecodeError:
            pass  # to be worded below
        else:
            return text if "\r" not in text else text.replace("\r\n", "\n").replace("\r", "\n")
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    text = data.decode(encoding)
    return io.IncrementalNewlineDecoder(None, translate=True).decode(text, final=True)


# ------------------------------------------------------------------ making records


def compile_source(path: str, data: bytes) -> bytes:
    """Compile and analyse a script, in a process that does nothing else. Never raises for what it contains.

    The record is "not here" where the answer depends on more than the bytes, such as the depth of the stack, and where
    the error is no ordinary syntax error.
    """
    given: list[Given] = []
    try:
        text = decode(data)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                code = compile(text, path, "exec", dont_inherit=True)
            finally:
                found = [each for each in caught if each.filename == path]
                given += [(each.category.__name__, str(each.message), each.lineno) for each in found]
        analysis = analyse(text, path, code)
        return _seal(digest(data), "code", code, pack(analysis), _frozen(details(text, path, keys=True)), tuple(given))
    except SyntaxError as error:
        return _seal(digest(data), *_failure(path, error), tuple(given))
    except (ValueError, RecursionError, MemoryError, OverflowError):
        return _seal(digest(data), "not here")


def record_of(key: bytes, code: CodeType, analysis: Analysis, given: Iterable[Given]) -> bytes:
    """The record of a script that is compiled already. `key` is its digest; its details are found by whoever needs them."""
    return _seal(key, "code", code, pack(analysis), None, tuple(given))


def _frozen(found: Details) -> bytes:
    # By itself, so that it need not be read before somebody asks for it.
    return marshal.dumps(cast("Any", pack_details(found)))


def _failure(path: str, error: SyntaxError) -> tuple[object, ...]:
    name, arguments = type(error).__name__, error.args
    if _ERRORS.get(name) is type(error) and error.__cause__ is error.__context__ is None:
        match arguments:
            case str(message), (str(filename), *place) if filename == path and _is_place(place):
                return "error", name, message, tuple(place)
            case _:
                pass
    return ("not here",)


def _is_place(place: object) -> bool:
    """Whether these are line, offset, text, last line, last offset of a syntax error."""
    match place:
        case int() | None, int() | None, str() | None, int() | None, int() | None:
            return True
        case _:
            return False


def _seal(*contents: object) -> bytes:
    payload = marshal.dumps(cast("Any", contents))
    return _ORIGIN + _checksum(payload) + payload


def _checksum(payload: bytes | memoryview) -> bytes:
    # Against damage, not against anybody: whoever can write records can write scripts. It is asked of everything at each start.
    return crc32(payload).to_bytes(4, "little")


# ------------------------------------------------------------------ reading records


def read_record(path: str, key: bytes, text: Callable[[], str], record: bytes | memoryview) -> Compiled | Failed | None:
    """What a record says of the bytes with this digest, saved as `path`; None if it says nothing, or not of them.

    `text` is asked for the decoded bytes if details have to be found. Never raises.
    """
    payload = memoryview(record)[_HEAD:]
    if record[:_HEAD] != _ORIGIN + _checksum(payload):
        return None
    try:
        return _understand(path, text, key, marshal.loads(payload))  # noqa: S302 - its checksum is right
    except (ValueError, TypeError, EOFError, MemoryError):
        return None


def _understand(path: str, text: Callable[[], str], key: bytes, contents: Any) -> Compiled | Failed | None:
    if type(contents) is not tuple:
        return None
    parts = cast("tuple[Any, ...]", contents)
    if tuple(map(type, parts)) in _CODE:
        found, kind, code, plain, frozen, given = parts
        if kind != "code" or found != key:
            return None
        analysis = unpack(plain, lambda: _details(path, text, frozen))
        return Compiled(code, analysis, _warnings(given) if given else ())
    match parts:
        case (found, "error", str(name), str(message), place, given) if found == key and name in _ERRORS:
            if type(place) is tuple and _is_place(cast("object", place)):
                rest = cast("tuple[Any, ...]", place)
                return Failed(_ERRORS[name](message, (path, *rest)), _warnings(given))
        case _:
            pass
    return None


# The form of a record of code: with details and without.
_CODE = frozenset((bytes, str, CodeType, tuple, kind, tuple) for kind in (bytes, type(None)))


def _details(path: str, text: Callable[[], str], frozen: bytes | None) -> Details:
    if frozen is not None:
        try:
            return unpack_details(marshal.loads(frozen))  # noqa: S302 - inside of what had the right checksum
        except (ValueError, TypeError, EOFError, MemoryError):
            pass
    return details(text(), path)


def _warnings(given: Any) -> tuple[Given, ...]:
    for category, text, line in given:
        kind = vars(builtins).get(category)
        if not (isinstance(kind, type) and issubclass(kind, Warning) and type(text) is str and type(line) is int):
            message = "no warning"
            raise ValueError(message)
    return tuple(given)
