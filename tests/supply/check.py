"""What is handed out, and what it is built on: run with each Python, `python tests/supply/check.py [WHAT ...]`.

    package    the sdist and the wheel: built twice alike, their contents, their metadata; installed in a new environment
               each, where a save reloads and `livescripts check` finds nothing wrong with an example
    lowest     the lowest versions of all dependencies that pyproject.toml allows: the tests that use them, and the tour
    newest     the same with the newest there are
    ce         the same with pygame-ce in the place of pygame

Without arguments, all of them. Every environment is new, and in a temporary directory. `lowest` is for the lowest Python: the
lowest versions of pygame have no wheels for later ones. Ends with 0 when all is well.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
QUIET = {**os.environ, "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
# Whoever talks to watchdog, pygame or rich.
TESTS = (
    "tests/watch", "tests/test_watched_files.py", "tests/test_real_saves.py", "tests/shipping",
    "tests/demo", "tests/overlay", "tests/cli",
)  # fmt: skip

EXAMPLE = {
    "goblins.py": "from game.tuning import SPEED\n\nclass Goblin:\n    def __init__(self):\n        self.speed = SPEED\n",
    "tuning/speeds.py": "SPEED = 3\n",
}
PROGRAM = """
import pathlib, sys, time
import livescripts
place = pathlib.Path(sys.argv[1])
with livescripts.LiveScripts(settle=0.01) as live:
    live.add_directory(place, namespace="game")
    import game
    goblin = game.Goblin()
    assert goblin.speed == 3
    file = place / "goblins.py"
    file.write_text(file.read_text() + "    def growl(self):\\n        return 'grr'\\n")
    end = time.monotonic() + 30
    while not hasattr(goblin, "growl"):
        assert time.monotonic() < end, "not reloaded"
        live.update()
        time.sleep(0.01)
    assert pathlib.Path(livescripts.__file__).is_relative_to(sys.prefix), livescripts.__file__
