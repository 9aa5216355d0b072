"""What the overlay says, as values: cards of rows, each with the role that decides its colour."""

# Rule 1: pure. Time is an argument, in seconds; nothing is drawn, measured or asked of a running game.
# Rule 2: good news passes; whatever is saved and does not run is said until it runs, in the badge at least.
# Rule 3: what an outcome is called is the business of `report`, so that the log says the same.

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from livescripts.errors import BlockedError, RolledBackError, UndoneError
from livescripts.report import Fault, Problem, Quarantined, Rejected, Reloaded, Slow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Action", "Card", "Facts", "Role", "Row", "State", "Tone", "View", "view"]

Action = Literal["fold", "undo", "pause", "reload"]
Tone = Literal["good", "bad", "warning", "note"]
Role = Literal["place", "message", "code", "dim", "warning"]

SECONDS = 4.0
"""How long good news stays."""
LONGER = 10.0
"""How long good news with a drawback stays, and what an action could not do."""
MOST_NEWS = 3
MOST_PROBLEMS = 3
MOST_FAULTS = 3
FULL, SHORT, BARE = 2, 1, 0
"""How much is said: everything; the first reason of each; titles alone. For windows with less and less room."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a card. `caret` is the index of the character that is pointed at; `most` the lines it may wrap to."""

    text: str
    role: Role = "message"
    caret: int | None = None
    most: int = 1


