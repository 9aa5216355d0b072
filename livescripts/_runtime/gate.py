"""What a staged script must pass before it may replace the running version: validators and unit tests.

# Tests see the staged world; whoever advances a gate shows it first.
# One test at a time: each step is a place to pause. A class with fixtures of its own is one step.
"""

from __future__ import annotations

import unittest
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from livescripts._runtime.entries import State
from livescripts._runtime.failures import describe, problem_of, trim
from livescripts._runtime.world import is_test_case
from livescripts.errors import ScriptTestError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
    from types import ModuleType

    from livescripts._core.graph import Take
    from livescripts._runtime.entries import Entry
    from livescripts._runtime.guard import Guard
    from livescripts._runtime.staging import Stage
    from livescripts._runtime.world import Companion
    from livescripts.report import Problem

__all__ = ["companion_problems", "entry_problems"]


class _Globals(dict[str, Any]):
    """The globals of a companion file: its own names, and behind them the script's, always as they are now.

    CPython looks names up in the globals of a function by `__getitem__` when they are not exactly a dict.
    """

    def __init__(self, script: dict[str, Any], path: str) -> None:
        super().__init__({"__name__": script["__name__"], "__file__": path, "__package__": script["__package__"]})
        self["__builtins__"] = script["__builtins__"]
        self._script = script

    def __missing__(self, name: str) -> Any:
        return self._script[name]


class _Result(unittest.TestResult):
    """Collects what failed, with the exceptions themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.raised: list[tuple[unittest.TestCase, BaseException]] = []

    def addError(self, test: unittest.TestCase, err: Any) -> None:  # noqa: N802
        super().addError(test, err)
        self.raised.append((test, err[1]))

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:  # noqa: N802
        super().addFailure(test, err)
        self.raised.append((test, err[1]))

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:  # noqa: N802
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.raised.append((subtest, err[1]))

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802
        super().addUnexpectedSuccess(test)
        self.raised.append((test, AssertionError("passed, but is marked as an expected failure")))


def entry_problems(
    stage: Stage, entry: Entry, validators: Iterable[Callable[[ModuleType], object]], guard: Guard, *, run_tests: bool
) -> Iterator[None]:
    """Put a loaded script before the validators and its own unit tests; what fails goes into `entry.problems`."""
    text, path = entry.version.text, entry.path
    for validator in validators:
        try:
            guard.run(lambda validator=validator: validator(entry.module))
        except BaseException as error:
            error.add_note(f"raised by the validator {getattr(validator, '__qualname__', validator)!s}")
            entry.problems.append(problem_of(path, text, trim(error)))
        yield
    if run_tests:
        module = entry.location.module
        cases = _own_cases(vars(entry.module), module)
        yield from _run(stage, cases, path, text, guard, entry.problems, entry.test_takes)
    if entry.problems:
        entry.state = State.FAILED


def companion_problems(
    stage: Stage, companion: Companion, module: ModuleType, guard: Guard
) -> Generator[None, None, list[Problem]]:
    """Run a companion file against its script as it is now; returns what failed."""
    problems: list[Problem] = []
    path, version = companion.location.path, companion.version
    values = _Globals(vars(module), path)
    takes: set[Take] = set()
    with stage.recording(takes):
        try:
            guard.run(lambda: exec(version.code, values))
        except BaseException as error:
            problems.append(problem_of(path, version.text, trim(error)))
            return problems
    cases = _own_cases(values, values["__name__"])
    yield from _run(stage, cases, path, version.text, guard, problems, takes)
    companion.takes = frozenset(takes)
    return problems


def _own_cases(values: Mapping[str, Any], module: str) -> list[type[unittest.TestCase]]:
    # An imported TestCase is somebody else's, and its tests run where it is defined.
    return [value for value in list(values.values()) if is_test_case(value) and value.__module__ == module]


def _units(cases: Iterable[type[unittest.TestCase]]) -> Iterator[unittest.TestSuite]:
    loader = unittest.TestLoader()
    for case in cases:
        suite = loader.loadTestsFromTestCase(case)
        shared = case.setUpClass.__func__ is not unittest.TestCase.setUpClass.__func__  # type: ignore[attr-defined]
        shared |= case.tearDownClass.__func__ is not unittest.TestCase.tearDownClass.__func__  # type: ignore[attr-defined]
        if shared:
            yield suite
        else:
            yield from (unittest.TestSuite([test]) for test in suite)


def _run(
    stage: Stage,
    cases: list[type[unittest.TestCase]],
    path: str,
    text: str,
    guard: Guard,
    problems: list[Problem],
    takes: set[Take],
) -> Iterator[None]:
    result = _Result()
    outside: list[BaseException] = []
    try:
        for suite in _units(cases):
            with stage.recording(takes):
                guard.run(lambda suite=suite: suite.run(result))
            yield
    except (Exception, KeyboardInterrupt, SystemExit) as error:
        # unittest lets KeyboardInterrupt through, and a broken load_tests or __init__ raises past the result.
        outside.append(trim(error))
    problems.extend(problem_of(path, text, error) for error in outside)
    if not result.raised:
        return
    failures = [(str(test), describe(error)) for test, error in result.raised]
    summary = ScriptTestError(failures)
    test, first = result.raised[0]
    summary.__cause__ = first
    name = getattr(test, "_testMethodName", str(test))
    more = f"; {len(failures) - 1} more failed" if len(failures) > 1 else ""
    found = problem_of(path, text, first, f"unit test {name} failed: {describe(first)}{more}")
    problems.append(replace(found, error=summary))
