"""What each tool does at all, seen by this run: speed means little without it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import adapters
import worlds
from measuring import Figure
from saver import save

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters import Adapter

TITLE = "What happens at all"

_PATIENCE = 1.0  # seconds until a save was not seen
_FRAME = 0.005
_FRAMES_AFTER = 20

_PROVIDER = '''"""Others take from it."""
SPEED = {version}
score = 0


class Thing:
    def __init__(self):
        self.seen = []{extra}

    def answer(self):
        return {version}


class Slotted:
    __slots__ = ("x",)

    def answer(self):
        return {version}


def function():
    return {version}


def counted():
    global score
    score += 1
    return score
'''
_TAKER = """from provider import SPEED, Thing, function


class Derived(Thing):
    speed = SPEED * 10


def call():
    return function(), Thing().answer()
"""


def cases(*, quick: bool) -> list[dict[str, Any]]:
    """All at once: they are cheap."""
    return [{"patience": 0.3 if quick else _PATIENCE, "peers": True}]


class _Place:
    """A directory of a few scripts, and what happens in it."""

    def __init__(self, adapter: Adapter, directory: str, patience: float) -> None:
        texts = {"provider": self.provider(1), "taker": _TAKER}
        self._paths = worlds.write(directory, texts)
        self._adapter, self._patience = adapter, patience
        adapter.start(directory, list(texts))
        time.sleep(0.2)  # a watcher may need a moment

    @staticmethod
    def provider(version: int, extra: str = "") -> str:
        return _PROVIDER.format(version=version, extra=extra)

    def save(self, how: str = "moved", **texts: str) -> None:
        """Save, and play on for a while after a frame has reloaded something, or after our patience has ended."""
        for name, text in texts.items():
            save(self._paths[name], text, how)
        end = time.monotonic() + self._patience
        while time.monotonic() < end and not self._adapter.frame():
            time.sleep(_FRAME)
        for _ in range(_FRAMES_AFTER):
            self._adapter.frame()
            time.sleep(_FRAME)


def _holds(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except Exception:  # a module that is half reloaded has no answer
        return False


def measure(name: str, case: dict[str, Any], directory: str) -> list[Figure]:
    """Ask all questions, one after the other. Each needs the answers to the ones before only where that is said."""
    place = _Place(adapters.create(name, {}), directory, case["patience"])
    provider, taker = map(worlds.module, ("provider", "taker"))
    thing, slotted, derived = provider.Thing(), provider.Slotted(), taker.Derived()
    function, held = provider.function, thing.answer
    provider.counted()
    answers: dict[str, bool] = {}

    place.save(provider=place.provider(2))
    new = 2
    answers["an instance made before runs the new code"] = _holds(lambda: thing.answer() == new)
    answers["so does one with `__slots__`"] = _holds(lambda: slotted.answer() == new)
    answers["so does a bound method that is held"] = _holds(lambda: held() == new)
    answers["so does a function that the game has imported by name"] = _holds(lambda: function() == new)
    answers["so do a function and a class that another module has imported by name"] = _holds(
        lambda: worlds.module("taker").call() == (new, new)
    )
    answers["a class body of another module that took a constant is new"] = _holds(
        lambda: worlds.module("taker").Derived.speed == new * 10
    )
    answers["an instance of that class made before sees it"] = _holds(lambda: derived.speed == new * 10)
    answers["an instance is still one of its class (`isinstance`)"] = _holds(
        lambda: isinstance(thing, worlds.module("provider").Thing)
    )
    answers["a variable that the game has changed keeps its value"] = worlds.module("provider").score == 1

    place.save(provider=place.provider(3, "\n        self.mana = 7"))
    answers["an attribute that is new in `__init__` appears on an instance made before"] = _holds(
        lambda: thing.mana == 7  # noqa: PLR2004
    )

    place.save("rename", provider=place.provider(4))
    new = 4
    answers["a save by a temporary file beside it is seen"] = _holds(
        lambda: worlds.module("provider").function() == new
    )

    # From here on: nothing of what is broken may show.
    place.save(provider=place.provider(5) + "\n1 / 0\n")
    changed = _holds(
        lambda: worlds.module("provider").SPEED == 5 or worlds.module("provider").function() == 5  # noqa: PLR2004
    )
    answers["a save that raises changes nothing"] = not changed
    place.save(provider=place.provider(6), taker=_TAKER + "\n1 / 0\n")
    changed = _holds(
        lambda: worlds.module("provider").SPEED == 6 or worlds.module("provider").function() == 6  # noqa: PLR2004
    )
    answers["a script saved together with one that takes from it and is broken waits for it"] = not changed
    return [Figure(question, float(answer), "yes") for question, answer in answers.items()]
