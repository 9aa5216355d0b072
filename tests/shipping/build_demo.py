"""Build the demo as PyInstaller's folder, and see that it plays the same game as from the source.

    python -m pip install pyinstaller && python tests/shipping/build_demo.py

Takes half a minute. Ends with 0 when all is as it should be, 1 with what is not. `--keep DIR` builds there, and leaves it.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "demo_game" / "bughunt.spec"
PLAY = ("--headless", "--frames", "600", "--seed", "7")
QUIET = {**os.environ, "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}


def run(*command: object, cwd: Path, code: int = 0) -> str:
    """What it prints. Raises AssertionError when it ends with another code."""
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=QUIET, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == code, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def checksum(output: str) -> str:
    """The state of the world that a run ends in."""
    found = re.search(r"checksum (\w{8})$", output, re.MULTILINE)
    assert found, f"no checksum in {output}"
    return found.group(1)


def build(place: Path) -> Path:
    """The folder of the game."""
    folders = ("--distpath", place / "dist", "--workpath", place / "work")
    run(sys.executable, "-m", "PyInstaller", "--noconfirm", *folders, SPEC, cwd=ROOT)
    return place / "dist" / "bughunt"


def files(folder: Path) -> dict[Path, int]:
    """What is in a folder, and when it was changed."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def check(game: Path, place: Path) -> None:
    """Raises AssertionError."""
    program = next(path for path in (game / "bughunt", game / "bughunt.exe") if path.exists())
    before = files(game)

    # Played from elsewhere, as it is: the same world to the last bit as from the source, watched or not.
    frozen = run(program, *PLAY, "--screenshot", place / "played.png", cwd=place)
    source = run(sys.executable, "-m", "demo_game", *PLAY, cwd=ROOT)
    shipped = run(sys.executable, "-m", "demo_game", "--shipped", *PLAY, cwd=ROOT)
    assert checksum(frozen) == checksum(source) == checksum(shipped), (frozen, source, shipped)
    assert (place / "played.png").stat().st_size > 10_000

    # A script that raises is shown with its line.
    scripts = next(game.rglob("scripts"))
    broken = shutil.copytree(scripts, place / "broken")
    with (broken / "bugs" / "grub.py").open("a") as file:
        file.write("\nspeed = 1 / 0  # of course\n")
    told = run(program, *PLAY, "--scripts", broken, cwd=place, code=1)
    assert "grub.py" in told, told
    assert "speed = 1 / 0  # of course" in told, told

    assert files(game) == before, "something was written into the game"
    assert not list(game.rglob("*watchdog*")), "watchdog was shipped"
    assert not list(game.rglob("*_unittest.py")), "unit tests were shipped"


def main() -> int:
    """Build and check; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="build there, and leave it")
    keep = parser.parse_args().keep
    with tempfile.TemporaryDirectory(prefix="bughunt-") as scratch:
        place = Path(scratch).resolve()
        try:
            game = build(place if keep is None else keep.resolve())
            check(game, place)
        except AssertionError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    sys.stdout.write("the game that was built plays as the source does" + (f": {game}\n" if keep else "\n"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
