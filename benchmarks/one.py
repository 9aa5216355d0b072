"""One measurement in this process: `python one.py SCENARIO ADAPTER CASE DIRECTORY`; prints JSON, figures and the version.

The case is JSON, the directory is empty and ours.
"""

from __future__ import annotations

import importlib
import json
import sys
from importlib import metadata
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE.parent)]  # the checkout that it lies in; ours is the only adapter that imports from it

import adapters


def version_of(name: str) -> str:
    """Of the tool; "" where there is none."""
    distribution = adapters.KINDS[name].distribution
    try:
        return metadata.version(distribution) if distribution else ""
    except metadata.PackageNotFoundError:  # a checkout that is not installed
        return "checkout"


def main() -> None:
    """See above."""
    scenario, name, case, directory = sys.argv[1:]
    figures = importlib.import_module(f"scenarios.{scenario}").measure(name, json.loads(case), directory)
    result = {"version": version_of(name), "figures": [figure.to_json() for figure in figures]}
    # Some tools print when they reload; the last line is ours.
    print("\n" + json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
