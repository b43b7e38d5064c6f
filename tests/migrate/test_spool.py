"""What memory must not hold comes back from disk as it went there."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dalkit.migrate.spool import (
    MOST_BYTES,
    MOST_ROWS,
    SortSpool,
    TooLarge,
    grouped,
    spooled,
)

CELLS = st.none() | st.text(max_size=3) | st.binary(max_size=3)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcd"), CELLS)))
def test_groups_come_back_in_their_order(rows: list[tuple[str, str | bytes | None]]) -> None:
    """Each parent finds its rows; a parent without rows finds none; nothing is left."""
    ordered = sorted(rows, key=lambda row: row[0])
    with spooled(ordered, 1, None) as spool:
        found = [(name, row[0]) for name in "abcd" for row in _whole(spool.take((name,)))]
        left = spool.left

    assert found == ordered
    assert left is None


def _whole(group: object) -> tuple[Any, ...]:
    """The rows of a group that is not too large."""
    assert isinstance(group, tuple)
    return group


def test_a_parent_met_twice_finds_its_rows_twice() -> None:
    """Two rows without a key that tells them apart are equal in every cell."""
    with spooled([("a", "1"), ("b", "2")], 1, None) as spool:
        assert [spool.take((name,)) for name in "aab"] == [(("1",),), (("1",),), (("2",),)]


def test_rows_of_no_parent_are_left() -> None:
    """What no row takes is told, not lost."""
    with spooled([("a", "1"), ("b", "2")], 1, None) as spool:
        assert spool.take(("b",)) == ()
        assert spool.left == ("a",)


def test_a_group_is_cut_at_its_limit_and_where_no_item_could_hold_it() -> None:
    """Memory stays bounded by what DynamoDB could hold at all."""
    rows = [("a", str(n)) for n in range(MOST_ROWS + 10)]

    ((_, limited),) = grouped(rows, 1, 3)
    ((_, most),) = grouped(rows, 1, None)

    assert limited == (("0",), ("1",), ("2",))
    assert len(_whole(most)) == MOST_ROWS


def test_a_group_of_too_many_bytes_is_told_not_cut() -> None:
    """Its neighbors come back as they are."""
    text = "x" * (MOST_BYTES // 10)
    rows = [("a", "1"), *(("b", text) for _ in range(11)), ("c", "2")]

    with spooled(rows, 1, None) as spool:
        first, large, last = (spool.take((name,)) for name in "abc")

    assert (first, last) == ((("1",),), (("2",),))
    assert isinstance(large, TooLarge)
    assert large.size > MOST_BYTES


def test_runs_without_number_are_merged_by_few_at_a_time() -> None:
    """Runs of runs come back in order too."""
    numbers = [n * 7919 % 10_007 for n in range(10_007)]
    with SortSpool(held=2) as spool:
        for number in numbers:
            spool.add((number,))

        assert [number for (number,) in spool.in_order()] == sorted(numbers)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.tuples(st.text(max_size=2), st.text(max_size=1)), st.text(max_size=2)))
)
def test_entries_come_back_sorted(entries: list[tuple[tuple[str, str], str]]) -> None:
    """However many runs are on disk, the order is the one that memory would give; twice."""
    with SortSpool(held=3) as spool:
        for entry in entries:
            spool.add(entry)

        assert list(spool.in_order()) == sorted(entries)
        assert list(spool.in_order()) == sorted(entries)