print(livescripts.__file__)
"""


def run(*command: object, cwd: Path, environment: dict[str, str] = QUIET) -> str:
    """What it prints. Raises AssertionError when it fails."""
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, (
        f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    )
    return done.stdout


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Environment:
    """A new virtual environment with these packages."""

    def __init__(self, place: Path, *packages: object) -> None:
        venv.create(place, with_pip=True)
        self._commands = place / ("Scripts" if os.name == "nt" else "bin")
        self.python = self._commands / ("python.exe" if os.name == "nt" else "python")
        run(self.python, "-m", "pip", "install", "-q", *packages, cwd=place)
        run(self.python, "-m", "pip", "check", cwd=place)

    def command(self, name: str) -> Path | None:
        """An installed command, if there is one."""
        return next((path for path in self._commands.glob(f"{name}*") if path.stem == name), None)

    def versions(self, *names: str) -> str:
        """The installed versions of these packages, in words."""
        listed = run(self.python, "-m", "pip", "list", "--format", "freeze", cwd=ROOT).split()
        return ", ".join(line for line in listed if line.partition("==")[0].lower() in names)


# ------------------------------------------------------------------ the package


def tracked() -> set[str]:
    """All files under version control."""
    return set(run("git", "ls-files", cwd=ROOT).splitlines())


def contents_of_wheel(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def contents_of_sdist(sdist: Path) -> set[str]:
    with tarfile.open(sdist) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def check_contents(wheel: Path, sdist: Path) -> None:
    ours = {name for name in tracked() if name.startswith("livescripts/")}
    name = f"{PROJECT['project']['name']}-{PROJECT['project']['version']}.dist-info"
    about = {f"{name}/{file}" for file in ("METADATA", "WHEEL", "RECORD", "licenses/LICENSE")}
    if "scripts" in PROJECT["project"]:
        about.add(f"{name}/entry_points.txt")
    found = contents_of_wheel(wheel)
    assert found == ours | about, f"the wheel has {sorted(found ^ (ours | about))} too many, or too few"
    assert "livescripts/py.typed" in found

    found = contents_of_sdist(sdist)
    needed = {name for name in tracked() if name.partition("/")[0] in ("livescripts", "tests", "demo_game", "docs")}
    needed |= {"README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "pyproject.toml", "PKG-INFO"}
    assert needed <= found, f"the sdist lacks {sorted(needed - found)}"
    assert found <= tracked() | {"PKG-INFO"}, f"the sdist has {sorted(found - tracked() - {'PKG-INFO'})}"
    say(f"the wheel has {len(contents_of_wheel(wheel))} files, the sdist {len(found)}, and nothing that is not theirs")


def check_package(place: Path) -> None:
    tools = Environment(place / "tools", "build", "twine")
    digests = []
    for number in (1, 2):
        run(tools.python, "-m", "build", "--outdir", place / f"built{number}", ROOT, cwd=place)
        built = sorted((place / f"built{number}").iterdir())
        digests.append([hashlib.sha256(path.read_bytes()).hexdigest() for path in built])
    assert digests[0] == digests[1], "two builds differ"
    wheel, sdist = built
    if wheel.suffix != ".whl":
        wheel, sdist = sdist, wheel
    say(
        f"built twice alike: {wheel.name} {digests[0][built.index(wheel)]}, {sdist.name} {digests[0][built.index(sdist)]}"
    )
    run(tools.python, "-m", "twine", "check", "--strict", *built, cwd=place)
    say("twine has nothing to say about the metadata")
    check_contents(wheel, sdist)
    lowest = re.search(r"hatchling>=([\d.]+)", " ".join(PROJECT["build-system"]["requires"]))
    assert lowest
    old = Environment(place / "old", "build", f"hatchling=={lowest[1]}")
    run(old.python, "-m", "build", "--no-isolation", "--outdir", place / "by_old", ROOT, cwd=place)
    assert contents_of_wheel(place / "by_old" / wheel.name) == contents_of_wheel(wheel)
    say(f"hatchling {lowest[1]} builds the same files")
    for package in (wheel, sdist):
        fresh = Environment(place / f"with_{package.suffix[1:]}", package)
        example = place / f"example_{package.suffix[1:]}"
        for name, text in EXAMPLE.items():
            (example / name).parent.mkdir(parents=True, exist_ok=True)
            (example / name).write_text(text)
        command = fresh.command("livescripts")
        if command is not None:
            run(command, "check", example, "--namespace", "game", cwd=place)
        run(fresh.python, "-W", "error", "-c", PROGRAM, example, cwd=place)
        checked = "a save reloads" if command is None else "`livescripts check` passes and a save reloads"
        say(f"{package.name} in a new environment ({fresh.versions('watchdog')}): {checked}")


# ------------------------------------------------------------------ the versions


def dependencies() -> list[str]:
    """What is needed at run time, with the extras that add something to it. All others are for working on livescripts."""
    extras = PROJECT["project"]["optional-dependencies"]
    return [*PROJECT["project"]["dependencies"], *(line for name in ("cli", "demo") for line in extras.get(name, ()))]


def lowest(requirement: str) -> str:
    """The requirement with its lower limit as the only version."""
    assert requirement.count(">=") - requirement.partition(";")[2].count(">=") == 1, requirement
    return requirement.replace(">=", "==", 1)


def test_with(place: Path, requirements: list[str]) -> None:
    testing = [
        line for line in PROJECT["project"]["optional-dependencies"]["dev"] if line.startswith(("pytest", "hypo"))
    ]
    environment = Environment(place, *requirements, *testing)
    names = {re.split(r"[^\w-]", line)[0].lower() for line in requirements}
    say(f"with {environment.versions(*names)} on Python {sys.version.split()[0]}:")
    outside = {**QUIET, "PYTHONPATH": str(ROOT)}
    tests = [test for test in TESTS if (ROOT / test).exists()]
    say(run(environment.python, "-m", "pytest", *tests, cwd=ROOT, environment=outside).splitlines()[-1])
    tour = run(environment.python, "-m", "demo_game", "--tour", "--headless", cwd=ROOT, environment=outside)
    say(next(line for line in tour.splitlines() if "steps in" in line))


def check_lowest(place: Path) -> None:
    test_with(place, [lowest(line) for line in dependencies()])


def check_newest(place: Path) -> None:
    test_with(place, dependencies())


def check_ce(place: Path) -> None:
    others = [line for line in dependencies() if not line.startswith("pygame")]
    test_with(place, [*others, "pygame-ce"])


CHECKS = {"package": check_package, "lowest": check_lowest, "newest": check_newest, "ce": check_ce}


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", metavar="WHAT", help=", ".join(CHECKS))
    wanted = parser.parse_args().what or list(CHECKS)
    if not set(wanted) <= set(CHECKS):
        parser.error(f"there is {', '.join(CHECKS)}")
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="livescripts-supply-") as place:
            say(f"== {name}")
            try:
                CHECKS[name](Path(place).resolve())
            except AssertionError as error:
                say(f"FAILED: {error}")
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
