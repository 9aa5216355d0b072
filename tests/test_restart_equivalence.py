"""The oracle: after any series of edits the world equals a fresh load of what was accepted, plus what the game changed.

A random project of scripts that build on each other is edited at random: bodies, bases, values, names, broken saves,
failing tests, moves, deletions, several files in one burst. After each settled step the live world is compared, name
by name, with a fresh `Project` loaded from the accepted versions of the same files.
"""

from __future__ import annotations

import sys
import types

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from livescripts._core.graph import Graph, Node
from livescripts._core.references import resolve
from livescripts.testing import Project

# Shrinking takes minutes here, and its explanations trace every line: a failing example prints all of its edits as it is.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
FILES = [f"{folder}{name}.py" for folder in ("", "x/", "x/y/") for name in ("a", "b", "c")]
CLASSES = ["K0", "K1", "K2", "K3", "K4"]
VALUES = ["v0", "v1", "v2"]


def module_name(layout, relative):
    """The name a script's definitions are taken from."""
    parts = relative.removesuffix(".py").split("/")
    return ".".join(["game", *(parts if layout == "modules" else parts[:-1])])


@st.composite
def script(draw, layout, present):
    """The text of a script. What it takes may be there or not; what is not there makes it broken."""
    lines = ["import game"]
    others = st.sampled_from(sorted(present) or ["a.py"])
    takes = []
    for _ in range(draw(st.integers(0, 2))):
        other, name = draw(others), draw(st.sampled_from(CLASSES + VALUES))
        form = draw(st.sampled_from(["from", "attribute", "optional", "star"]))
        source = module_name(layout, other)
        if form == "from":
            lines.append(f"from {source} import {name}")
            takes.append(name)
        elif form == "attribute":
            lines.append(f"import {source}\ntaken_{len(lines)} = {source}.{name}")
        elif form == "optional":
            lines.append(
                f"try:\n    from {source} import {name} as opt_{name}\nexcept ImportError:\n    opt_{name} = None"
            )
            lines.append(f"has_{name} = opt_{name} is not None")
        else:
            lines.append(f"from {source} import *")
    values = draw(st.lists(st.sampled_from(VALUES), max_size=2, unique=True))
    lines += [f"{name} = {draw(st.integers(0, 3))}" for name in values]
    bases = [name for name in takes if name.startswith("K")]
    for name in draw(st.lists(st.sampled_from(CLASSES), max_size=2, unique=True)):
        base = draw(st.sampled_from([None, *bases]))
        if base == name:
            base = None
        lines.append(
            f"class {name}({base or ''}):\n    tag = {draw(st.integers(0, 3))}\n"
            f"    def who(self): return ('{name}', self.tag, {draw(st.integers(0, 3))})"
        )
    lines.append(f"def f_{draw(st.integers(0, 2))}(): return {draw(st.integers(0, 3))}")
    if draw(st.integers(0, 9)) == 0:
        lines.append(draw(st.sampled_from(["1 / 0", "def broken(:", "raise SystemExit", "__all__ = ['no']"])))
    if draw(st.integers(0, 9)) == 0:
        verdict = draw(st.sampled_from(["assertTrue(True)", "fail('no')"]))
        lines.append(f"import unittest\nclass T(unittest.TestCase):\n    def test_it(self): self.{verdict}")
    return "\n".join(lines) + "\n"


def picture(value, seen=None):
    """A value as a comparison of two worlds sees it: classes by structure, all else by repr."""
    seen = {} if seen is None else seen
    if isinstance(value, types.ModuleType):
        return ("module", value.__name__)
    if isinstance(value, type):
        if id(value) in seen or value.__module__.split(".")[0] != "game":
            return ("class", value.__module__, value.__qualname__)
        seen[id(value)] = value
        own = {k: picture(v, seen) for k, v in vars(value).items() if not k.startswith("__")}
        bases = [picture(base, seen) for base in value.__bases__]
        return ("class", value.__module__, value.__qualname__, own, bases)
    if isinstance(value, types.FunctionType):
        return ("function", value.__module__, value.__qualname__, value.__code__.co_code, value.__code__.co_consts)
    return repr(value)


def view(project):
    """Every name of every module of the project, as a fresh process would see it."""
    names = sorted(name for name in sys.modules if name.split(".")[0] == "game")
    return {
        name: {
            key: picture(value)
            for key, value in vars(sys.modules[name]).items()
            if not (key.startswith("__") and key != "__all__")
        }
        for name in names
    }


def accepted_files(project):
    """What runs: the text of every script, and of every companion."""
    world = project.live._world
    return {path: item.version.data for book in (world.scripts, world.companions) for path, item in book.items()}


def fresh_view(project, layout):
    """Load the accepted versions in a world of their own; the live one steps aside meanwhile."""
    aside = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "game"}
    finders = [finder for finder in sys.meta_path if type(finder).__module__.startswith("livescripts")]
    for finder in finders:
        sys.meta_path.remove(finder)
    try:
        with Project({}, layout=layout, load=False) as other:
            other.files.contents.update(accepted_files(project))
            other.load()
            return view(other), {str(edge) for edge in other.live.graph}
    finally:
        sys.modules.update(aside)
        sys.meta_path[:0] = finders


