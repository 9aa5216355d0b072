"""The README and the pages tell the truth: what they say is typed in, saved and run, and what they show is compared."""

from __future__ import annotations

import re
import sys
import threading
import tomllib
import warnings
from pathlib import Path

import pytest

import livescripts

from .reader import pages, read

ROOT = Path(__file__).resolve().parents[2]

with warnings.catch_warnings():
    # pygame 2.6 imports pkg_resources, which warns; here warnings are errors. Once is enough.
    warnings.simplefilter("ignore")
    import pygame


@pytest.fixture
def directory(tmp_path, monkeypatch):
    """Where a page is read: an empty directory, and nothing left afterwards of what happened there."""
    modules, meta_path, path = set(sys.modules), list(sys.meta_path), list(sys.path)
    home = tmp_path.resolve() / "page"
    home.mkdir()
    monkeypatch.chdir(home)
    monkeypatch.syspath_prepend(str(home))
    for name in ("SDL_VIDEODRIVER", "SDL_AUDIODRIVER"):
        monkeypatch.setenv(name, "dummy")
    yield home
    pygame.quit()
    sys.path[:] = path
    assert sys.meta_path == meta_path
    assert not {name for name in set(sys.modules) - modules if name.partition(".")[0] in {"game", "mygame"}}
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("livescripts")]


@pytest.mark.parametrize("page", pages(ROOT), ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_says_is_so(page, directory):
    read(page, directory)


def write(page, text):
    page.write_text(text, encoding="utf-8")
    return page


GAME = """
```python title="scripts/goblin.py"
speed = 1
```

```python
import livescripts

live = livescripts.LiveScripts()
live.add_directory("scripts", namespace="game")
import game
```
"""


def test_a_page_that_is_wrong_is_found_out(tmp_path, directory):
    page = tmp_path / "page.md"
    for wrong, error in {
        "```python\nassert 1 == 2\n```": AssertionError,
        "- a list:\n\n    ```python\n    assert 1 == 2\n    ```": AssertionError,
        "```py\npass\n```": ValueError,
        "```python hl_lines=2\npass\n```": ValueError,
        "<!-- invisible-code-block: python\nassert 1 == 2\n-->": AssertionError,
        "```console\npython -m demo_game --no-such-option\n```": SystemExit,
        "```console\nrm -rf /\n```": AssertionError,
        '```python\nprint(1)\n```\n\n```text title="output"\n2\n```': AssertionError,
        GAME + '\n```python title="scripts/goblin.py"\nspeed =\n```': AssertionError,
        GAME
        + '\n```python title="scripts/goblin.py"\nspeed = 2\n```\n\n```python\nassert game.speed == 1\n```': AssertionError,
        GAME
        + '\n```python title="scripts/goblin.py"\nspeed =\n```\n\n```text title="log"\nall is well\n```': AssertionError,
    }.items():
        with pytest.raises(error):
            read(write(page, wrong), directory)


def test_a_page_is_read_in_order_and_a_game_goes_on_while_it_is(tmp_path, directory):
    saved = '\n```python title="scripts/goblin.py"\nspeed = 2\n```\n'
    asked = "\n```python\nassert report.reloaded and game.speed == 2\nprint(report)\n```\n"
    shown = '\n```text title="output"\nreloaded goblin.py… (7.0 ms)\n```\n'
    assert read(write(tmp_path / "page.md", GAME + saved + asked + shown), directory) == 5


def test_the_readme_has_the_commands_that_set_everything_up_and_is_short():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert 'python -m pip install -e ".[demo]" && python -m demo_game' in text
    assert 'python -m pip install -e ".[dev]" && python -m pytest' in text
    assert len(text.splitlines()) < 120
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / link).exists(), link


def in_navigation(entry):
    if isinstance(entry, str):
        return [entry]
    values = entry.values() if isinstance(entry, dict) else entry
    return [page for value in values for page in in_navigation(value)]


def test_every_page_is_in_the_navigation_once():
    site = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
    written = [str(page.relative_to(ROOT / "docs")) for page in pages(ROOT) if page.parent != ROOT]
    assert sorted(in_navigation(site["nav"])) == sorted(written)


def test_the_reference_has_everything_public():
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    listed = re.findall(r"^::: livescripts\.(\w+)$", text, re.MULTILINE)
    assert sorted(listed) == sorted([*livescripts.__all__, "testing"])


def test_every_picture_is_there():
    for page in pages(ROOT):
        for picture in re.findall(r"!\[[^\]]*\]\(([^):]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / picture).is_file(), f"{page} shows {picture}"
