"""Who depends on whom while loading: an immutable graph of scripts, by name.

# A `Take` is (holder, name): script X took `name` from the module `holder` while it was loading.
# Names, not files, join taker and provider: so a provider that appears, moves to another file or goes away is
# followed, and a name that was asked for in vain (`hasattr(game, "Mod")`) is a dependency as well.
# (holder, "*") means every name it has, now or later. Importing a module takes its last name from its package:
# `import game.x.goblin` takes ("game.x", "goblin"), `import goblin` takes ("", "goblin").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

__all__ = [
    "EVERYTHING",
    "Components",
    "Graph",
    "Node",
    "Offers",
    "Steps",
    "Take",
    "Takers",
    "all_of",
    "module_take",
]

Take: TypeAlias = tuple[str, str]

EVERYTHING = "*"


_T = TypeVar("_T")
Steps: TypeAlias = "Generator[None, None, _T]"
"""Something that is worked out in steps, so that it can be spread over frames."""


def all_of(steps: Steps[_T]) -> _T:
    """The outcome of all steps, taken at once."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def module_take(module: str) -> Take:
    """What an import of `module` takes."""
    above, _, last = module.rpartition(".")
    return above, last


class Node(NamedTuple):
    """A script in the graph: where its names appear, which they are, and what it took.

    `open_ended` is true where a script offers every name of its own module, and the module itself (modules layout).
    """

    holder: str
    provides: frozenset[str]
    takes: frozenset[Take] = frozenset()
    open_ended: bool = False

    def renews(self, take: Take) -> bool:
        """Whether a new version of this script gives `take` a new value. A module stays the same object."""
        holder, name = take
        if holder != self.holder:
            return False
        return self.open_ended or name in self.provides or (name == EVERYTHING and bool(self.provides))

    def offers(self, take: Take) -> bool:
        """Whether this script is the one that `take` asks for."""
        return self.renews(take) or (self.open_ended and take == module_take(self.holder))


class Offers:
    """Who offers what: an index, since a namespace may have hundreds of scripts."""

    def __init__(self, nodes: Iterable[tuple[str, Node]], wanted: Iterable[Take] | None = None) -> None:
        """With `wanted` nothing else will be asked for: of all that scripts offer, others take little."""
        self._paths: list[str] = []
        self._named: dict[Take, dict[str, None]] = {}
        self._open_ended: dict[str, dict[str, None]] = {}
        asked: dict[str, set[str]] = {}
        for holder, name in wanted or ():
            asked.setdefault(holder, set()).add(name)
        for path, node in nodes:
            self._paths.append(path)
            names: Iterable[str] = (*node.provides, EVERYTHING) if node.provides else ()
            if wanted is not None:
                names = asked.get(node.holder, set[str]()).intersection(names)
            for take in [(node.holder, name) for name in names]:
                self._named.setdefault(take, {})[path] = None
            if node.open_ended:
                self._named.setdefault(module_take(node.holder), {})[path] = None
                self._open_ended.setdefault(node.holder, {})[path] = None

    def __iter__(self) -> Iterator[str]:
        """The scripts."""
        return iter(self._paths)

    def of(self, takes: Iterable[Take]) -> list[str]:
        """The scripts that any of these takes may ask for, sorted."""
        return sorted({path for take in takes for path in self.providers(take)}) if self._paths else []

    def known(self, takes: Iterable[Take]) -> list[Take]:
        """Those of these takes that any script may be asked for."""
        return [take for take in takes if take in self._named or take[0] in self._open_ended]

    def providers(self, take: Take) -> Iterable[str]:
        """The scripts that `take` may ask for, each once."""
        return {**self._named.get(take, {}), **self._open_ended.get(take[0], {})}


class Takers:
    """Who takes what: an index of nodes, kept up to date as they change. Scripts are told apart by path."""

    def __init__(self, nodes: Iterable[tuple[str, Node]] = ()) -> None:
        self._paths: dict[str, dict[str, dict[str, None]]] = {}  # by holder and name
        for path, node in nodes:
            self.add(path, node.takes)

    def add(self, path: str, takes: Iterable[Take]) -> None:
        """A script comes, with what it takes."""
        for holder, name in takes:
            self._paths.setdefault(holder, {}).setdefault(name, {})[path] = None

    def remove(self, path: str, takes: Iterable[Take]) -> None:
        """A script goes; `takes` is what it came with. Nothing happens for those that have gone already."""
        for holder, name in takes:
            names = self._paths.get(holder, {})
            paths = names.get(name, {})
            paths.pop(path, None)
            if not paths:
                names.pop(name, None)  # a holder stays: there are as many as modules

    def of(self, node: Node) -> Iterator[str]:
        """Whoever takes something that a new version of `node` gives a new value; some more than once."""
        taken = self._paths.get(node.holder, {})
        # By name, since a namespace may have hundreds of scripts.
        for name in taken if node.open_ended else (*node.provides, EVERYTHING):
            if node.renews((node.holder, name)):
                yield from taken.get(name, ())


