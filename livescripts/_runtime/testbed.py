"""The state of scripts, to be put back: after unit tests, and when code that was staged is rejected.

# What can be reached through a script's globals counts: they themselves, the containers and the instances of script
# classes in them, the attributes of their classes and the containers there. What code does to the host, to files or to
# the network is its own to undo.
"""

from __future__ import annotations

from types import GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime.classes import class_values
from livescripts._runtime.swapping import contents, is_container, refill, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import ModuleType

__all__ = ["Testbed"]

_SLOTS = (GetSetDescriptorType, MemberDescriptorType)


class Testbed:
    """The state of some modules, and of further containers, at the time of making."""

    def __init__(self, modules: Iterable[ModuleType], containers: Iterable[Any] = ()) -> None:
        self._containers: dict[int, tuple[Any, Any]] = {}
        self._classes: dict[int, tuple[type, dict[str, Any]]] = {}
        for container in containers:
            self._keep(container)
        for module in modules:
            self._keep(vars(module))
            for name, value in vars(module).items():
                if not name.startswith("__"):  # `__builtins__` is a dict, and everybody's
                    self._keep_value(value, vars(module)["__name__"])

    def containers(self) -> Iterator[Any]:
        """Every container whose contents are known."""
        for container, _ in self._containers.values():
            yield container

    def restore(self) -> None:
        """Put everything back as it was."""
        for container, before in self._containers.values():
            if not same(container, before):
                refill(container, before)
        self.restore_classes()

    def restore_classes(self) -> None:
        """Put the attributes of classes back as they were."""
        for cls, before in self._classes.values():
            _restore_class(cls, before)

    def _keep(self, container: Any) -> None:
        if id(container) not in self._containers:
            self._containers[id(container)] = (container, contents(container))

    def _keep_value(self, value: Any, module: str) -> None:
        if is_container(value):
            self._keep(value)
        elif issubclass(type(value), type):
            if class_values(value).get("__module__") == module and id(value) not in self._classes:
                self._classes[id(value)] = (value, dict(class_values(value)))
                for inner in class_values(value).values():
                    self._keep_value(inner, module)
        elif class_values(cast("type[Any]", type(value))).get("__module__") == module:
            try:
                values: Any = object.__getattribute__(value, "__dict__")
            except AttributeError:
                return
            if type(values) is dict:
                self._keep(values)
                for inner in cast("dict[str, Any]", values).values():
                    if is_container(inner):
                        self._keep(inner)


def _restore_class(cls: type, before: Mapping[str, Any]) -> None:
    now = class_values(cls)
    for name in [name for name in now if name not in before]:
        type.__delattr__(cls, name)
    for name, value in before.items():
        if now.get(name) is not value and type(value) not in _SLOTS:
            type.__setattr__(cls, name, value)
