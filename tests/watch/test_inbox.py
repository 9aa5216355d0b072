"""The inbox: nothing is lost, nothing is doubled, nothing grows for ever."""

from __future__ import annotations

import os
import threading

from livescripts._watch.inbox import Inbox


def test_an_empty_inbox_is_false_and_drains_to_nothing() -> None:
    inbox = Inbox()
    assert not inbox
    assert not inbox.waiting
    assert not inbox.drain()


def test_paths_come_out_once_in_order_of_first_arrival() -> None:
    inbox = Inbox()
    for path in ("/r/b.py", "/r/a.py", "/r/b.py", "/r/c.py", "/r/a.py"):
        inbox.put(path)
    assert inbox
    assert tuple(inbox.drain()) == ("/r/b.py", "/r/a.py", "/r/c.py")
    assert not inbox
    assert not inbox.drain()


def test_what_an_idle_frame_tests_stays_the_same_object() -> None:
    inbox = Inbox()
    waiting = inbox.waiting
    inbox.put("/r/a.py")
    assert waiting
    inbox.drain()
    assert not waiting
    inbox.put("/r/a.py")
    assert waiting
    assert inbox.waiting is waiting


def test_each_path_comes_with_the_time_at_which_it_was_put_last() -> None:
    times = iter((1.0, 2.0, 3.0, 4.0, 5.0))
    inbox = Inbox(limit=2, clock=lambda: next(times))
    for path in ("/r/b.py", "/r/a.py", "/r/b.py"):
        inbox.put(path)
    assert inbox.drain() == {"/r/b.py": 3.0, "/r/a.py": 2.0}


def test_a_directory_that_stands_for_its_files_came_with_the_last_of_them() -> None:
    times = iter((1.0, 2.0, 3.0))
    inbox = Inbox(limit=2, clock=lambda: next(times))
    for path in ("/r/b.py", "/r/a.py", "/r/x/c.py"):
        inbox.put(path)
    assert inbox.drain() == {"/r": 2.0, "/r/x": 3.0}


def test_a_flood_of_the_same_paths_takes_no_more_room() -> None:
    inbox = Inbox()
    for _ in range(1000):
        for name in ("a", "b", "c"):
            inbox.put(f"/r/{name}.py")
    assert len(inbox.waiting) == 3


def test_a_flood_of_other_files_becomes_their_directories_too() -> None:
    inbox = Inbox(limit=3)
    for number in range(10):
        inbox.put(f"/r/shots/{number}.png")
    assert "/r/shots" in inbox.drain()


def test_a_flood_of_different_scripts_becomes_their_directories() -> None:
    inbox = Inbox(limit=10)
    inbox.put("/r/first.py")
    for number in range(1000):
        inbox.put(f"/r/x/{number}.py")
        inbox.put(f"/r/y/{number}.py")
        assert len(inbox.waiting) <= 11
    drained = tuple(inbox.drain())
    assert drained[0] == "/r"
    assert {"/r/x", "/r/y"} <= set(drained)
    covered = {os.path.dirname(path) for path in drained} | set(drained)
    assert {"/r", "/r/x", "/r/y"} <= covered


def test_every_path_of_a_flood_is_covered_by_something_in_the_inbox() -> None:
    inbox = Inbox(limit=7)
    paths = [f"/r/{number % 3}/{number}.py" for number in range(100)]
    for path in paths:
        inbox.put(path)
    drained = set(inbox.drain())
    assert all(path in drained or os.path.dirname(path) in drained for path in paths)


def test_a_flood_of_directories_is_kept_as_it_is_and_costs_no_more_than_its_size() -> None:
    tries = 0

    class Counting(Inbox):
        def _widen(self) -> None:
            nonlocal tries
            tries += 1
            super()._widen()

    inbox = Counting(limit=10)
    directories = [f"/r/{number}" for number in range(1000)]
    for directory in directories:
        inbox.put(directory)
    assert list(inbox.drain()) == directories
    assert tries < 10


def test_after_a_flood_paths_are_exact_again() -> None:
    inbox = Inbox(limit=3)
    for number in range(10):
        inbox.put(f"/r/{number}.py")
    inbox.drain()
    inbox.put("/r/a.py")
    assert tuple(inbox.drain()) == ("/r/a.py",)


def test_no_path_is_lost_between_threads() -> None:
    inbox = Inbox()
    threads = 4
    each = 2000
    start = threading.Barrier(threads + 1)

    def produce(number: int) -> None:
        start.wait()
        for count in range(each):
            inbox.put(f"/r/{number}/{count}")

    producers = [threading.Thread(target=produce, args=(number,)) for number in range(threads)]
    for producer in producers:
        producer.start()
    start.wait()
    drained: list[str] = []
    while any(producer.is_alive() for producer in producers) or inbox:
        drained.extend(inbox.drain())
    for producer in producers:
        producer.join()
    drained.extend(inbox.drain())
    assert len(drained) == threads * each
    assert set(drained) == {f"/r/{number}/{count}" for number in range(threads) for count in range(each)}


def test_a_change_put_while_the_inbox_is_drained_is_not_missed() -> None:
    inbox = Inbox()
    ready, stop = threading.Event(), threading.Event()
    saved = read = 0

    def game() -> None:
        nonlocal read
        ready.set()
        while not stop.is_set() or inbox:
            if inbox.drain():
                read = saved

    thread = threading.Thread(target=game)
    thread.start()
    ready.wait()
    for _ in range(5000):
        saved += 1
        inbox.put("/r/a.py")
    stop.set()
    thread.join()
    assert read == saved


class _Listener:
    def __init__(self) -> None:
        self.heard: list[str] = []

    def announce(self, path: str) -> None:
        self.heard.append(path)


def test_a_listener_hears_of_every_script_each_time_and_of_nothing_else() -> None:
    listener = _Listener()
    inbox = Inbox(listener=listener)
    for path in ("/x/a.py", "/x/a.py", "/x/directory", "/x/b.py"):
        inbox.put(path)
    assert listener.heard == ["/x/a.py", "/x/a.py", "/x/b.py"]
    assert tuple(inbox.drain()) == ("/x/a.py", "/x/directory", "/x/b.py")