@dataclass(frozen=True, slots=True)
class Graph:
    """The load-time dependency graph: script path -> node."""

    nodes: Mapping[str, Node] = field(default_factory=dict[str, Node])
    _index: list[Takers] = field(default_factory=list[Takers], compare=False, repr=False)  # one, or none yet

    def replace(self, changed: Mapping[str, Node | None]) -> Graph:
        """A graph with these nodes put in place, and those that are None taken out."""
        nodes = dict(self.nodes)
        # The index goes over to the new graph, so that a change costs no more for there being many scripts. This graph
        # makes another one in the rare case that it is asked again: when a commit has been taken back.
        index = self._index.pop() if self._index else None
        for path, node in changed.items():
            before = nodes.pop(path, None) if node is None else nodes.get(path)
            if index is not None and before is not None:
                index.remove(path, before.takes)
            if node is not None:
                nodes[path] = node
                if index is not None:
                    index.add(path, node.takes)
        return Graph(nodes, [] if index is None else [index])

    def dependants(self, changed: Mapping[str, Iterable[Node]]) -> frozenset[str]:
        """Every script that takes, directly or through others, something of the `changed` scripts.

        `changed` gives for each script what it renews: the version that runs, the one that was saved, and, when it
        comes or goes, a node for the module itself. The changed scripts themselves are not in the answer.
        """
        index = self._takers()
        found: set[str] = set()
        todo = [node for nodes in changed.values() for node in nodes]
        while todo:
            for path in index.of(todo.pop()):
                if path not in found and path not in changed:
                    found.add(path)
                    todo.append(self.nodes[path])
        return frozenset(found)

    def takers(self, nodes: Iterable[Node]) -> frozenset[str]:
        """Every script that takes directly what one of these renews."""
        index = self._takers()
        return frozenset(path for node in nodes for path in index.of(node))

    def _takers(self) -> Takers:
        if not self._index:
            self._index.append(Takers(self.nodes.items()))
        return self._index[0]

    def edges(self) -> Iterator[tuple[str, Take, str]]:
        """Every (taker, take, provider)."""
        offers = Offers(self.nodes.items(), {take for node in self.nodes.values() for take in node.takes})
        for taker, node in self.nodes.items():
            for take in sorted(node.takes):
                for provider in offers.providers(take):
                    if provider != taker:
                        yield taker, take, provider

    def order(self, paths: Iterable[str]) -> tuple[str, ...]:
        """`paths` with providers before takers, alphabetically as far as that leaves a choice.

        Where scripts take from each other in a circle, the one comes first that a load from scratch would start with: the
        first to be reached from the first path.
        """
        return all_of(self.ordering(paths))

    def ordering(self, paths: Iterable[str]) -> Steps[tuple[str, ...]]:
        """The same in steps."""
        wanted = sorted(set(paths))
        nodes = [(path, self.nodes[path]) for path in wanted if path in self.nodes]
        offers = Offers(nodes, set[Take]().union(*(node.takes for _, node in nodes)))
        providers: dict[str, set[str]] = {path: set() for path in wanted}
        for taker, node in nodes:
            yield
            for take in offers.known(node.takes):
                providers[taker].update(offers.providers(take))
            providers[taker].discard(taker)
        return _providers_first(wanted, providers)


def _providers_first(paths: list[str], providers: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    # R. Tarjan, Depth-first search and linear graph algorithms (1972): the parts that are circles come out with what
    # they need before them. By hand, since a chain of a thousand subclasses is deeper than the recursion limit.
    number: dict[str, int] = {}  # in which order paths were reached
    lowest: dict[str, int] = {}  # the first of those in progress that a path leads back to
    in_progress: list[str] = []
    done: dict[str, None] = {}
    for start in paths:
        trail = [] if start in number else [start]
        visits: list[Iterator[str]] = []
        while trail:
            path = trail[-1]
            if path not in number:
                number[path] = lowest[path] = len(number)
                in_progress.append(path)
                visits.append(iter(sorted(providers[path])))
            for other in visits[-1]:
                if other not in number:
                    trail.append(other)
                    break
                if other not in done:
                    lowest[path] = min(lowest[path], number[other])
            else:
                trail.pop()
                visits.pop()
                if trail:
                    lowest[trail[-1]] = min(lowest[trail[-1]], lowest[path])
                if lowest[path] == number[path]:
                    begin = len(in_progress) - 1
                    while in_progress[begin] != path:
                        begin -= 1
                    done.update(dict.fromkeys(in_progress[begin:]))
                    del in_progress[begin:]
    return tuple(done)


class Components:
    """Paths, and which of them are connected so far, in whatever direction."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._parent = {path: path for path in paths}

    def join(self, one: str, other: str) -> None:
        """These two belong together, if both are among the paths."""
        if one != other and one in self._parent and other in self._parent:
            self._parent[self._top(one)] = self._top(other)

    def parts(self) -> tuple[frozenset[str], ...]:
        """The connected parts, ordered by their first path."""
        parts: dict[str, list[str]] = {}
        for path in sorted(self._parent):
            parts.setdefault(self._top(path), []).append(path)
        return tuple(frozenset(part) for part in sorted(parts.values()))

    def _top(self, path: str) -> str:
        parent = self._parent
        while parent[path] != path:
            parent[path] = parent[parent[path]]
            path = parent[path]
        return path
