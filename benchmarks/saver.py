"""Saves files for a benchmark, as an editor does: from another process, at a moment of its own choosing.

Reads one JSON object from each line of its input: `files` (path -> text), `how` ("rename": a temporary file beside it takes
its place; "moved": one from another directory does; "write": in place) and `delay`, seconds. Answers with the moment after
the last of them, on the clock of `time.perf_counter`, which all processes of a machine share.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time


def save(path: str, text: str, how: str) -> None:
    """Save one file whole."""
    if how == "write":
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return
    directory, name = os.path.split(path)
    # Outside of what is watched, but on the same file system.
    where = directory if how == "rename" else os.path.dirname(directory)
    handle, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=".tmp", dir=where)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)


def main() -> None:
    """Until the input ends."""
    for line in sys.stdin:
        order = json.loads(line)
        time.sleep(order["delay"])
        for path, text in order["files"].items():
            save(path, text, order["how"])
        print(json.dumps(time.perf_counter()), flush=True)


if __name__ == "__main__":
    main()
