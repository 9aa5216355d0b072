"""The state of scripts, to be put back: after unit tests, and when code that was staged is rejected.

# What can be reached through a script's globals counts: they themselves, the containers and the instances of script
# classes in them, the attributes of their classes, and containers inside all of these. What code does to the host, to
# files or to the network is its own to undo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from livescripts._core.merging import members
from livescripts._runtime.classes import class_values
from livescripts._runtime.instances import attribute_dict, has_slots, slots
from livescripts._runtime.modules import values_of
from livescripts._runtime.swapping import contents, is_container, refill, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

__all__ = ["Testbed"]

_AT_ONCE = 50
_LOOKS = 1000  # a level of ten thousand tiles is not walked through


class Testbed:
    """The state of some modules, and of `values` of a script's `module`, at the time of making."""

    def __init__(
        self,
        modules: Iterable[ModuleType] = (),
        *,
        values: Iterable[object] = (),
        module: str = "",
    ) -> None:
        self._containers: dict[int, tuple[Any, Any]] = {}
        self._look(list(values), module)
        for _ in self.remember(modules):
            pass

    def remember(self, modules: Iterable[ModuleType], containers: Iterable[Any] = ()) -> Iterator[None]:
        """Remember the state of these modules and further containers as well, step by step."""
        for container in list(containers):
            self._keep(container)
        yield
        for each in modules:
            inside = values_of(each)
            self._keep(inside)
            # `__builtins__` is a dict, and everybody's.
            self._look([value for name, value in inside.items() if not name.startswith("__")], inside["__name__"])
            yield

    def containers(self) -> Iterator[Any]:
        """Every container, class, attribute dict and instance with slots whose contents are known."""
        for container, _ in self._containers.values():
            yield container

    def private(self) -> Iterator[object]:
        """The records and copies held here."""
        for record in self._containers.values():
            yield from (record, record[1])

    def restore(self) -> Iterator[None]:
        """Put everything back as it was, step by step."""
        for count, (container, before) in enumerate(self._containers.values()):
            if not same(contents(container), before):
                refill(container, before)
            if count % _AT_ONCE == 0:
                yield

    def _keep(self, container: Any) -> bool:
        if id(container) in self._containers:
            return False
        self._containers[id(container)] = (container, contents(container))
        return True

    def _look(self, todo: list[Any], module: str) -> None:
        looks = _LOOKS
        for value in todo:  # grows while we go: what is outermost comes first
            looks -= 1
            if looks < 0:
                return
            if is_container(value):
                if self._keep(value):
                    todo += members(value) or ()
            elif issubclass(type(value), type):
                if class_values(value).get("__module__") == module and self._keep(value):
                    todo += class_values(value).values()
            elif class_values(cast("type[Any]", type(value))).get("__module__") == module:
                values = attribute_dict(value)
                if values is not None and self._keep(values):
                    todo += values.values()
                if has_slots(value) and self._keep(value):
                    todo += slots(value).values()
