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
from livescripts._runtime.modules import values_of
from livescripts.errors import ScriptTestError, ScriptTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
    from types import ModuleType

    from livescripts._core.graph import Take
    from livescripts._runtime.entries import Entry
    from livescripts._runtime.guard import Guard
    from livescripts._runtime.staging import Stage
    from livescripts._runtime.world import Companion
    from livescripts.report import Problem

__all__ = ["companion_problems", "entry_problems", "has_tests_in"]


class _Names(dict[str, Any]):
    """The builtins of a companion file: the script's names, always as they are now, and behind them the real ones.

    CPython looks names up by `__getitem__` where the builtins are not exactly a dict, in class bodies as well as in
    functions; of the globals only functions do that.
    """

    def __init__(self, script: dict[str, Any]) -> None:
        super().__init__(script["__builtins__"])
        self._script = script

    def __getitem__(self, name: str) -> Any:
        return self._script[name] if name in self._script else super().__getitem__(name)


def _globals(script: dict[str, Any], path: str) -> dict[str, Any]:
    names = {name: script[name] for name in ("__name__", "__package__")}
    return {**names, "__file__": path, "__builtins__": _Names(script)}


class _Result(unittest.TestResult):
    """Collects what failed, with the exceptions themselves, and their texts: those come from code of the test's."""

    def __init__(self) -> None:
        super().__init__()
        self.raised: list[tuple[unittest.TestCase, BaseException, str]] = []

    def addError(self, test: unittest.TestCase, err: Any) -> None:  # noqa: N802
        super().addError(test, err)
        self.raised.append((test, err[1], describe(err[1])))

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:  # noqa: N802
        super().addFailure(test, err)
        self.raised.append((test, err[1], describe(err[1])))

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:  # noqa: N802
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.raised.append((subtest, err[1], describe(err[1])))

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802
        super().addUnexpectedSuccess(test)
        error = AssertionError("passed, but is marked as an expected failure")
        self.raised.append((test, error, describe(error)))


def has_tests_in(values: Mapping[str, Any], module: str) -> bool:
    """Whether a loaded script, with these globals, has unit tests inside."""
    return bool(_own_cases(values, module))


def entry_problems(
    stage: Stage, entry: Entry, validators: Iterable[Callable[[ModuleType], object]], guard: Guard, *, run_tests: bool
) -> Iterator[None]:
    """Put a loaded script before the validators and its own unit tests; what fails goes into `entry.problems`."""
    text, path = entry.version.text, entry.path
    for validator in validators:
        try:
            name = getattr(validator, "__name__", validator)
            stage.lend(path)
            with stage.meter.judging("testing", path, f"validator {name!s}"):
                guard.run(lambda validator=validator: validator(entry.module))
        except BaseException as error:
            error.add_note(f"raised by the validator {getattr(validator, '__qualname__', validator)!s}")
            entry.problems.append(problem_of(path, text, trim(error)))
        yield
    if run_tests:
        module = entry.location.module
        cases = _own_cases(values_of(entry.module), module)
        values = values_of(entry.module)
        yield from _run(stage, cases, values, path, text, guard, entry.problems, set(), path)
    if entry.problems:
        entry.state = State.FAILED


def companion_problems(
    stage: Stage, companion: Companion, module: ModuleType, guard: Guard
) -> Generator[None, None, list[Problem]]:
    """Run a companion file against its script as it is now; returns what failed."""
    problems: list[Problem] = []
    path, version = companion.location.path, companion.version
    values = _globals(values_of(module), path)
    takes: set[Take] = set()
    with stage.recording(takes):
        try:
            stage.lend(path, companion.location.tests or path)
            with stage.meter.judging("testing", path, "module body"):
                guard.run(lambda: stage.run(version.code, values, version.data, values["__name__"]))
        except unittest.SkipTest:
            return problems
        except BaseException as error:
            problems.append(problem_of(path, version.text, trim(error)))
            return problems
    yield
    cases = _own_cases(values, values["__name__"])
    yield from _run(stage, cases, values, path, version.text, guard, problems, takes, companion.location.tests or path)
    companion.takes = frozenset(takes)
    return problems


def _own_cases(values: Mapping[str, Any], module: str) -> list[type[unittest.TestCase]]:
    # An imported TestCase is somebody else's, and its tests run where it is defined.
    # By the true order of bases, as `is_test_case` asks for one value: here it is all that scripts define, at every start.
    classes = [v for v in values.values() if issubclass(type(v), type) and type.__subclasscheck__(unittest.TestCase, v)]
    return [cls for cls in classes if cls.__module__ == module]


class _Suite(unittest.TestSuite):
    """A suite without the fixtures of the module: they belong around all tests, and to the file they stand in.

    unittest would run them around each suite, and look for them in the script's module for a companion's tests.
    """

    def _handleModuleFixture(self, test: object, result: object) -> None:  # noqa: N802
        del test, result

    def _handleModuleTearDown(self, result: object) -> None:  # noqa: N802
        del result


def _units(cases: Iterable[type[unittest.TestCase]]) -> Iterator[tuple[str, unittest.TestSuite]]:
    """What has to be run at once, and what to call it."""
    loader = unittest.TestLoader()
    loader.suiteClass = _Suite
    for case in cases:
        suite = loader.loadTestsFromTestCase(case)
        shared = any(
            getattr(case, name).__func__ is not getattr(unittest.TestCase, name).__func__
            for name in ("setUpClass", "tearDownClass")
        )
        if shared:
            yield f"unit tests of {case.__qualname__}", suite
        else:
            for test in suite:
                yield f"unit test {getattr(test, '_testMethodName', test)!s}", _Suite([test])


def _run(
    stage: Stage,
    cases: list[type[unittest.TestCase]],
    values: dict[str, Any],
    path: str,
    text: str,
    guard: Guard,
    problems: list[Problem],
    takes: set[Take],
    subject: str,
) -> Iterator[None]:
    result = _Result()
    outside: list[BaseException] = []

    def run(call: Callable[[], object], what: str) -> None:
        stage.lend(path, subject)
        with stage.recording(takes), stage.meter.judging("testing", path, what):
            guard.run(call)

    set_up, tear_down = values.get("setUpModule"), values.get("tearDownModule")
    try:
        if set_up is not None and cases:
            run(set_up, "unit test fixture setUpModule")
            yield
        for name, suite in _units(cases):
            run(lambda suite=suite: suite.run(result), name)
            yield
        if tear_down is not None and cases:
            run(tear_down, "unit test fixture tearDownModule")
    except unittest.SkipTest:
        return
    except ScriptTimeout as error:
        if not result.raised:  # it was caught by the test itself
            outside.append(trim(error))
    except (Exception, KeyboardInterrupt, SystemExit) as error:
        # unittest lets KeyboardInterrupt through, and a broken load_tests or __init__ raises past the result.
        outside.append(trim(error))
    finally:
        stage.meter.tested(result.testsRun)
    problems.extend(problem_of(path, text, error) for error in outside)
    if not result.raised:
        return
    failures = [(str(test), text) for test, _, text in result.raised]
    summary = ScriptTestError(failures, [error for _, error, _ in result.raised])
    test, first, said = result.raised[0]
    summary.__cause__ = first
    name = getattr(test, "_testMethodName", str(test))
    more = f"; {len(failures) - 1} more failed" if len(failures) > 1 else ""
    found = problem_of(path, text, first, f"unit test {name} failed: {said}{more}")
    problems.append(replace(found, error=summary))
