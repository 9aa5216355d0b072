"""What instances hold: attributes in a dict, and in slots.

Nothing here asks the instance: its class may have a `__getattribute__`, and properties.
"""

from __future__ import annotations

from types import BuiltinFunctionType, FunctionType, MemberDescriptorType, ModuleType
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime.classes import class_values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["attribute_dict", "attributes", "fill_slots", "has_slots", "slots"]

_CODE = (type, ModuleType, FunctionType, BuiltinFunctionType, staticmethod, classmethod, property)

_type_mro: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__


def attribute_dict(value: object) -> dict[str, Any] | None:
    """The dict of an instance, if it has one of its own."""
    try:
        found = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return None
    return cast("dict[str, Any]", found) if type(found) is dict else None


def _descriptors(kind: type) -> dict[str, MemberDescriptorType]:
    """The slots that Python classes among the bases define. What C code keeps is its own business."""
    found: dict[str, MemberDescriptorType] = {}
    for cls in _type_mro(kind):
        values = class_values(cls)
        if "__slots__" in values:
            for name, value in values.items():
                if type(value) is MemberDescriptorType:
                    found.setdefault(name, value)
    return found


def has_slots(value: object) -> bool:
    """Whether an instance has slots."""
    return bool(_descriptors(type(value)))


def slots(value: object) -> dict[str, Any]:
    """The values of the slots that are set."""
    found: dict[str, Any] = {}
    for name, descriptor in _descriptors(type(value)).items():
        try:
            found[name] = descriptor.__get__(value)
        except AttributeError:
            continue
    return found


def fill_slots(value: object, new: Mapping[str, Any]) -> None:
    """Set the slots to what `slots` gave; those that it did not mention are emptied."""
    now = slots(value)
    for name, descriptor in _descriptors(type(value)).items():
        if name not in new:
            if name in now:
                descriptor.__delete__(value)
        elif name not in now or now[name] is not new[name]:
            descriptor.__set__(value, new[name])


def attributes(value: object) -> dict[str, Any] | None:
    """What an instance has inside, so that its state can be told from another; None for code and for C's own."""
    if issubclass(type(value), _CODE):
        return None
    found = attribute_dict(value)
    if has_slots(value):
        return {**(found or {}), **slots(value)}
    return found
