"""Pages and cursors: joined they are the query, and a cursor is good for its own query only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dalkit import Cursor, Failure, Success, count, delete, find, put
from dalkit.result import InvalidValue
from dalkit.run.backend import Backend, pages

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def notes(db: Backend, zoo: Any, note: Any) -> Backend:
    """Twelve notes, numbered in threes."""
    for one in range(1, 13):
        db.run(put(zoo.notes, note(one, number=one // 3 or None, title=f"t{one}"))).unwrap()
    return db


def _ids(found: Any) -> list[int]:
    return [one.id for one in found.items]


def test_a_page_holds_as_many_as_match(notes: Backend, zoo: Any) -> None:
    """A limit counts records that match; the last page has no next."""
    query = find(zoo.notes).where(zoo.notes.number >= 2).limit(5).allow_scan()
    found = [one.unwrap() for one in pages(notes, query)]

    assert [len(one.items) for one in found if one.items] == [5, 2]
    assert found[-1].next is None
    assert sorted(n for one in found for n in _ids(one)) == [6, 7, 8, 9, 10, 11, 12]


@pytest.mark.parametrize("most", [2**31 - 1, 2**31, 2**63 - 1, 2**64, 10**30])
def test_a_limit_may_be_greater_than_any_number_of_records(
    notes: Backend, zoo: Any, most: int
) -> None:
    """All are found, by key, in order, and where each is looked at."""
    every = find(zoo.notes).allow_scan().limit(most)
    ordered = every.order_by(zoo.notes.number)
    filtered = every.where(zoo.notes.number >= 2)
    keyed = find(zoo.notes).where(zoo.notes.id == 3).limit(most)

    found = [len(notes.run(one).unwrap().items) for one in (every, ordered, filtered, keyed)]
    assert found == [12, 12, 7, 1]


def test_the_last_index_of_a_list_may_be_asked_for(
    shop: Backend, store: Any, order: Callable[..., Any]
) -> None:
    """No list is so long; the answer is that nothing is there."""
    far = store.orders.order_items[2**31 - 1].at("quantity")
    query = count(store.orders).where(store.orders.user_id == 1)
    shop.run(put(store.orders, order(1))).unwrap()

    assert shop.run(query.where(far == 1)) == Success(0)
    assert shop.run(query.where(far.exists())) == Success(0)


def test_records_inserted_between_pages_cost_no_other_record(
    notes: Backend, zoo: Any, note: Any
) -> None:
    """No record that was there is left out or answered twice."""
    query = find(zoo.notes).order_by(zoo.notes.number).limit(2).allow_scan()
    found: list[int] = []
    for turn, page in enumerate(pages(notes, query)):
        found += _ids(page.unwrap())
        notes.run(put(zoo.notes, note(100 + turn, number=turn))).unwrap()

    old = [one for one in found if one < 100]
    assert len(found) == len(set(found))
    assert sorted(old) == list(range(1, 13))


def test_a_page_goes_on_where_its_last_record_was_deleted(notes: Backend, zoo: Any) -> None:
    """A cursor is a position, not a record."""
    query = find(zoo.notes).order_by(zoo.notes.title.desc()).limit(3).allow_scan()
    first = notes.run(query).unwrap()
    assert first.next is not None
    for one in first.items:
        notes.run(delete(zoo.notes, zoo.NoteKey(one.id))).unwrap()
    following = notes.run(query.after(first.next)).unwrap()

    assert _ids(first) == [9, 8, 7]
    assert _ids(following) == [6, 5, 4]


@pytest.mark.parametrize(
    "build",
    [
        lambda n: find(n).order_by(n.number.desc()),
        lambda n: find(n).order_by(n.number).where(n.number == 1),
        lambda n: find(n).order_by(n.title),
        lambda n: find(n),
    ],
)
def test_a_cursor_of_another_query_is_refused(
    notes: Backend, zoo: Any, build: Callable[[Any], Any]
) -> None:
    """Conditions and order are part of it."""
    query = find(zoo.notes).order_by(zoo.notes.number).limit(2).allow_scan()
    cursor = notes.run(query).unwrap().next
    answer = notes.run(build(zoo.notes).limit(2).allow_scan().after(cursor))

    assert isinstance(answer, Failure)
    assert isinstance(answer.failure(), InvalidValue)


def test_the_limit_may_change_between_pages(notes: Backend, zoo: Any) -> None:
    """A cursor is bound to what is asked for, not to how much of it."""
    query = find(zoo.notes).order_by(zoo.notes.number).allow_scan()
    first = notes.run(query.limit(4)).unwrap()
    assert first.next is not None
    rest = notes.run(query.limit(100).after(first.next)).unwrap()

    assert len(rest.items) == 8
    assert rest.next is None


@pytest.mark.parametrize("text", ["", "x", "e30", "é", "AAAA" * 20, "W10", "=", "\n", "[1]"])
def test_what_is_no_cursor_is_refused(notes: Backend, zoo: Any, text: str) -> None:
    """With a failure, whatever the text is."""
    answer = notes.run(find(zoo.notes).allow_scan().limit(2).after(Cursor(text)))

    assert isinstance(answer.failure(), InvalidValue)


_VALUES = st.fixed_dictionaries(
    {
        "number": st.none() | st.integers(-2, 2),
        "price": st.none() | st.sampled_from([Decimal("-1.50"), Decimal(0), Decimal("2.25")]),
        "sort": st.none() | st.sampled_from(["a", "b", "B"]),
        "seen": st.none() | st.integers(0, 3).map(lambda one: NOON + timedelta(seconds=one)),
        "ratio": st.none() | st.sampled_from([0.1, -0.0, 1e100]),
        "raw": st.none() | st.binary(max_size=2),
    }
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(_VALUES, max_size=12),
    orders=st.lists(
        st.tuples(
            st.sampled_from(["number", "price", "sort", "seen", "ratio", "raw", "id"]),
            st.booleans(),
        ),
        max_size=3,
        unique_by=lambda one: one[0],
    ),
    most=st.integers(1, 5),
)
def test_pages_joined_are_the_query(
    opened: Callable[[], Backend],
    zoo: Any,
    note: Any,
    rows: list[dict[str, Any]],
    orders: list[tuple[str, bool]],
    most: int,
) -> None:
    """Whatever the order, with None and equal values in it."""
    db = opened()
    for number, given_values in enumerate(rows, 1):
        db.run(put(zoo.notes, note(number, **given_values))).unwrap()
    fields = [(getattr(zoo.notes, name), down) for name, down in orders]
    query = find(zoo.notes).order_by(*(f.desc() if down else f.asc() for f, down in fields))
    whole = db.run(query.allow_scan()).unwrap()
    parts = [one.unwrap() for one in pages(db, query.limit(most).allow_scan())]

    assert tuple(one for part in parts for one in part.items) == whole.items
    assert len(whole.items) == len(rows)
    assert all(len(part.items) <= most for part in parts)
