"""What explanations say, and what they never say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dalkit import (
    batch,
    count,
    delete,
    find,
    get,
    get_many,
    insert,
    maintain,
    put,
    read_contract,
    read_ddl,
    resolve,
    transact,
    transact_get,
    update,
)
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.compile.explain import explain
from dalkit.compile.explanation import DynamoPlan, MysqlPlan
from dalkit.compile.prices import PriceBook
from dalkit.compile.settings import Settings
from dalkit.records.made import records_module
from dalkit.result import Unsupported

STORE = Path(__file__).parents[2] / "contracts" / "online_store"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _module() -> Any:
    contract, _ = read_contract((STORE / "migrationContract.json").read_text())
    source, _ = read_ddl((STORE / "schema.sql").read_text())
    assert contract is not None
    schema, _ = resolve(contract, source)
    assert schema is not None
    return records_module(schema)


M: Any = _module()
U, OF, P, C = M.users, M.orders, M.products, M.cart_items
SECRET = "tell nobody"
USER = M.User(
    user_id=1,
    username="ada",
    email="ada@example.com",
    password_hash=SECRET,
    profile=M.UserProfile(first_name=None, last_name=None),
    is_seller=False,
    super_admin=False,
    admin_group=None,
    created_at=NOW,
    updated_at=NOW,
)
LINE = M.CartItem(
    cart_item_id=1,
    user_id=1,
    product_id=7,
    quantity=2,
    product_name="lamp",
    product_price=Decimal("9.50"),
    created_at=NOW,
    updated_at=NOW,
)


def dynamo(query: Any, **told: Any) -> DynamoPlan:
    """DynamoDB's plan of a query that is served."""
    found = explain(query, **told).dynamodb
    assert isinstance(found, DynamoPlan), found
    return found


def mysql(query: Any) -> MysqlPlan:
    """MySQL's."""
    found = explain(query).mysql
    assert isinstance(found, MysqlPlan), found
    return found


def test_an_explanation_reads_as_the_documents_say() -> None:
    """The query, then a line for each store."""
    recent = find(OF).where(OF.user_id == 1, OF.created_at >= NOW).order_by(OF.created_at.desc())

    assert str(explain(recent.limit(20))).splitlines() == [
        (
            "find order where user_id = 1 and created_at >= 2026-01-01 00:00:00Z "
            "by created_at, newest first, 20"
        ),
        (
            "mysql     orders(user_id, created_at) -> order_items(order_id); "
            "sorts what it found; 2 statements"
        ),
        (
            "dynamodb  Users PK = USER#1, SK between ORDER#2026-01-01T00:00:00Z and ORDER#~, "
            "backwards; 1 call; at most 21 examined, 20 returned; 3 read units, "
            "$0.375 a million times (us-east-1, 2026-09-06); items of 1,024 bytes"
        ),
    ]


def test_a_refusal_comes_with_its_remedy() -> None:
    """The index that would serve, as the contract says it, below the reason."""
    query = find(P).where(P.inventory_quantity == 0).order_by(P.price)
    found = explain(query)
    lines = str(found).splitlines()

    assert isinstance(found.dynamodb, Unsupported)
    assert lines[2].startswith("dynamodb  refused: ")
    assert '"pk": "inventory_quantity", "sk": "price"' in lines[3]


VERBS: dict[str, Callable[[], Any]] = {
    "find": lambda: find(U).where(U.password_hash == SECRET).allow_scan(),
    "find with more": lambda: find(U).where(U.email == "a@b.c", U.password_hash > SECRET),
    "count": lambda: count(U).where(U.password_hash.is_in([SECRET])).allow_scan(),
    "put": lambda: put(U, USER).when(U.password_hash == SECRET),
    "insert": lambda: insert(U, USER),
    "update": lambda: update(U, M.UserKey(1)).set(U.password_hash, SECRET),
    "delete": lambda: delete(U, M.UserKey(1)).when(U.password_hash == SECRET),
    "transact": lambda: transact(
        insert(U, USER), delete(U, M.UserKey(2)).when(U.password_hash.begins_with(SECRET))
    ),
    "batch": lambda: batch(put(U, USER)),
    "maintain": lambda: maintain(put(U, USER)),
}


@pytest.mark.parametrize("verb", VERBS)
def test_secrets_are_not_said(verb: str) -> None:
    """Neither in conditions nor in changes, whatever the verb, nor in the value's own form."""
    found = explain(VERBS[verb](), Settings(now=NOW))

    assert SECRET not in str(found)
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("query", "calls", "reads", "writes"),
    [
        (get(U, M.UserKey(1)), 1, "0.5", None),
        (get(U, M.UserKey(1)).consistent(), 1, "1", None),
        (get_many(P, [M.ProductKey(n) for n in range(150)]), 2, "75", None),
        (get_many(P, []), 0, "0", None),
        (transact_get(get(U, M.UserKey(1)), get(P, M.ProductKey(1))), 1, "4", None),
        (transact_get(), 0, "0", None),
        (find(U).where(U.email == "a@b.c"), 1, "0.5", None),
        (find(OF).where(OF.user_id == 1).limit(31).consistent(), 1, "8", None),
        (find(OF).where(OF.user_id == 1, OF.user_id == 2), 0, None, None),
        (delete(C, M.CartItemKey(1, 7)), 1, "0", "1"),
        (update(C, M.CartItemKey(1, 7)).set(C.quantity, 3), 1, "0", "1"),
        (update(P, M.ProductKey(1)).set(P.price, 3), 1, "0", "3"),
        (update(P, M.ProductKey(1)).set(P.name, "x"), 1, "0", "5"),
        (put(C, LINE), 1, "0", "1"),
        (batch(*(delete(C, M.CartItemKey(1, n)) for n in range(60))), 3, None, "60"),
        (batch(), 0, None, "0"),
        (transact(), 0, "0", "0"),
    ],
    ids=str,
)
def test_calls_and_units(query: Any, calls: int, reads: str | None, writes: str | None) -> None:
    """As the service counts them, for items of 1,024 bytes."""
    found = dynamo(query)

    assert found.calls == calls
    assert found.reads == (None if reads is None else Decimal(reads))
    assert found.writes == (None if writes is None else Decimal(writes))


