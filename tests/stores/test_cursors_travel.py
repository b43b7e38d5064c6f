"""A page of one store is gone on from in another: pages joined are the query."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dalkit import find, put
from dalkit.result import InvalidValue, Unsupported
from dalkit.run.backend import Backend

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
Stores = dict[str, Backend]


@pytest.fixture
def stores(all_stores: Callable[[], Stores], parents: list[Any], store: Any, order: Any) -> Stores:
    """Every store with seven orders of a user, some of the same moment."""
    opened = all_stores()
    for db in opened.values():
        for one in parents:
            db.run(one).unwrap()
        for number in range(1, 8):
            moment = NOON + timedelta(days=number // 2)
            made = order(number, created_at=moment, total_amount=Decimal(number % 3))
            db.run(put(store.orders, made)).unwrap()
    return opened


def _by_turns(stores: Stores, names: tuple[str, ...], query: Any) -> list[int]:
    found: list[int] = []
    following, turn = query, 0
    while following is not None:
        page = stores[names[turn % len(names)]].run(following).unwrap()
        found += [one.order_id for one in page.items]
        following = query.after(page.next) if page.next else None
        turn += 1
    return found


@pytest.mark.parametrize("names", list(permutations(("memory", "mysql", "dynamodb"))))
@pytest.mark.parametrize(
    "build",
    [
        lambda o: find(o).where(o.user_id == 1),
        lambda o: find(o).where(o.user_id == 1).order_by(o.created_at.desc()),
        lambda o: find(o).where(o.user_id == 1, o.total_amount > 0).order_by(o.created_at),
        lambda o: find(o).where(o.user_id == 1, o.created_at >= NOON + timedelta(days=1)),
        lambda o: (
            find(o)
            .where(o.order_status == "pending", o.order_id >= 0)
            .order_by(o.created_at, o.order_id)
        ),
        lambda o: (
            find(o).where(o.user_id == 1).order_by(o.total_amount.desc(), o.order_id).allow_scan()
        ),
    ],
)
def test_pages_of_several_stores_joined_are_the_query(
    stores: Stores, store: Any, names: tuple[str, ...], build: Callable[[Any], Any]
) -> None:
    """Whichever store answers which page: by the table's key, by an index, put in order."""
    query = build(store.orders)
    whole = [one.order_id for one in stores["memory"].run(query).unwrap().items]

    assert len(whole) >= 4
    assert _by_turns(stores, names, query.limit(2)) == whole


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    newcomers=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), max_size=6),
    turns=st.lists(st.sampled_from(["memory", "mysql", "dynamodb"]), min_size=1, max_size=4),
    most=st.integers(1, 3),
    down=st.booleans(),
)
def test_records_inserted_between_pages_cost_no_other_record(
    all_stores: Callable[[], Stores],
    parents: list[Any],
    store: Any,
    order: Any,
    newcomers: list[tuple[int, int]],
    turns: list[str],
    most: int,
    down: bool,
) -> None:
    """Whoever answers, each that was there all the time is answered once, in order."""
    stores, o = all_stores(), store.orders
    for db in stores.values():
        for one in (*parents, *(put(o, _at(order, number, number // 2)) for number in range(1, 7))):
            db.run(one).unwrap()
    by = o.created_at.desc() if down else o.created_at
    query: Any = find(o).where(o.user_id == 1).order_by(by).limit(most)
    found, turn, following = list[Any](), 0, query
    while following is not None:
        page = stores[turns[turn % len(turns)]].run(following).unwrap()
        found += [(one.created_at, one.order_id) for one in page.items]
        following = query.after(page.next) if page.next else None
        for number, day in newcomers[turn : turn + 1]:
            for db in stores.values():
                db.run(put(o, _at(order, 100 + 10 * turn + number, day))).unwrap()
        turn += 1

    assert found == sorted(set(found), reverse=down)
    assert [number for _, number in sorted(found) if number < 100] == list(range(1, 7))


def _at(order: Any, number: int, day: int) -> Any:
    return order(number, created_at=NOON + timedelta(days=day))


@pytest.mark.parametrize("other", ["memory", "mysql"])
@pytest.mark.parametrize(
    "build",
    [
        lambda o: find(o).allow_scan(),
        lambda o: find(o).where(o.order_status == "pending"),
        lambda o: find(o).where(o.order_status == "pending").order_by(o.created_at),
    ],
)
def test_a_store_that_would_lose_records_does_not_go_on(
    stores: Stores, store: Any, other: str, build: Callable[[Any], Any]
) -> None:
    """DynamoDB's own order of equal records, or of a scan, is no other store's."""
    query = build(store.orders).limit(2)
    for here, there in ((other, "dynamodb"), ("dynamodb", other)):
        cursor = stores[here].run(query).unwrap().next
        error = stores[there].run(query.after(cursor)).failure()

        assert isinstance(error, InvalidValue)
        assert "begin with the first page again" in error.reason


def test_pages_that_would_show_a_secret_are_refused_everywhere(stores: Stores, store: Any) -> None:
    """Whole answers have no cursor, and are answered."""
    users = store.users
    query = find(users).order_by(users.password_hash).allow_scan()
    for db in stores.values():
        refused = db.run(query.limit(1)).failure()

        assert isinstance(refused, Unsupported)
        assert "secret" in refused.reason
        assert len(db.run(query).unwrap().items) == 1
