"""Classes of every kind, as scripts.

Each text defines a class whose method `act` returns "v1"; `edited` is the next version of it. `make` makes an instance,
`state` reads what the game may have put into it.
"""

from __future__ import annotations

import sys
import textwrap
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["KINDS", "Kind"]

# Before 3.12, `__class__` of an object whose size varies cannot be assigned if it has attributes as well.
STUCK = frozenset({"move"}) if sys.version_info < (3, 12) else frozenset[str]()


@dataclass(frozen=True)
class Kind:
    """One kind of class. `lacks` names what Python or pygame cannot do with it: "move", "pickle", "copy"."""

    text: str
    make: Callable[[type], Any] = lambda cls: cls()
    state: Callable[[Any], Any] = attrgetter("hp")
    path: str = "X"
    lacks: frozenset[str] = field(default_factory=frozenset)
    pygame: bool = False

    @property
    def source(self) -> str:
        return textwrap.dedent(self.text)

    @property
    def edited(self) -> str:
        return self.source.replace('"v1"', '"v2"')

    def cls(self, space: Any) -> Any:
        return attrgetter(self.path)(space)


KINDS = {
    "plain": Kind("""
        class X:
            def __init__(self): self.hp = 7
            def act(self): return "v1"
        """),
    "a chain of classes": Kind("""
        class A:
            def __init__(self): self.hp = 7
            def act(self): return "?"
        class B(A):
            def act(self): return super().act() + "!"
        class X(B):
            def act(self): return "v1" if super().act() == "?!" else "wrong super()"
        """),
    "with mixins": Kind("""
        class Loud:
            def act(self): return super().act()
        class Base:
            def __init__(self): self.hp = 7
            def act(self): return "v1"
        class X(Loud, Base):
            def act(self): return "v1" and super().act()
        """),
    "abstract": Kind("""
        from abc import ABC, abstractmethod
        class Base(ABC):
            def __init__(self): self.hp = 7
            @abstractmethod
            def act(self): ...
        class X(Base):
            def act(self): return "v1"
        """),
    "generic": Kind(
        """
        from typing import Generic, TypeVar
        T = TypeVar("T")
        class X(Generic[T]):
            def __init__(self, hp: T): self.hp = hp
            def act(self): return "v1"
        """,
        make=lambda cls: cls(7),
    ),
    "generic, with an argument": Kind(
        """
        from typing import Generic, TypeVar
        T = TypeVar("T")
        class X(Generic[T]):
            def __init__(self, hp: T): self.hp = hp
            def act(self): return "v1"
        """,
        make=lambda cls: cls[int](7),
    ),
    "a protocol's": Kind("""
        from typing import Protocol, runtime_checkable
        @runtime_checkable
        class Acts(Protocol):
            def act(self) -> str: ...
        class X(Acts):
            def __init__(self): self.hp = 7
            def act(self): return "v1"
        """),
    "dataclass": Kind("""
        from dataclasses import dataclass
        @dataclass
        class X:
            hp: int = 7
            def act(self): return "v1"
        """),
    "frozen dataclass": Kind("""
        from dataclasses import dataclass
        @dataclass(frozen=True)
        class X:
            hp: int = 7
            def act(self): return "v1"
        """),
    "slotted dataclass": Kind("""
        from dataclasses import dataclass
        @dataclass(slots=True)
        class X:
            hp: int = 7
            def act(self): return "v1"
        """),
    "frozen slotted dataclass": Kind("""
        from dataclasses import dataclass
        @dataclass(frozen=True, slots=True)
        class X:
            hp: int = 7
            def act(self): return "v1"
        """),
    "keyword-only dataclass": Kind(
        """
        from dataclasses import dataclass
        @dataclass(kw_only=True)
        class X:
            hp: int
            def act(self): return "v1"
        """,
        make=lambda cls: cls(hp=7),
    ),
    "with slots": Kind("""
        class X:
            __slots__ = ("hp",)
            def __init__(self): self.hp = 7
            def act(self): return "v1"
        """),
    "with __setattr__": Kind("""
        class X:
            def __init__(self): self.__dict__["hp"] = 7
            def __setattr__(self, name, value): raise TypeError("locked")
            def __delattr__(self, name): raise TypeError("locked")
            def act(self): return "v1"
        """),
    "with __getattr__": Kind("""
        class X:
            def __init__(self): self.__dict__["hp"] = 7
            def __getattr__(self, name):
                if name.startswith("__"): raise AttributeError(name)
                return "found " + name
            def act(self): return "v1" if self.elsewhere == "found elsewhere" else "lost"
        """),
    "with __getattribute__": Kind("""
        class X:
            def __init__(self): self.hidden = 7
            def __getattribute__(self, name): return super().__getattribute__("hidden" if name == "hp" else name)
            def act(self): return "v1"
        """),
    "with __new__": Kind(
        """
        class X:
            def __new__(cls, hp):
                self = super().__new__(cls)
                self.hp = hp
                return self
            def __getnewargs__(self): return (self.hp,)
            def act(self): return "v1"
        """,
        make=lambda cls: cls(7),
    ),
    "with a metaclass": Kind("""
        class Meta(type):
            def __call__(cls, *args):
                made = super().__call__(*args)
                made.hp = 7
                return made
        class X(metaclass=Meta):
            def act(self): return "v1"
        """),
    "with a metaclass that minds its attributes": Kind("""
        class Meta(type):
            def __setattr__(cls, name, value): raise TypeError("locked")
            def __eq__(cls, other): raise TypeError("not comparable")
            __hash__ = type.__hash__
        class X(metaclass=Meta):
            def __init__(self): self.hp = 7
            def act(self): return "v1"
        """),
    "with __init_subclass__": Kind("""
        class Base:
            kinds = {}
            def __init_subclass__(cls): Base.kinds[cls.__name__] = cls
        class X(Base):
            def __init__(self): self.hp = 7
            def act(self): return "v1"
        """),
    "nested": Kind(
        """
        class Outer:
            class X:
                def __init__(self): self.hp = 7
                def act(self): return "v1"
        """,
        path="Outer.X",
    ),
    "with __eq__ and __hash__": Kind("""
        class X:
            def __init__(self): self.hp = 7
            def __eq__(self, other): return isinstance(other, X) and self.hp == other.hp
            def __hash__(self): return hash(self.hp)
            def act(self): return "v1"
        """),
    "exception": Kind(
        """
        class X(Exception):
            def act(self): return "v1"
        """,
        make=lambda cls: cls("why", 7),
        state=attrgetter("args"),
    ),
    "list": Kind(
        """
        class X(list):
            def act(self): return "v1"
        """,
        make=lambda cls: cls([1, 2]),
        state=list,
    ),
    "dict": Kind(
        """
        class X(dict):
            def act(self): return "v1"
        """,
        make=lambda cls: cls(a=1),
        state=dict,
    ),
    "set": Kind(
        """
        class X(set):
            def act(self): return "v1"
        """,
        make=lambda cls: cls({1, 2}),
        state=set,
    ),
    "int": Kind(
        """
        class X(int):
            def act(self): return "v1"
        """,
        make=lambda cls: cls(7),
        state=int,
        lacks=STUCK,
    ),
    "str": Kind(
        """
        class X(str):
            def act(self): return "v1"
        """,
        make=lambda cls: cls("seven"),
        state="".join,
    ),
    "tuple": Kind(
        """
        class X(tuple):
            def act(self): return "v1"
        """,
        make=lambda cls: cls((1, 2)),
        state=tuple,
        lacks=STUCK,
    ),
    "sprite": Kind(
        """
        import pygame
        class X(pygame.sprite.Sprite):
            def __init__(self):
                super().__init__()
                self.hp = 7
            def act(self): return "v1"
        """,
        pygame=True,
    ),
    "rect": Kind(
        """
        import pygame
        class X(pygame.Rect):
            def act(self): return "v1"
        """,
        make=lambda cls: cls(1, 2, 3, 4),
        state=tuple,
        pygame=True,
    ),
    "surface": Kind(
        """
        import pygame
        class X(pygame.Surface):
            def act(self): return "v1"
        """,
        make=lambda cls: cls((5, 6)),
        state=lambda x: x.get_size(),
        lacks=frozenset({"pickle", "copy"}),
        pygame=True,
    ),
    "vector": Kind(
        """
        import pygame
        class X(pygame.Vector2):
            def act(self): return "v1"
        """,
        make=lambda cls: cls(3, 4),
        state=tuple,
        pygame=True,
    ),
}

if sys.version_info >= (3, 12):
    KINDS["generic, with type parameters"] = Kind(
        """
        class X[T]:
            def __init__(self, hp: T): self.hp = hp
            def act(self): return "v1"
        """,
        make=lambda cls: cls(7),
    )
