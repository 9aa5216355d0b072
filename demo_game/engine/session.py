"""One running game: the plugin, the world, and what is said about both."""

from __future__ import annotations

import importlib
import os
from collections import deque
from typing import TYPE_CHECKING, Any, Self

import livescripts
from demo_game.engine import autopilot
from demo_game.engine.world import World

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from demo_game.engine.contract import Controls, HudItem
    from livescripts import Fault, Rejected, Reloaded

NAMESPACE = "game"


class UnplayableError(Exception):
    """The scripts are fine, but they are not this game's."""


class Session:
    """A game played from a directory of scripts.

    With `watch=False` it is played as it is, and stays so.

    Raises `livescripts.ScriptError` if they are broken, `UnplayableError` if they are another game's.
    """

    def __init__(self, scripts: Path, seed: int, *, watch: bool = True) -> None:
        self.root = scripts.resolve()
        # Whoever only plays has no use for the unit tests.
        self.live = livescripts.LiveScripts(settle=0.05, watch=watch, run_tests=watch)
        try:
            self.live.add_directory(self.root, namespace=NAMESPACE)
            # `import game` would do as well; but this file is checked by tools that cannot know the name.
            self.game: Any = importlib.import_module(NAMESPACE)
            # What was told lately, for the tour; the screen and the log get it from the plugin itself.
            self._news: deque[Reloaded | Rejected | Fault] = deque(maxlen=50)
            self.live.on_reload(self._news.append)
            self.live.on_error(self._news.append)
            self.live.on_fault(self._news.append)
            self.world = World(seed, self.live.call)
            try:
                self.world.director = self.game.rules.Director()
                self.world.director.start(self.world)
                # The HUD is held as a function, the autopilot is looked up by name: a host may do either.
                self.world.hud = self.game.fx.hud
            except Exception as error:
                message = f"they load, but no game can be started from them: {type(error).__name__}: {error}"
                raise UnplayableError(message) from error
        except BaseException:
            self.live.close()
            raise

    def __enter__(self) -> Self:
        """Return the session."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop watching the scripts."""
        self.live.close()

    def step(self, controls: Controls | None) -> None:
        """Play one step, with the given controls or, for None, with the autopilot's."""
        if controls is None:
            controls = autopilot.steer(self.world, self.game)
        self.world.step(controls)

    def hud(self) -> list[HudItem]:
        """Return what the HUD script wants drawn."""
        if self.world.player is None:
            return []
        items = self.world.call(self.world.hud, self.world)
        return items if isinstance(items, list) else []

    def told(self, *words: str) -> str:
        """Return, on one line, the latest news of reloads, rejections and faults that has all the words, or ""."""
        for news in reversed(self._news):
            text = str(news)
            if all(word in text for word in words):
                return " ".join(text.replace(f"{self.root}{os.sep}", "").split())[:240]
        return ""

    @property
    def faults(self) -> int:
        """How many times any behaviour raised."""
        return sum(fault.count for fault in self.live.errors.recent)

    def summary(self) -> str:
        """Return the state of the game in one line."""
        world = self.world
        try:
            score = self._score()
        except Exception:
            # The attributes are the scripts', they may have been renamed a moment ago.
            score = ""
        return f"{world.time:6.1f} s  {score}bugs {len(world.team('bug'))}  things {len(world.things)}"

    def _score(self) -> str:
        director, drone = self.world.director, self.world.player
        combo = f"(x{director.scoring.multiplier})"
        return f"wave {director.wave}  score {director.score:,} {combo}  health {drone.health}  "