def test_guards_and_counters_are_counted() -> None:
    """An insert with two unique fields is a transaction of three, after the counter's call."""
    found = dynamo(insert(U, USER))

    assert found.calls == 2
    assert found.steps[0] == "asks the counter of user_id"
    assert found.steps[-1] == "in one transaction with the guards of username, email"
    assert found.writes == 1 + 2 * (1 + 2 + 2)  # counter; item, two indexes that hold it, guards


def test_what_reads_first_says_so() -> None:
    """A change of a unique field, or of the key, is conditioned on what was read."""
    unique = dynamo(update(U, M.UserKey(1)).set(U.email, "b@c.d"))
    moved = dynamo(update(C, M.CartItemKey(1, 7)).set(C.product_id, 8))

    assert unique.steps[0] == moved.steps[0] == "reads the record, consistently"
    assert unique.more
    assert "moved: a delete and a put in one transaction" in moved.steps


def test_maintain_says_which_store_drops_it() -> None:
    """MySQL computes what DynamoDB keeps."""
    query = maintain(update(M.categories, M.CategoryKey(1)).add(M.categories.product_count, 1))

    assert mysql(query).statements == 0
    assert "dropped" in str(mysql(query))
    assert dynamo(query).calls == 1


def test_assumptions_are_given() -> None:
    """Sizes, how many there are, and prices are arguments, and are said."""
    query = find(OF).where(OF.user_id == 1)
    book = PriceBook(
        region="eu-central-1",
        dated=date(2026, 1, 1),
        reads=Decimal(1),
        writes=Decimal(2),
        storage=Decimal("0.3"),
    )

    assert dynamo(query).reads is None
    assert dynamo(query, item_size=4_096, records=10).reads == 5
    assert dynamo(query, item_size=4_096, records=10, prices=book).cost == 5
    assert dynamo(query, records=3_000).calls == 3
    with pytest.raises(ValueError, match="item_size"):
        explain(query, item_size=0)


def test_a_budget_is_kept_where_it_can_be_known() -> None:
    """Calls in both stores, records where a key bounds them; capacity is DynamoDB's alone."""
    query = find(OF).where(OF.user_id == 1).limit(20)

    assert isinstance(explain(query.budget(calls=1)).mysql, Unsupported)
    assert isinstance(explain(query.budget(calls=1)).dynamodb, DynamoPlan)
    examined = find(M.products).where(P.product_id == 1).budget(examined=1)
    unknown = query.budget(examined=1_000)

    assert isinstance(explain(examined).mysql, MysqlPlan)
    assert isinstance(explain(unknown).mysql, Unsupported)
    assert isinstance(explain(unknown).dynamodb, DynamoPlan)
    assert "capacity is DynamoDB's alone" in str(mysql(query.budget(capacity=3)))
    assert isinstance(explain(query.budget(capacity=Decimal("2.5"))).dynamodb, Unsupported)


def test_texts_by_code_point_are_told() -> None:
    """Orders and ranges of texts go by bytes, which no key of MySQL's gives."""
    ordered = mysql(find(P).where(P.category_id == 1).order_by(P.name))
    ranged = mysql(find(P).where(P.category_id == 1, P.name > "a"))
    equal = mysql(find(U).where(U.username == "ada"))

    assert "name by code point" in str(ordered)
    assert "name by code point" in str(ranged)
    assert "code point" not in str(equal)


def test_what_mysql_cannot_be_asked_is_told() -> None:
    """It is looked at in whole records, some at a time; the rest is asked."""
    left = OF.order_items[0].exists()
    for query in (find(OF).where(OF.user_id == 1, left), count(OF).where(OF.user_id == 1, left)):
        plan = mysql(query)

        assert plan.notes == ("filters after reading: order_items[0] exists",)
        assert not plan.exact
        assert plan.statements == 2
    assert mysql(find(OF).where(OF.user_id == 1)).exact


def test_a_new_record_is_explained_at_any_moment() -> None:
    """Nothing of the plan depends on when it is made; a query alone is given none."""
    names = {"name": "lamp", "description": None, "image_url": None}
    new = insert(P, M.NewProduct(seller_id=1, category_id=1, price=Decimal(2), **names))

    for query in (new, transact(new), maintain(new)):
        assert "refused" not in str(explain(query))
        assert str(explain(query)) == str(explain(query, Settings(now=NOW)))
    assert isinstance(to_dynamodb(new).failure(), Unsupported)


def test_what_one_store_heeds_is_noted() -> None:
    """The ways of DynamoDB are nothing to MySQL."""
    query = find(OF).where(OF.order_id == 1).using("GSI3")

    assert explain(query).notes == ("using is for DynamoDB alone",)
    assert explain(find(OF).where(OF.order_id == 1)).notes == ()


def test_what_is_no_query_is_refused_at_once() -> None:
    """Misuse raises."""
    nothing: Any = None

    with pytest.raises(TypeError, match="not a query"):
        explain(nothing)
