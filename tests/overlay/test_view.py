"""What the overlay says: tables of what happened and what is shown. No pygame, no clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from livescripts import overlay
from livescripts.errors import BlockedError, RolledBackError, ScriptTestError, UndoneError
from livescripts.overlay.view import BARE, FULL, LONGER, SECONDS, SHORT, Card, Facts, Row, State, view
from livescripts.report import (
    ClassChange,
    Fault,
    HookError,
    Problem,
    Quarantined,
    Rejected,
    Reloaded,
    ScriptVersion,
    Slow,
)

ROOT = Path("/game/scripts")
MOTH, WASP, SCORING = ROOT / "bugs" / "moth.py", ROOT / "bugs" / "wasp.py", ROOT / "rules" / "scoring.py"
KEYS = {"reload": "Ctrl+F5", "pause": "Ctrl+F6", "undo": "Ctrl+F7", "fold": "Ctrl+F8"}
SYNTAX = SyntaxError("'(' was never closed")
BRACKET = Problem(MOTH, 7, "x = (1.4", "SyntaxError: '(' was never closed", SYNTAX, 5)
FAULT = Fault(MOTH, 33, "x = self.swnig", "Moth.update", "AttributeError: swnig", "Traceback ...", 9)


def reloaded(path=MOTH, **what):
    return Reloaded((path,), seconds=0.0042, **what)


def versions(*numbers, path=MOTH):
    return {"versions": (ScriptVersion(path, *numbers),)}


@pytest.mark.parametrize(
    ("outcome", "card"),
    [
        (
            reloaded(**versions(1, 2)),
            Card("good", "RELOADED", "moth.py v2", (Row("4.2 ms", "dim", most=2),)),
        ),
        (
            reloaded(migrated=12, kept=("game.score",), dependants=(WASP,), stuck=1, **versions(None, 1)),
            Card(
                "good", "RELOADED", "moth.py v1",
                (Row("4.2 ms · 12 migrated · 1 keep their old layout · kept game.score · with wasp.py", "dim", most=2),),
            ),
        ),
        (
            reloaded(classes=(ClassChange("game.bugs.Moth", created=False), ClassChange("game.Egg", created=True))),
            Card("good", "RELOADED", "moth.py", (Row("4.2 ms · Moth edited", "dim", most=2),)),
        ),
        (
            reloaded(removed=(MOTH,), **versions(3, None)),
            Card("good", "REMOVED", "moth.py", (Row("4.2 ms", "dim", most=2),)),
        ),
        (
            reloaded(undone=True, **versions(3, 2)),
            Card("note", "TAKEN BACK", "moth.py to v2", (Row("4.2 ms", "dim", most=2),)),
        ),
        (
            reloaded(undone=True, fault=FAULT, **versions(3, 2)),
            Card("note", "ROLLED BACK", "moth.py to v2", (Row("4.2 ms", "dim", most=2),)),
        ),
        (
            reloaded(
                slow=(Slow(MOTH, "module body", 0.007),),
                warnings=("moth.py: module body takes 7 ms, more than", "moth.py: X is held by a C extension"),
                hook_errors=(HookError(reloaded, KeyError("k")),),
            ),
            Card(
                "good", "RELOADED", "moth.py",
                (
                    Row("4.2 ms", "dim", most=2),
                    Row("slow: moth.py module body 7 ms", "dim"),
                    Row("moth.py: X is held by a C extension", "warning", most=2),
                    Row("reloaded raised KeyError: 'k'", "warning"),
                ),
            ),
        ),
    ],
)  # fmt: skip
def test_a_commit_is_a_card(outcome, card):
    assert view(State().told(outcome, 0.0), Facts()).cards == (card,)


def rejected(*problems, scripts=(MOTH,), **what):
    return Rejected(scripts, problems or (BRACKET,), **what)


TEST = Problem(
    ROOT / "rules" / "scoring_unittest.py", 9, "self.assertEqual(p, 20)",
    "unit test test_p failed: AssertionError: 30 != 20", ScriptTestError([("test_p", "30 != 20")]),
)  # fmt: skip
UNREADABLE = Problem(WASP, None, "", "PermissionError: no", PermissionError("no"))


@pytest.mark.parametrize(
    ("outcome", "errors", "running", "title", "rows"),
    [
        (
            rejected(), {MOTH: SYNTAX}, {MOTH: 4}, "bugs/moth.py:7",
            (
                Row("SyntaxError: '(' was never closed", most=5),
                Row("x = (1.4", "code", 4),
                Row("still running: moth.py v4", "dim", most=2),
            ),
        ),
        (
            rejected(), {MOTH: SYNTAX}, {}, "bugs/moth.py:7",
            (
                Row("SyntaxError: '(' was never closed", most=5),
                Row("x = (1.4", "code", 4),
                Row("not running yet: moth.py", "dim", most=2),
            ),
        ),
        (  # another file is to blame than the one that was saved
            rejected(TEST, scripts=(SCORING,)), {SCORING: TEST.error}, {SCORING: 1}, "scoring.py",
            (
                Row("rules/scoring_unittest.py:9", "place"),
                Row("unit test test_p failed: AssertionError: 30 != 20", most=5),
                Row("self.assertEqual(p, 20)", "code"),
                Row("still running: scoring.py v1", "dim", most=2),
            ),
        ),
        (
            rejected(BRACKET, UNREADABLE, scripts=(MOTH, WASP, SCORING)),
            {MOTH: SYNTAX, WASP: UNREADABLE.error, SCORING: BlockedError(["moth.py"])}, {MOTH: 2, SCORING: 3},
            "moth.py, wasp.py, scoring.py",
            (
                Row("bugs/moth.py:7", "place"),
                Row("SyntaxError: '(' was never closed", most=2),
                Row("x = (1.4", "code", 4),
                Row("bugs/wasp.py", "place"),
                Row("PermissionError: no", most=2),
                Row("still running: moth.py v2, scoring.py v3", "dim", most=2),
                Row("not running yet: wasp.py", "dim", most=2),
                Row("waiting for the others: scoring.py", "dim", most=2),
            ),
        ),
    ],
)  # fmt: skip
def test_a_rejection_says_where_and_why_and_what_runs_instead(outcome, errors, running, title, rows):
    (card,) = view(State().refused(outcome, 0.0), Facts(errors, running=running)).cards
    assert card == Card("bad", "REJECTED", title, rows)


def test_more_problems_than_anybody_reads_are_counted():
    outcome = rejected(*[BRACKET] * 5)
    (card,) = view(State().refused(outcome, 0.0), Facts({MOTH: SYNTAX})).cards
    assert [row.text for row in card.rows].count(BRACKET.message) == 3
    assert Row("and 2 more", "dim") in card.rows


def test_a_caret_beyond_the_line_stands_at_its_end():
    problem = Problem(MOTH, 1, "x = (", "SyntaxError: eof", SYNTAX, 99)
    (card,) = view(State().refused(rejected(problem), 0.0), Facts({MOTH: SYNTAX})).cards
    assert card.rows[1] == Row("x = (", "code", 5)


def test_what_was_rejected_before_anybody_looked_is_shown_all_the_same():
    (card,) = view(State(), Facts({MOTH: ImportError("no name")}, running={MOTH: 1})).cards
    assert (card.label, card.title) == ("REJECTED", "bugs/moth.py")
    assert [row.text for row in card.rows] == ["ImportError: no name", "still running: moth.py v1"]


def test_an_exception_that_cannot_be_printed_is_named():
    class Mute(Exception):
        def __str__(self):
            raise KeyError

    (card,) = view(State(), Facts({MOTH: Mute()})).cards
    assert card.rows[0].text == "Mute"


@pytest.mark.parametrize(
    ("facts", "cards"),
    [
        (
            Facts({MOTH: RolledBackError(FAULT, runs=True), WASP: RolledBackError(FAULT, runs=True)}, running={MOTH: 3}),
            [("warning", "ROLLED BACK", "moth.py v3, wasp.py",
              ["bugs/moth.py:33 in Moth.update", "AttributeError: swnig", "x = self.swnig", "save again, or reload, to go on"])],
        ),
        (
            Facts({MOTH: UndoneError(runs=True)}, running={MOTH: 3}),
            [("note", "TAKEN BACK", "moth.py v3", ["save again, or reload, to go on"])],
        ),
        (
            Facts(quarantined=(Quarantined(FAULT, 14),)),
            [("warning", "RAISED", "Moth.update · 14 entities skipped",
              ["bugs/moth.py:33 in Moth.update", "AttributeError: swnig", "x = self.swnig", "skipped until the script changes"])],
        ),
        (
            Facts(quarantined=(Quarantined(Fault(None, None, "", "<lambda>", "KeyError: 1", ""), 1),)),
            [("warning", "RAISED", "<lambda> · 1 entity skipped",
              ["in <lambda>", "KeyError: 1", "skipped until the script changes"])],
        ),
        (Facts(paused=True), [("note", "PAUSED", "what is saved waits", [])]),
        (Facts(), []),
    ],
)  # fmt: skip
def test_what_does_not_run_as_saved_is_a_card(facts, cards):
    shown = view(State(), facts).cards
    assert [(card.tone, card.label, card.title, [row.text for row in card.rows]) for card in shown] == cards


def test_two_hundred_faults_are_three_and_a_number():
    faults = tuple(Quarantined(Fault(MOTH, line, "", "f", "E", ""), 1) for line in range(200))
    cards = view(State(), Facts(quarantined=faults)).cards
    assert [card.title for card in cards[:1]] == ["197 more"]
    assert [card.rows[0].text for card in cards[1:]] == [f"bugs/moth.py:{line} in f" for line in (197, 198, 199)]


def test_bad_news_is_below_good_news_and_faults_below_rejections():
    state = State().refused(rejected(), 0.0).told(reloaded(SCORING), 1.0)
    facts = Facts({MOTH: SYNTAX}, (Quarantined(FAULT, 1),), paused=True)
    assert [card.label for card in view(state, facts).cards] == ["RELOADED", "REJECTED", "RAISED", "PAUSED"]


# ---------------------------------------------------------------- time


def test_good_news_passes():
    state = State().told(reloaded(), 100.0)
    assert view(state.settled(Facts(), 100.0 + SECONDS - 0.1), Facts())
    assert not view(state.settled(Facts(), 100.0 + SECONDS + 0.1), Facts())


def test_news_with_a_drawback_stays_longer():
    state = State().told(reloaded(warnings=("a C extension holds X",)), 0.0)
    assert view(state.settled(Facts(), SECONDS + 0.1), Facts())
    assert not view(state.settled(Facts(), LONGER + 0.1), Facts())


def test_a_rejection_stays_until_its_error_is_gone():
    state, facts = State().refused(rejected(), 0.0), Facts({MOTH: SYNTAX})
    later = state.settled(facts, 1e9)
    assert later is state
    assert view(later, facts).cards[0].label == "REJECTED"


def test_saved_back_is_told_as_in_the_log():
    state = State().refused(rejected(), 0.0).settled(Facts(), 5.0)
    assert view(state, Facts()).cards == (Card("good", "BACK", "to the running version: moth.py"),)
    assert not view(state.settled(Facts(), 5.1 + SECONDS), Facts())


def test_a_fix_takes_its_rejection_away():
    state = State().refused(rejected(), 0.0).told(reloaded(), 1.0).settled(Facts(), 1.0)
    assert [card.label for card in view(state, Facts()).cards] == ["RELOADED"]


def test_a_newer_rejection_of_the_same_script_replaces_the_older():
    state = State().refused(rejected(), 0.0).refused(rejected(scripts=(MOTH, WASP)), 1.0)
    assert len(view(state, Facts({MOTH: SYNTAX, WASP: SYNTAX})).cards) == 1


def test_saving_the_same_script_again_and_again_is_one_card_and_others_are_three_at_most():
    state = State()
    for number in range(9):
        state = state.told(reloaded(**versions(number, number + 1)), 0.0)
    assert [card.title for card in view(state, Facts()).cards] == ["moth.py v9"]
    for number in range(9):
        state = state.told(reloaded(ROOT / f"{number}.py"), 0.0)
    assert [card.title for card in view(state, Facts()).cards] == ["6.py", "7.py", "8.py"]


def test_what_a_lasting_card_says_is_not_news_as_well():
    state = State().told(reloaded(undone=True, fault=FAULT), 0.0)
    facts = Facts({MOTH: RolledBackError(FAULT, runs=True)})
    assert [card.tone for card in view(state, facts).cards] == ["warning"]


def test_an_undo_that_failed_passes():
    state = State().refused(rejected(undone=True), 0.0)
    assert view(state, Facts()).cards[0].label == "NOT TAKEN BACK"
    assert not view(state.settled(Facts(), LONGER + 1), Facts())


# ---------------------------------------------------------------- less room, folded, keys


@pytest.mark.parametrize(
    ("detail", "rows"),
    [
        (FULL, ["SyntaxError: '(' was never closed", "x = (1.4", "not running yet: moth.py"]),
        (SHORT, ["SyntaxError: '(' was never closed", "x = (1.4"]),
        (BARE, ["SyntaxError: '(' was never closed"]),
    ],
)
def test_the_less_room_the_less_is_said(detail, rows):
    shown = view(State().refused(rejected(), 0.0), Facts({MOTH: SYNTAX}), KEYS, detail)
    assert [row.text for row in shown.cards[0].rows] == rows
    assert bool(shown.hint) is bool(detail)


EVERYTHING = Facts(
    {MOTH: SYNTAX, WASP: RolledBackError(FAULT, runs=True), SCORING: UndoneError(runs=True)},
    (Quarantined(FAULT, 14), Quarantined(FAULT, 2)),
    paused=True,
)


@pytest.mark.parametrize(
    ("state", "facts", "badge"),
    [
        (State(), Facts(), ()),
        (State().told(reloaded(**versions(1, 2)), 0.0), Facts(), (("good", "reloaded moth.py v2"),)),
        (State().refused(rejected(), 0.0), Facts({MOTH: SYNTAX}), (("bad", "1 rejected"),)),
        (
            State(), EVERYTHING,
            (("bad", "1 rejected"), ("warning", "1 rolled back"), ("warning", "16 skipped"), ("note", "1 taken back"), ("note", "paused")),
        ),
    ],
)  # fmt: skip
def test_folded_it_is_a_badge_that_hides_nothing_wrong(state, facts, badge):
    folded = state.turned()
    shown = view(folded, facts, KEYS)
    assert (shown.cards, shown.hint, shown.badge) == ((), "", badge)
    assert bool(shown) is bool(badge)
    assert view(folded.turned(), facts) == view(state, facts)


@pytest.mark.parametrize(
    ("facts", "keys", "hint"),
    [
        (Facts(), KEYS, ""),
        (Facts({MOTH: SYNTAX}), KEYS, "Ctrl+F5 try again  ·  Ctrl+F7 take back  ·  Ctrl+F8 fold"),
        (Facts({MOTH: SYNTAX}), {"fold": "F12"}, "F12 fold"),
        (Facts({MOTH: SYNTAX}), {}, ""),
        (Facts(paused=True), KEYS, "Ctrl+F7 take back  ·  Ctrl+F6 go on  ·  Ctrl+F8 fold"),
    ],
)
def test_the_keys_that_help_are_named(facts, keys, hint):
    assert view(State(), facts, keys).hint == hint


def test_the_package_has_what_it_says_and_nothing_else():
    assert set(overlay.__all__) == {"KEYS", "Overlay", "draw"}
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = overlay.nonsense
