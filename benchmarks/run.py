"""Measures livescripts beside the other ways to reload Python: `python benchmarks/run.py [--quick]`.

    --quick                 under a minute, once every tool is installed: fewer cases, fewer repetitions
    --scenarios leaf,base   only these
    --tools livescripts     only these
    --environments DIR      where the tools are installed; a directory for caches otherwise
    --no-install            leave out the tools that are not installed there
    --json FILE             the results, with the details that the tables leave out
    --write FILE            put the tables between the markers of a Markdown file

Prints Markdown. Each measurement runs in a process of its own, one after the other, all tools of a case in turn.
"""

# Rule 1: what fails is named in the output; the others go on.
# Rule 2: nothing of the tools gets into the environment that this runs in.

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import adapters
import environments
import scenarios
import tables

_PATIENCE = 600  # seconds for one measurement


def measure(
    python: str, scenario: str, tool: str, case: dict[str, Any], directory: str, *, patience: float = _PATIENCE
) -> dict[str, Any]:
    """One measurement in a process of its own. Raises `RuntimeError`, which says what went wrong in its last line."""
    one = str(Path(__file__).with_name("one.py"))
    # Neither may what is installed for one tool reach another, nor a setting of ours.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    try:
        done = subprocess.run(  # noqa: S603
            [python, one, scenario, tool, json.dumps(case), directory],
            capture_output=True, text=True, timeout=patience, check=False, env=environment,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        message = f"took more than {patience:g} seconds"
        raise RuntimeError(message) from error
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise RuntimeError(lines[-1] if lines else f"ended with {done.returncode}")
    return json.loads(done.stdout.strip().splitlines()[-1])


class Run:
    """All measurements of one call."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._pythons: dict[str, str] = {}
        self.failures: list[str] = []
        self.tools: dict[str, dict[str, Any]] = {}
        for name in options.tools:
            kind = adapters.KINDS[name]
            entry = {"title": kind.title, "version": "", "note": kind.note, "unavailable": ""}
            try:
                self._pythons[name] = environments.python_for(
                    kind, Path(options.environments), install=not options.no_install
                )
            except environments.UnavailableError as error:
                entry["unavailable"] = str(error)
            self.tools[name] = entry

    def scenario(self, name: str) -> dict[str, Any]:
        """Its cases, for each case all tools in turn."""
        module = importlib.import_module(f"scenarios.{name}")
        figures: dict[str, list[dict[str, Any]]] = {}
        for case in module.cases(quick=self._options.quick):
            asked = case.pop("peers", False)
            for tool in self._pythons:
                if asked or tool == "livescripts":
                    self._measure(name, tool, case, figures.setdefault(tool, []))
        return {"title": module.TITLE, "figures": figures}

    def _measure(self, name: str, tool: str, case: dict[str, Any], figures: list[dict[str, Any]]) -> None:
        print(f"{name}: {self.tools[tool]['title']}, {json.dumps(case)}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="livescripts-benchmark-") as temporary:
            directory = os.path.join(os.path.realpath(temporary), "scripts")
            os.mkdir(directory)
            try:
                result = measure(self._pythons[tool], name, tool, case, directory)
            except (RuntimeError, ValueError) as error:
                self.failures.append(f"{self.tools[tool]['title']}, {name} {json.dumps(case)}: {error}")
                return
        self.tools[tool]["version"] = result["version"]
        figures += result["figures"]

    def _command(self) -> str:
        """What was asked for, without where things are on this machine."""
        words = ["python benchmarks/run.py"]
        if self._options.quick:
            words.append("--quick")
        for option, names in (("scenarios", scenarios.NAMES), ("tools", adapters.NAMES)):
            chosen = getattr(self._options, option)
            if len(chosen) < len(names):
                words.append(f"--{option} {','.join(chosen)}")
        return " ".join(words)

    def all(self) -> dict[str, Any]:
        """The results."""
        start = time.monotonic()
        measured = {name: self.scenario(name) for name in self._options.scenarios}
        return {
            "command": self._command(),
            "machine": {
                "processors": os.cpu_count(),
                "architecture": platform.machine(),
                "system": platform.system(),
                "python": f"{platform.python_implementation()} {platform.python_version()}",
            },
            "seconds": time.monotonic() - start,
            "tools": self.tools,
            "failures": self.failures,
            "scenarios": measured,
        }


def _some_of(names: tuple[str, ...]) -> Any:
    def parse(text: str) -> list[str]:
        wanted = text.split(",")
        unknown = sorted(set(wanted) - set(names))
        if unknown:
            message = f"{', '.join(unknown)}: choose from {', '.join(names)}"
            raise argparse.ArgumentTypeError(message)
        return [name for name in names if name in wanted]

    return parse


def main() -> None:
    """See above."""
    assert __doc__
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="under a minute")
    parser.add_argument("--scenarios", type=_some_of(scenarios.NAMES), default=list(scenarios.NAMES), metavar="A,B")
    parser.add_argument("--tools", type=_some_of(adapters.NAMES), default=list(adapters.NAMES), metavar="A,B")
    parser.add_argument("--environments", default=str(environments.default_directory()), metavar="DIR")
    parser.add_argument("--no-install", action="store_true", help="leave out what is not installed there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the tables between the markers of this file")
    options = parser.parse_args()
    results = Run(options).all()
    text = tables.document(results)
    print(text)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1), encoding="utf-8")
    if options.write:
        tables.replace_between_markers(options.write, text)


if __name__ == "__main__":
    main()