@dataclass(frozen=True, slots=True)
class Card:
    """One thing to say: a label in the colour of its tone, a title beside it, and rows below."""

    tone: Tone
    label: str
    title: str
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """All there is to draw. Falsy when that is nothing. `badge` is what is left of it when folded."""

    cards: tuple[Card, ...] = ()
    hint: str = ""
    badge: tuple[tuple[Tone, str], ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to draw."""
        return bool(self.cards or self.badge)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of the game at this moment. `running` has the numbers of the versions that run instead of what is saved."""

    errors: Mapping[Path, BaseException] = field(default_factory=lambda: MappingProxyType({}))
    quarantined: tuple[Quarantined, ...] = ()
    paused: bool = False
    running: Mapping[Path, int] = field(default_factory=lambda: MappingProxyType({}))

    def same_as(self, other: Facts) -> bool:
        """Whether nothing has changed. Exceptions are compared by identity: a script's own may have an `__eq__`."""
        return (
            {path: id(error) for path, error in self.errors.items()}
            == {path: id(error) for path, error in other.errors.items()}
            and (self.quarantined, self.paused) == (other.quarantined, other.paused)
            and self.running == other.running
        )

    @property
    def wrong(self) -> bool:
        """Whether anything is to be said until it changes."""
        return bool(self.errors or self.quarantined or self.paused)


@dataclass(frozen=True, slots=True)
class State:
    """What has been told so far and still matters. Each method returns the state that follows."""

    news: tuple[tuple[float, Reloaded | Card], ...] = ()
    """Good news, and until when."""
    rejected: tuple[Rejected, ...] = ()
    folded: bool = False

    def told(self, outcome: Reloaded, now: float) -> State:
        """After a commit. Earlier news of the same scripts is old."""
        until = now + (LONGER if _warnings(outcome) or outcome.hook_errors else SECONDS)
        scripts = set(outcome.scripts)
        others = [each for each in self.news if not (isinstance(each[1], Reloaded) and scripts >= set(each[1].scripts))]
        rejected = tuple(old for old in self.rejected if not scripts >= set(old.scripts))
        return replace(self, news=(*others, (until, outcome))[-MOST_NEWS:], rejected=rejected)

    def refused(self, outcome: Rejected, now: float) -> State:
        """After a rejection. One of the same scripts is old; an `undo()` that failed leaves nothing to be fixed."""
        if outcome.undone:
            return self.noted(_rejection(outcome, Facts(), FULL), now)
        scripts = set(outcome.scripts)
        others = tuple(old for old in self.rejected if not scripts & set(old.scripts))
        return replace(self, rejected=(*others, outcome))

    def noted(self, card: Card, now: float) -> State:
        """With something to say for a while."""
        others = [each for each in self.news if each[1] != card]
        return replace(self, news=(*others, (now + LONGER, card))[-MOST_NEWS:])

    def turned(self) -> State:
        """Folded, or unfolded."""
        return replace(self, folded=not self.folded)

    def settled(self, facts: Facts, now: float) -> State:
        """Without what time, or a fix, has made old. Returns itself when nothing has."""
        news = tuple(each for each in self.news if each[0] > now)
        rejected = tuple(old for old in self.rejected if any(path in facts.errors for path in old.scripts))
        if len(rejected) < len(self.rejected):
            # No commit: what was saved last is what has been running all along.
            back = [path.name for old in self.rejected if old not in rejected for path in old.scripts]
            card = Card("good", "BACK", f"to the running version: {_listed(back)}")
            return replace(self, rejected=rejected, news=(*news, (now + SECONDS, card))[-MOST_NEWS:])
        return self if len(news) == len(self.news) else replace(self, news=news)


def view(state: State, facts: Facts, keys: Mapping[Action, str] = MappingProxyType({}), detail: int = FULL) -> View:
    """What to draw: news first, what is wrong last, and below it the keys that help. `keys` are their names."""
    waiting = _waiting(state, facts, detail)
    faults = _faults(facts, detail)
    paused = [Card("note", "PAUSED", "what is saved waits")] if facts.paused else []
    news = [_news(outcome, detail) for _, outcome in state.news if not _covered(outcome, facts)]
    if state.folded:
        return View(badge=_badge(news, facts))
    return View(tuple(news + waiting + faults + paused), _hint(facts, keys, news) if detail else "")


# ---------------------------------------------------------------- good news


def _news(outcome: Reloaded | Card, detail: int) -> Card:
    if isinstance(outcome, Card):
        return outcome if detail else replace(outcome, rows=())
    rows: list[Row] = []
    if detail:
        rows.append(Row(" · ".join(outcome.details), "dim", most=2))
    if detail == FULL:
        slow = ", ".join(f"{_slow_file(each)}{each.what} {each.seconds * 1000:.0f} ms" for each in outcome.slow[:2])
        rows += [Row(f"slow: {slow}", "dim")] if slow else []
        rows += [Row(warning, "warning", most=2) for warning in _warnings(outcome)[:MOST_PROBLEMS]]
        rows += [
            Row(f"{_callback(each.hook)} raised {_said(each.error)}", "warning") for each in outcome.hook_errors[:1]
        ]
    return Card("note" if outcome.undone else "good", outcome.verb.upper(), outcome.what, tuple(rows))


def _warnings(outcome: Reloaded) -> list[str]:
    """What is to be looked at, without the advice on what is slow: that is for the log."""
    return [text for text in outcome.warnings if not any(f"{each.what} takes " in text for each in outcome.slow)]


def _slow_file(slow: Slow) -> str:
    return "" if slow.path is None else f"{slow.path.name} "


def _covered(outcome: Reloaded | Card, facts: Facts) -> bool:
    """Whether a card that stays says it anyway: what was taken or rolled back is not what is saved."""
    return isinstance(outcome, Reloaded) and outcome.undone and any(path in facts.errors for path in outcome.scripts)


# ---------------------------------------------------------------- saved, but not running


def _waiting(state: State, facts: Facts, detail: int) -> list[Card]:
    told = {path for outcome in state.rejected for path in outcome.scripts}
    cards = [_rejection(outcome, facts, detail) for outcome in state.rejected]
    rolled: dict[Fault, list[Path]] = {}
    undone: list[Path] = []
    for path, error in facts.errors.items():
        if isinstance(error, RolledBackError):
            rolled.setdefault(error.fault, []).append(path)
        elif isinstance(error, UndoneError):
            undone.append(path)
        elif path not in told:
            # It was rejected before anybody looked.
            rows = (Row(_said(error), most=3), *_versions([path], facts)) if detail else ()
            cards.append(Card("bad", "REJECTED", _short(path), rows))
    cards += [_rolled_back(fault, paths, facts, detail) for fault, paths in rolled.items()]
    if undone:
        rows = (Row("save again, or reload, to go on", "dim"),) if detail == FULL else ()
        cards.append(Card("note", "TAKEN BACK", _now_running(undone, facts), rows))
    return cards


def _rejection(outcome: Rejected, facts: Facts, detail: int) -> Card:
    problems = outcome.problems[: MOST_PROBLEMS if detail == FULL else 1]
    # The place says which file it is, unless another file is to blame than the one that was saved.
    own = len(outcome.scripts) == len(problems) == 1 and problems[0].path == outcome.scripts[0]
    rows: list[Row] = []
    for problem in problems:
        if not own and detail:
            rows.append(Row(_place(problem.path, problem.line), "place"))
        rows.append(Row(problem.message, most=(5 if len(problems) == 1 else 2) if detail == FULL else detail + 1))
        if detail:
            rows += _code(problem)
    if detail and len(outcome.problems) > len(problems):
        rows.append(Row(f"and {len(outcome.problems) - len(problems)} more", "dim"))
    if detail == FULL and not outcome.undone:
        rows += _versions(outcome.scripts, facts)
    title = _place(problems[0].path, problems[0].line) if own else _listed([path.name for path in outcome.scripts])
    return Card("bad", outcome.verb.upper(), title, tuple(rows))


def _rolled_back(fault: Fault, paths: list[Path], facts: Facts, detail: int) -> Card:
    rows = _raised(fault, detail)
    if detail == FULL:
        rows.append(Row("save again, or reload, to go on", "dim"))
    return Card("warning", "ROLLED BACK", _now_running(paths, facts), tuple(rows))


def _versions(paths: tuple[Path, ...] | list[Path], facts: Facts) -> list[Row]:
    """Which scripts run an older version than the file says."""
    older = [path for path in paths if path in facts.running]
    new = [path.name for path in paths if path not in facts.running and path in facts.errors]
    waits = [path.name for path in paths if isinstance(facts.errors.get(path), BlockedError)]
    said = (
        ("still running", _now_running(older, facts)),
        ("not running yet", _listed(new)),
        ("waiting for the others", _listed(waits)),
    )
    return [Row(f"{what}: {names}", "dim", most=2) for what, names in said if names]


def _now_running(paths: list[Path], facts: Facts) -> str:
    names = [f"{path.name} v{facts.running[path]}" if path in facts.running else path.name for path in paths]
    return _listed(names)


# ---------------------------------------------------------------- running, but not well


def _faults(facts: Facts, detail: int) -> list[Card]:
    shown = facts.quarantined[-(MOST_FAULTS if detail == FULL else 1) :]
    cards: list[Card] = []
    for each in shown:
        rows = _raised(each.fault, detail)
        if detail == FULL and each is shown[-1]:
            rows.append(Row("skipped until the script changes", "dim"))
        cards.append(Card("warning", "RAISED", f"{each.fault.what} · {_entities(each.entities)} skipped", tuple(rows)))
    if len(facts.quarantined) > len(shown):
        cards.insert(0, Card("warning", "RAISED", f"{len(facts.quarantined) - len(shown)} more"))
    return cards


def _raised(fault: Fault, detail: int) -> list[Row]:
    rows = [Row(fault.message, most=3 if detail == FULL else 1)]
    if detail:
        rows.insert(0, Row(" ".join(filter(None, (_place(fault.path, fault.line), f"in {fault.what}"))), "place"))
        if fault.source_line:
            rows.append(Row(fault.source_line, "code"))
    return rows


# ---------------------------------------------------------------- folded, and keys


def _badge(news: list[Card], facts: Facts) -> tuple[tuple[Tone, str], ...]:
    rolled = sum(isinstance(error, RolledBackError) for error in facts.errors.values())
    undone = sum(isinstance(error, UndoneError) for error in facts.errors.values()) - rolled
    skipped = sum(each.entities for each in facts.quarantined)
    told: list[tuple[Tone, str]] = [(card.tone, f"{card.label.lower()} {card.title}") for card in news[-1:]]
    counts: tuple[tuple[Tone, int, str], ...] = (
        ("bad", len(facts.errors) - rolled - undone, "rejected"),
        ("warning", rolled, "rolled back"),
        ("warning", skipped, "skipped"),
        ("note", undone, "taken back"),
    )
    for tone, count, what in counts:
        if count:
            told.append((tone, f"{count} {what}"))
    if facts.paused:
        told.append(("note", "paused"))
    return tuple(told)


def _hint(facts: Facts, keys: Mapping[Action, str], news: list[Card]) -> str:
    useful: list[tuple[Action, str]] = []
    if facts.errors:
        useful.append(("reload", "try again"))
    if facts.wrong or news:
        useful.append(("undo", "take back"))
    if facts.paused:
        useful.append(("pause", "go on"))
    if facts.wrong:
        useful.append(("fold", "fold"))
    return "  ·  ".join(f"{keys[action]} {what}" for action, what in useful if action in keys)


# ---------------------------------------------------------------- words


def _code(problem: Problem) -> list[Row]:
    if not problem.source_line:
        return []
    caret = None if problem.column is None else max(0, min(problem.column - 1, len(problem.source_line)))
    return [Row(problem.source_line, "code", caret)]


def _short(path: Path) -> str:
    """The file and the directory that it is in: a game has more than one `bug.py`."""
    return "/".join(path.parts[-2:])


def _listed(names: list[str], most: int = 4) -> str:
    return ", ".join([*names[:most], f"{len(names) - most} more"] if len(names) > most + 1 else names)


def _place(path: Path | None, line: int | None) -> str:
    if path is None:
        return ""
    return _short(path) if line is None else f"{_short(path)}:{line}"


def _entities(count: int) -> str:
    return "1 entity" if count == 1 else f"{count} entities"


def _callback(hook: object) -> str:
    try:
        return str(getattr(hook, "__qualname__", None) or type(hook).__qualname__)
    except BaseException:  # an object of a script's, as below
        return "a callback"


def _said(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except BaseException:
        # A script's exception may do anything when asked what it says, even end the program.
        return type(error).__name__