def differences(one, other, path=""):
    """Where two worlds differ, as readable lines."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            line
            for key in sorted({*one, *other})
            for line in differences(one.get(key, "<absent>"), other.get(key, "<absent>"), f"{path}/{key}")
        ]
    return [] if one == other else [f"{path}: {one!r} != {other!r}"]


def holders(project):
    return [module for name, module in sys.modules.items() if name.split(".")[0] == "game"]


def instantiate(project, kept):
    for module in holders(project):
        for value in list(vars(module).values()):
            if isinstance(value, type) and value.__name__ in CLASSES:
                instance = value()
                instance.mark = len(kept)
                kept.append((instance, value.__module__, value.__qualname__))


def check_instances(kept):
    """Every instance is one of the class that its name leads to now, with its state; or its class is gone."""
    for number, (instance, module, qualname) in enumerate(kept):
        assert instance.mark == number
        instance.who()
        owner = sys.modules.get(module)
        current = getattr(owner, qualname, None) if owner is not None else None
        if current is not None and current.__module__ == module:
            assert type(instance) is current, (module, qualname)
            assert instance.who() == current().who()


def apply_edit(data, project, layout):
    """One burst of up to three changes."""
    present = {path.removeprefix(project.ROOT + "/") for path in project.files.contents}
    for _ in range(data.draw(st.integers(1, 3))):
        relative = data.draw(st.sampled_from(FILES))
        kind = data.draw(st.sampled_from(["write"] * 6 + ["delete", "move", "touch"]))
        if kind == "write" or relative not in present:
            project.write(relative, data.draw(script(layout, present | {relative})))
        elif kind == "delete":
            project.delete(relative)
        elif kind == "move":
            to = data.draw(st.sampled_from(FILES))
            if to not in present:
                project.move(relative, to)
        else:
            project.write(relative, project.files.contents[project.path(relative)])
        present = {path.removeprefix(project.ROOT + "/") for path in project.files.contents}


@pytest.mark.parametrize("layout", ["merged", "modules"])
@settings(max_examples=60, phases=PHASES)
@given(data=st.data())
def test_any_series_of_edits_ends_in_the_world_of_a_fresh_load(layout, data):
    with Project({}, layout=layout) as project:
        kept: list = []
        for _ in range(data.draw(st.integers(1, 6))):
            apply_edit(data, project, layout)
            project.update()
            assert not project.live.busy
            check(project, layout, kept)


@pytest.mark.parametrize("layout", ["merged", "modules"])
@settings(max_examples=60, phases=PHASES)
@given(data=st.data())
def test_undo_walks_back_through_the_worlds_of_fresh_loads(layout, data):
    with Project({}, layout=layout) as project:
        kept: list = []
        past = [accepted_files(project)]
        for _ in range(data.draw(st.integers(2, 6))):
            apply_edit(data, project, layout)
            project.update()
            if accepted_files(project) != past[-1]:
                past.append(accepted_files(project))
            check(project, layout, kept)
            for _ in range(data.draw(st.sampled_from([0, 0, 1, 2]))):
                before, circles = accepted_files(project), circular(project)
                report = project.live.undo()
                if report.rejected and (circles or circular(project)):
                    assert accepted_files(project) == before
                    break
                assert [outcome.undone for outcome in report.outcomes] == [True] * (len(past) > 1), str(report)
                del past[max(1, len(past) - 1) :]
                assert accepted_files(project) == past[-1]
                check(project, layout, kept)


def check(project, layout, kept):
    running, graph = view(project), {str(edge) for edge in project.live.graph}
    fresh, fresh_graph = fresh_view(project, layout)
    if not circular(project):
        assert not differences(running, fresh)
        assert graph == fresh_graph
    check_instances(kept)
    check_errors(project)
    instantiate(project, kept)


def circular(project):
    """Whether scripts need each other in a circle, as far as their texts or their last load tell.

    Then what each of them sees depends on where a load enters the circle, and that is up to scripts outside of it: a
    restart may see it differently from a reload that had no reason to run them again. See docs/limitations.md.
    """
    scripts = project.live._world.scripts
    nodes = {
        path: Node(
            script.location.holder,
            frozenset(script.version.analysis.bindings),
            resolve(script.version.analysis.references, script.location.package),
            open_ended=script.location.layout == "modules",
        )
        for path, script in scripts.items()
    }
    edges = {(taker, provider) for taker, _, provider in Graph(nodes).edges()}
    edges |= {(str(edge.taker), str(edge.provider)) for edge in project.live.graph}
    while True:
        takers = {taker for taker, _ in edges}
        left = {(taker, provider) for taker, provider in edges if provider in takers}
        if left == edges:
            return bool(edges)
        edges = left


def check_errors(project):
    """Saved and running differ exactly where `errors` says so."""
    running = accepted_files(project)
    differ = {
        path for path in {*running, *project.files.contents} if running.get(path) != project.files.contents.get(path)
    }
    assert {str(path) for path in project.live.errors} == differ
