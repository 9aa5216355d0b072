"""Which files of a batch stand or fall together.

Files that have nothing to do with each other must not wait for each other; files that were saved together and need each
other must not be torn apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from livescripts._core.graph import Components, Node, Offers, Steps, Take, all_of, module_take

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Member", "parting", "parts"]


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a batch, or a script that is executed again because of it.

    `offers` is what it provides, in the running version and in the saved one; `packages` are the packages that come or
    go with it. `takes` is what ties it to its providers. `tied` are members that it stands or falls with for any
    other reason.
    """

    offers: tuple[Node, ...] = ()
    packages: tuple[Node, ...] = ()
    takes: frozenset[Take] = frozenset()
    tied: frozenset[str] = frozenset()


def parts(members: Mapping[str, Member]) -> tuple[frozenset[str], ...]:
    """Split a batch into parts that are independent of each other, ordered by their first path.

    Two members belong together when one takes what the other offers, or offered before; when both define the same name
    (it moved from one to the other, or clashes); or when they are tied.
    """
    return all_of(parting(members))


def parting(members: Mapping[str, Member]) -> Steps[tuple[frozenset[str], ...]]:
    """The same in steps."""
    found = Components(members)
    offers = Offers((path, node) for path, member in members.items() for node in (*member.offers, *member.packages))
    definer: dict[Take, str] = {}
    for path, member in members.items():
        yield
        for other in member.tied:
            found.join(path, other)
        for node in member.offers:
            names = {module_take(node.holder)} if node.open_ended else {(node.holder, name) for name in node.provides}
            for take in names:
                found.join(path, definer.setdefault(take, path))
        for take in member.takes:
            for provider in offers.providers(take):
                found.join(path, provider)
    yield
    return found.parts()
