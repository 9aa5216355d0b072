"""The load-time dependency graph as text, dot, Mermaid and JSON. Pure: strings in, strings out.

# A link is (taker, names, provider): the taker took these names from the provider while it was loading.
# A tree shows below each script what it needs; what was shown above is not repeated, but marked (*).
# What is drawn has been loaded: so its circles are benign, each name was there when it was taken.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["Drawing", "Link", "dot", "drawing", "mermaid", "to_json", "tree", "why"]


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """The taker takes these names from the provider."""

    taker: str
    names: tuple[str, ...]
    provider: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is to be drawn: scripts, sorted; links, sorted; circles, each a tuple of scripts that need each other."""

    scripts: tuple[str, ...]
    links: tuple[Link, ...]
    circles: tuple[tuple[str, ...], ...]


def drawing(scripts: Iterable[str], edges: Iterable[tuple[str, str, str]]) -> Drawing:
    """A drawing of scripts and the (taker, name, provider) between them."""
    names: dict[tuple[str, str], set[str]] = {}
    found = set(scripts)
    for taker, name, provider in edges:
        names.setdefault((taker, provider), set()).add(name)
        found.update((taker, provider))
    links = tuple(sorted(Link(taker, tuple(sorted(taken)), provider) for (taker, provider), taken in names.items()))
    return Drawing(tuple(sorted(found)), links, tuple(_circles(sorted(found), links)))


def _providers(links: Iterable[Link]) -> dict[str, dict[str, Link]]:
    found: dict[str, dict[str, Link]] = {}
    for link in links:
        found.setdefault(link.taker, {})[link.provider] = link
    return found


def _circles(scripts: Sequence[str], links: Sequence[Link]) -> Iterator[tuple[str, ...]]:
    """Strongly connected parts of more than one script: S. R. Kosaraju's two walks, by hand for the sake of deep chains."""
    forward: dict[str, list[str]] = {}
    backward: dict[str, list[str]] = {}
    for link in links:
        forward.setdefault(link.taker, []).append(link.provider)
        backward.setdefault(link.provider, []).append(link.taker)
    order: list[str] = []
    seen: set[str] = set()
    for script in scripts:
        order += _walk(script, forward, seen)
    seen = set()
    found = [tuple(sorted(_walk(script, backward, seen))) for script in reversed(order)]
    return iter(sorted(part for part in found if len(part) > 1))


def _walk(start: str, onward: Mapping[str, Sequence[str]], seen: set[str]) -> list[str]:
    """What can be reached and was not seen, each after all that it leads to."""
    if start in seen:
        return []
    seen.add(start)
    order: list[str] = []
    trail = [(start, iter(onward.get(start, ())))]
    while trail:
        script, rest = trail[-1]
        for other in rest:
            if other not in seen:
                seen.add(other)
                trail.append((other, iter(onward.get(other, ()))))
                break
        else:
            trail.pop()
            order.append(script)
    return order


def _roots(shape: Drawing) -> list[str]:
    """Where trees begin: at scripts that nobody needs, and at one script of each circle that nobody else needs."""
    circle_of = {script: circle for circle in shape.circles for script in circle}
    needed = {link.provider for link in shape.links if link.taker not in circle_of.get(link.provider, ())}
    roots: list[str] = []
    for script in shape.scripts:
        circle = circle_of.get(script)
        if circle is None:
            if script not in needed:
                roots.append(script)
        elif script == circle[0] and not needed.intersection(circle):
            roots.append(script)
    return roots


