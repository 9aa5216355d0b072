"""An hour of editing in minutes: `python tests/soak.py [--reloads 2000] [--entities 1000]`.

The demo plays itself, beside it lives a crowd of its bugs, and one script after another is saved: bodies, numbers, base
classes, new attributes, broken text, behaviours that raise. In the end there is as much of everything as in the beginning, and a
frame takes as long. Prints a table; exits with 1 if anything has grown. docs/reliability.md has the figures.
"""

from __future__ import annotations

import argparse
import gc
import linecache
import logging
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

from demo_game.engine.contract import DT
from demo_game.engine.session import Session
from livescripts._runtime import sources

# Script, text in it, and what is put there for the number of the edit.
EDITS = (
    ("bugs/fliers.py", "self.age * 2.6", "self.age * 2.{n}"),
    ("tuning/bugs.py", None, "SOAK = {n}\n"),
    ("bugs/bug.py", "turn_rate = 7.0", "turn_rate = 7.{n}"),
    ("bugs/grub.py", None, "# {n}\n"),
    ("bugs/bug.py", "self.push_y = 0.0", "self.push_y = 0.0; self.soak_{two} = {n}"),
    ("actors/actor.py", None, "def soak(): return {n}\n"),
    ("bugs/fliers.py", "self.age * 2.6", "self.age * (2.{n}"),  # rejected
    ("rules/scoring_unittest.py", None, "# {n}\n"),
    ("bugs/fliers.py", "self.age * 2.6", "self.age * missing_{n}"),  # rolled back
)


@dataclass(frozen=True)
class Footprint:
    """What there is: objects that are tracked, memory in MiB, threads, open files, texts, modules, and milliseconds a frame."""

    objects: int
    memory: float
    threads: int
    files: int
    texts: int
    modules: int
    frame: float


def main() -> int:
    """Edit, and compare the beginning with the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reloads", type=int, default=2000)
    parser.add_argument("--entities", type=int, default=1000)
    options = parser.parse_args()
    logging.getLogger("livescripts").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as directory:
        scripts = Path(directory, "scripts")
        shutil.copytree(ROOT / "demo_game" / "scripts", scripts)
        with Session(scripts, seed=1) as session:
            return soak(session, scripts, options.reloads, options.entities)


def soak(session: Session, scripts: Path, reloads: int, entities: int) -> int:
    """Let the game play while scripts are saved; returns 1 if anything has grown."""
    kinds = [kind for kind in vars(session.game.bugs).values() if getattr(kind, "spec", None) is not None]
    crowd = [kinds[n % len(kinds)](float(n % 900), float(n % 600)) for n in range(entities)]
    texts = {path: (scripts / path).read_text() for path, _, _ in EDITS}
    counts = {"saved": 0, "undone": 0, "rolled back": 0, "rejected": 0}
    session.live.on_error(lambda _: counts.update(rejected=counts["rejected"] + 1))
    longest: list[float] = []
    began = time.perf_counter()
    warm = max(len(EDITS) * 25, reloads // 10)  # the history is full by then
    before = None
    for number in range(warm + reloads):
        if number == warm:
            before = measure(session, crowd)
        path, old, new = EDITS[number % len(EDITS)]
        text = new.format(n=number + 1, two=number // len(EDITS) % 2)
        edited = texts[path].replace(old, text, 1) if old else texts[path] + "\n" + text
        assert edited != texts[path], (path, old)
        (scripts / path).write_text(edited)
        longest += play(session, crowd)
        for commit in session.live.history[-3:]:
            if commit.number > counts.get("last", 0):
                counts[commit.why] += 1
                counts["last"] = commit.number
        if number % 250 == 249:
            print(f"{number + 1} edits, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    assert before is not None
    # As in the beginning: each text as it was.
    for path, text in texts.items():
        (scripts / path).write_text(text)
    play(session, crowd)
    after = measure(session, crowd)
    return tell(before, after, counts, longest, session)


def play(session: Session, crowd: list) -> list[float]:
    """Frames until what was saved has been dealt with, and its consequences; milliseconds of the updates that did something."""
    deadline, quiet, took = time.monotonic() + 20.0, 0, []
    seen = False
    while quiet < 3 and time.monotonic() < deadline:
        began = time.perf_counter()
        report = session.live.update()
        if report:
            took.append((time.perf_counter() - began) * 1000)
            seen = True
        session.step(None)
        for entity in crowd[:: max(1, len(crowd) // 50)]:
            session.live.call(entity.update, session.world, DT)
        quiet = quiet + 1 if seen and not session.live.busy else 0
    assert seen, "a save was not noticed"
    return took


def frame(session: Session, crowd: list) -> float:
    """Milliseconds of processor time of one frame's work of the crowd."""
    began = time.process_time()
    for entity in crowd:
        session.live.call(entity.update, session.world, DT)
    return (time.process_time() - began) * 1000


def measure(session: Session, crowd: list) -> Footprint:
    """The footprint when the garbage is gone, and the game has begun anew: of its things there are more or less in each frame."""
    session.world.wipe()
    session.world.director.start(session.world)
    session.step(None)
    took = min(frame(session, crowd) for _ in range(30))
    for _ in range(3):
        gc.collect()
    sources.tidy()  # texts of versions that are gone leave with the next save; here now
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    files = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    return Footprint(
        len(gc.get_objects()),
        pages * 4 / 1024,
        threading.active_count(),
        files,
        len(linecache.cache),
        len(sys.modules),
        took,
    )


# How much more may be there in the end, of the whole, and at least: the game is at another point, and caches of fixed size fill up.
ALLOWED = {
    "objects": (0.01, 500),
    "memory": (0.05, 8),
    "threads": (0, 0),
    "files": (0, 0),
    "texts": (0, 5),
    "modules": (0, 0),
    "frame": (0.25, 0),
}


def tell(before: Footprint, after: Footprint, counts: dict[str, int], longest: list[float], session: Session) -> int:
    """Print the table."""
    counts.pop("last", None)
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    print(
        f"updates that did something: median {statistics.median(longest):.1f} ms, 99 % {sorted(longest)[int(len(longest) * 0.99)]:.1f} ms"
    )
    print(f"\n{'':10}{'before':>12}{'after':>12}")
    grown = []
    for each in fields(Footprint):
        one, other = getattr(before, each.name), getattr(after, each.name)
        share, least = ALLOWED[each.name]
        bad = other > one + max(one * share, least)
        grown += [each.name] if bad else []
        print(f"{each.name:10}{one:12.1f}{other:12.1f}{'   grown' if bad else ''}")
    if session.live.errors:
        print("not running as saved:", *session.live.errors)
    return 1 if grown or session.live.errors else 0


if __name__ == "__main__":
    sys.exit(main())
