"""Commits by number, and versions by their texts."""

from __future__ import annotations

from pathlib import Path

from livescripts._core.chronicle import Chronicle
from livescripts._core.history import BATCHES
from livescripts.report import Commit, Reloaded, ScriptVersion

A, B = Path("a.py"), Path("b.py")


def test_the_version_that_was_preloaded_is_the_first_and_every_new_text_counts_one_more():
    chronicle = Chronicle()
    assert chronicle.version(A, b"one", b"two") == ScriptVersion(A, 1, 2)
    assert chronicle.version(A, b"two", b"three") == ScriptVersion(A, 2, 3)


def test_going_back_gives_the_old_number_again_and_the_next_text_a_new_one():
    chronicle = Chronicle()
    chronicle.version(A, b"one", b"two")
    assert chronicle.version(A, b"two", b"one") == ScriptVersion(A, 2, 1)
    assert chronicle.version(A, b"one", b"three") == ScriptVersion(A, 1, 3)


def test_a_script_that_comes_or_goes_has_no_version_on_one_side():
    chronicle = Chronicle()
    assert chronicle.version(A, None, b"one") == ScriptVersion(A, None, 1)
    assert chronicle.version(A, b"one", None) == ScriptVersion(A, 1, None)
    assert chronicle.version(A, None, b"one") == ScriptVersion(A, None, 1)


def test_scripts_count_apart_and_forgotten_ones_anew():
    chronicle = Chronicle()
    chronicle.version(A, b"one", b"two")
    assert chronicle.version(B, b"one", b"two") == ScriptVersion(B, 1, 2)
    chronicle.forget(lambda path: path == A)
    assert chronicle.version(A, b"two", b"three") == ScriptVersion(A, 1, 2)
    assert chronicle.version(B, b"two", b"three") == ScriptVersion(B, 2, 3)


def test_no_more_texts_are_remembered_than_anybody_can_go_back_to_but_the_count_goes_on():
    chronicle = Chronicle()
    last = BATCHES + 10
    for number in range(1, last):
        assert chronicle.version(A, b"%d" % number, b"%d" % (number + 1)).version == number + 1
    assert chronicle.version(A, b"%d" % last, b"%d" % (last - 5)) == ScriptVersion(A, last, last - 5)
    assert chronicle.version(A, b"%d" % (last - 5), b"1") == ScriptVersion(A, last - 5, last + 1)


def test_commits_are_numbered_and_have_the_versions_of_all_their_parts():
    chronicle = Chronicle(2)
    one = Reloaded((A,), versions=(ScriptVersion(A, 1, 2),))
    other = Reloaded((B,), versions=(ScriptVersion(B, None, 1),))
    assert chronicle.next_number == 1
    chronicle.record("saved", 5.0, [one, other])
    assert list(chronicle.commits) == [
        Commit(1, 5.0, "saved", (ScriptVersion(A, 1, 2), ScriptVersion(B, None, 1)), (one, other))
    ]
    chronicle.record("forced", 6.0, [])
    assert chronicle.next_number == 2
    chronicle.record("undone", 7.0, [one])
    chronicle.record("rolled back", 8.0, [one])
    assert [(commit.number, commit.why) for commit in chronicle.commits] == [(2, "undone"), (3, "rolled back")]
