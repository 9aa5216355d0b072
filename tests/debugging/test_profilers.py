"""Profilers: ours gives way to theirs, and theirs is as it was when a save has been taken over."""

from __future__ import annotations

import cProfile
import pstats
import sys
import threading

FIRST = "class Goblin:\n    def act(self): return 1\n"
SECOND = "# One line more.\n" + FIRST.replace("1", "2")
USER = "from game import Goblin\nV = Goblin().act()\n"


def test_cprofile_goes_on_over_a_reload_and_attributes_lines_to_the_version(project):
    game = project({"goblin.py": FIRST, "user.py": USER})
    goblin = game.namespace.Goblin()
    profile = cProfile.Profile()
    with profile:
        goblin.act()
        assert game.save("goblin.py", SECOND).reloaded
        goblin.act()
    assert game.namespace.V == 2  # whoever called it while loading was executed again
    lines = {(path, line) for path, line, name in pstats.Stats(profile).stats if name == "act"}
    assert (game.path("goblin.py"), 3) in lines
    assert (game.path("goblin.py"), 2) not in lines


def test_a_profiler_that_a_script_starts_goes_on(project):
    def note(*_):
        pass

    try:
        game = project({"goblin.py": FIRST})
        game.namespace.note = note
        text = "import sys, threading\nfrom game import note\nsys.setprofile(note)\nthreading.setprofile(note)\n"
        assert game.save("user.py", text).reloaded
        assert sys.getprofile() is note
        assert threading.getprofile() is note
        assert game.save("goblin.py", SECOND).reloaded
        assert sys.getprofile() is note
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