def tree(shape: Drawing) -> str:
    """A text tree for each script that nobody else needs."""
    providers = _providers(shape.links)
    lines: list[str] = []
    shown: set[str] = set()
    for root in _roots(shape):
        # (script, what precedes its line, what precedes the lines below it, names, the scripts above it)
        todo: list[tuple[str, str, str, tuple[str, ...], tuple[str, ...]]] = [(root, "", "", (), ())]
        while todo:
            script, before, below, names, above = todo.pop()
            line = f"{before}{script}" + (f"  {_listed(names)}" if names else "")
            links = [providers[script][each] for each in sorted(providers.get(script, ()))]
            if script in above:
                lines.append(f"{line}  (circle)")
                continue
            if script in shown and links:
                lines.append(f"{line}  (*)")
                continue
            lines.append(line)
            shown.add(script)
            children: list[tuple[str, str, str, tuple[str, ...], tuple[str, ...]]] = []
            for index, link in enumerate(links):
                last = index == len(links) - 1
                branch, rest = ("└── ", "    ") if last else ("├── ", "│   ")
                children.append((link.provider, below + branch, below + rest, link.names, (*above, script)))
            todo += reversed(children)
    for circle in shape.circles:
        lines += ["", f"circle (benign: each name was there when it was taken): {_round(circle, providers)}"]
    return "\n".join(lines)


def _listed(names: Sequence[str], most: int = 4) -> str:
    more = f", {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _round(circle: tuple[str, ...], providers: Mapping[str, Mapping[str, Link]]) -> str:
    """The shortest way around from the first script of a circle, and who else is in it."""
    inside = {
        script: {other: link for other, link in providers[script].items() if other in circle} for script in circle
    }
    ways = [[inside[circle[0]][other], *(_path(inside, other, circle[0]) or [])] for other in sorted(inside[circle[0]])]
    way = min(ways, key=len)
    text = " -> ".join([circle[0], *(link.provider for link in way)])
    others = sorted(set(circle) - {link.provider for link in way})
    return f"{text}; also {', '.join(others)}" if others else text


def why(shape: Drawing, taker: str, provider: str) -> tuple[Link, ...] | None:
    """The shortest way by which `taker` depends on `provider`; None if it does not."""
    way = _path(_providers(shape.links), taker, provider)
    return None if way is None else tuple(way)


def _path(providers: Mapping[str, Mapping[str, Link]], start: str, end: str) -> list[Link] | None:
    came: dict[str, Link] = {}
    todo = deque([start])
    while todo:
        script = todo.popleft()
        for other in sorted(providers.get(script, ())):
            if other not in came:
                came[other] = providers[script][other]
                todo.append(other)
    if end not in came:
        return None
    way: list[Link] = []
    at = end
    while not way or at != start:
        way.append(came[at])
        at = came[at].taker
    return way[::-1]


def dot(shape: Drawing) -> str:
    """Graphviz: `livescripts graph scripts --format dot | dot -Tsvg`."""
    in_circle = {script for circle in shape.circles for script in circle}
    lines = ["digraph scripts {", "    rankdir=LR;", "    node [shape=box];"]
    lines += [f"    {_quoted(each)}{' [color=orange]' if each in in_circle else ''};" for each in shape.scripts]
    lines += [
        f"    {_quoted(each.taker)} -> {_quoted(each.provider)} [label={_quoted(_listed(each.names))}];"
        for each in shape.links
    ]
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def mermaid(shape: Drawing) -> str:
    """Mermaid, which GitHub draws in Markdown."""
    number = {script: f"s{index}" for index, script in enumerate(shape.scripts)}
    lines = ["graph LR"]
    lines += [f'    {number[script]}["{_entity(script)}"]' for script in shape.scripts]
    for link in shape.links:
        lines.append(f'    {number[link.taker]} -->|"{_entity(_listed(link.names))}"| {number[link.provider]}')
    in_circle = [number[script] for circle in shape.circles for script in circle]
    if in_circle:
        lines += ["    classDef circle stroke:orange", f"    class {','.join(in_circle)} circle"]
    return "\n".join(lines)


def _entity(text: str) -> str:
    for old, new in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("\n", " ")):
        text = text.replace(old, new)
    return text


def to_json(shape: Drawing) -> str:
    """The shape is documented in docs/cli.md."""
    value = {
        "version": 1,
        "scripts": list(shape.scripts),
        "links": [{"taker": each.taker, "names": list(each.names), "provider": each.provider} for each in shape.links],
        "circles": [list(circle) for circle in shape.circles],
    }
    return json.dumps(value, indent=2)
