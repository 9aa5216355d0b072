"""Between a running game and the view: listens, keeps the state, does what keys ask for. Knows no engine."""

# Rule 1: nothing here reaches the game as an exception. What fails is logged once, and the overlay is off from then on.
# Rule 2: the game is asked only while there is something to show, and then a few times a second: `errors` and
#         `quarantined` are made when asked for, and who is not told of anything has nothing to ask.
# Rule 3: the game is held weakly. Its overlay goes with it.

from __future__ import annotations

import logging
import weakref
from typing import TYPE_CHECKING

from livescripts.overlay.view import Card, Facts, State, view

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from livescripts.host import LiveScripts
    from livescripts.overlay.view import Action, View
    from livescripts.report import Fault, Rejected, Reloaded, Report

__all__ = ["Desk"]

_log = logging.getLogger("livescripts")

_EVERY = 0.2
"""Seconds between two looks at a game that has something to show."""


class Desk:
    """What one overlay knows. `look` says what to show, `act` does what a key stands for.

    `clock` gives seconds; `keys` are the names of the keys, for the hints.
    """

    def __init__(self, live: LiveScripts, keys: Mapping[Action, str], clock: Callable[[], float]) -> None:
        self._live = weakref.ref(live)
        self._keys = keys
        self._clock = clock
        self._state: State = State()
        self._facts: Facts = Facts()
        self._quiet = False  # whether nothing is to be shown until something happens
        self._again = 0.0  # when to look again
        self.changes = 0
        """Counts the times that the answer of `look` may have become another."""
        self.off = not live.watching
        self._undo: list[Callable[[], None]] = []
        if live.watching:
            self._undo += (live.on_reload(self._reloaded), live.on_error(self._rejected), live.on_fault(self._raised))

    def close(self) -> None:
        """Listen no longer, show nothing any more. Safe to call twice."""
        self.off = True
        while self._undo:
            self._undo.pop()()

    def give_up(self, error: Exception) -> None:
        """Switch off because of an error of our own; say so once."""
        if not self.off:
            _log.error("the overlay is switched off: it raised %s", type(error).__name__, exc_info=error)
            self.off = True

    # ------------------------------------------------------------ what is told

    def _reloaded(self, outcome: Reloaded) -> None:
        self._become(lambda: self._state.told(outcome, self._clock()))

    def _rejected(self, outcome: Rejected) -> None:
        self._become(lambda: self._state.refused(outcome, self._clock()))

    def _raised(self, fault: Fault) -> None:
        # `errors` or `quarantined` tell of it; in a moment, for what is going to be rolled back is not worth a flash.
        del fault
        self._again = max(self._again if not self._quiet else 0.0, self._clock() + _EVERY / 2)
        self._quiet = False

    def _note(self, card: Card) -> None:
        self._become(lambda: self._state.noted(card, self._clock()))

    def _become(self, following: Callable[[], State]) -> None:
        try:
            self._state = following()
        except Exception as error:
            # Told of as any callback's, it would stand in the game's reports.
            self.give_up(error)
        else:
            self._wake()

    def _wake(self) -> None:
        self._quiet = False
        self._again = 0.0
        self.changes += 1

    # ------------------------------------------------------------ what is shown

    def idle(self) -> bool:
        """Whether there is nothing to show; the one thing that is asked in each frame."""
        live = self._live()
        return self.off or live is None or (self._quiet and not live.paused)

    def look(self) -> bool:
        """Look whether anything is new, a few times a second. Returns whether there is anything to show."""
        live = self._live()
        if live is None:
            return False
        now = self._clock()
        if now >= self._again:
            self._again = now + _EVERY
            facts = _facts(live)
            state = self._state.settled(facts, now)
            if not facts.same_as(self._facts) or state is not self._state:
                self._facts, self._state = facts, state
                self.changes += 1
            self._quiet = not (facts.wrong or state.news)
        return not self._quiet

    def view(self, detail: int) -> View:
        """What to draw, as of the last look."""
        return view(self._state, self._facts, self._keys, detail)

    @property
    def folded(self) -> bool:
        """Whether only the badge is to be seen."""
        return self._state.folded

    # ------------------------------------------------------------ what keys do

    def act(self, action: Action) -> None:
        """Do what a key stands for. What the game refuses is shown."""
        live = self._live()
        if live is None or self.off:
            return
        try:
            self._act(live, action)
        except Exception as error:
            # From inside of a script, say, or after `close()`: the player is told, the game goes on.
            self._note(Card("bad", "NOT DONE", f"{type(error).__name__}: {error}"))

    def _act(self, live: LiveScripts, action: Action) -> None:
        match action:
            case "fold":
                self._become(self._state.turned)
            case "pause" if live.paused:
                live.resume()
                self._note(Card("good", "RESUMED", "saves are taken over again"))
            case "pause":
                live.pause()
                self._wake()
            case "undo":
                self._answer(live.undo(), "there is nothing to take back")
            case "reload":
                self._answer(live.reload(), "everything runs as it is saved")

    def _answer(self, report: Report, nothing: str) -> None:
        if not report:
            self._note(Card("note", "NOTHING DONE", nothing))


def _facts(live: LiveScripts) -> Facts:
    errors = dict(live.errors)
    running = {path: number for path in errors if (number := live.version(path)) is not None}
    return Facts(errors, live.quarantined, live.paused, running)
