"""The frames that the game and its compile process exchange."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livescripts._core.wire import ANSWER, ASKED, DIGEST, NOTHING, SAME, Frame, Unpacker, WireError, joined, pack, parts

KINDS = {ANSWER, SAME, NOTHING}


def unpacked(*pieces, longest=1000):
    unpacker = Unpacker(KINDS, longest)
    return [frame for piece in pieces for frame in unpacker.feed(piece)]


@given(
    st.lists(st.builds(Frame, st.sampled_from(sorted(KINDS)), st.integers(0, 2**64 - 1), st.binary(max_size=300))),
    st.integers(1, 400),
)
def test_frames_arrive_whatever_pieces_they_come_in(frames, size):
    whole = b"".join(map(pack, frames))
    assert unpacked(*(whole[i : i + size] for i in range(0, len(whole), size))) == frames


GOOD = pack(Frame(ANSWER, 7, b"x" * 50))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"Traceback (most recent call last):", "begins with"),
        (pack(Frame(ASKED, 7, b"x")), "kind"),
        (pack(Frame(ANSWER, 7, b"x" * 1001)), "longer"),
        (GOOD[:30] + b"y" + GOOD[31:], "checksum"),
        (GOOD[:5] + struct.pack("<Q", 8) + GOOD[13:], "checksum"),
        (GOOD[:-1] + bytes([GOOD[-1] ^ 1]), "checksum"),
        (GOOD[:13] + struct.pack("<I", 2**31) + GOOD[17:], "longer"),
    ],
)
def test_what_is_not_valid_is_refused_and_what_came_before_is_not(data, said):
    unpacker = Unpacker(KINDS, 1000)
    frames = unpacker.feed(GOOD + data)
    assert next(frames) == Frame(ANSWER, 7, b"x" * 50)
    with pytest.raises(WireError, match=said):
        next(frames)


def test_an_oversized_frame_is_refused_before_its_payload_comes():
    with pytest.raises(WireError, match="longer"):
        unpacked(pack(Frame(ANSWER, 7, b"x" * 1001))[:17])


def test_a_frame_that_is_cut_off_is_none():
    assert unpacked(GOOD[:-1]) == []
    assert unpacked(b"") == []


@given(st.binary(min_size=DIGEST, max_size=DIGEST), st.binary(max_size=99), st.binary(max_size=99))
def test_the_parts_of_an_answer(digest, record, before):
    assert parts(joined(digest, record, before)) == (digest, record, before)


def test_an_answer_that_lacks_a_part_is_none():
    whole = joined(b"d" * DIGEST, b"record", b"")
    for length in range(len(whole)):
        with pytest.raises(WireError, match="without"):
            parts(whole[:length])
