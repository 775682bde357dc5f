"""Named streams: the name decides, nothing else."""

from __future__ import annotations

import itertools

from synthaudit.seeds import Streams


def first(streams: Streams, *names: str | int) -> float:
    return float(streams.rng(*names).random())


def test_streams_are_set_by_root_and_name_only() -> None:
    assert first(Streams(3), "a", 1) == first(Streams(3), "a", 1) == first(Streams(3).child("a"), 1)
    assert first(Streams(3), "a", 1) != first(Streams(4), "a", 1)


def test_names_that_look_alike_are_apart() -> None:
    names: list[tuple[str | int, ...]] = [("ab",), ("a", "b"), ("a",), (1,), ("1",), (1, 2), (12,)]
    values = [first(Streams(0), *name) for name in names]
    assert all(x != y for x, y in itertools.combinations(values, 2))


def test_asking_for_one_stream_moves_no_other() -> None:
    streams = Streams(9)
    before = first(streams, "b")
    streams.rng("a").random(1000)
    assert first(streams, "b") == before


def test_integers_fit_31_bits() -> None:
    values = [Streams(0).integer("x", i) for i in range(200)]
    assert all(0 <= v < 2**31 for v in values) and len(set(values)) == 200
