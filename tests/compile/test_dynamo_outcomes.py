"""Writes of several actions, their races and refusals, with canned replies."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from dalkit import (
    Failure,
    Success,
    delete,
    insert,
    put,
    read_contract,
    read_ddl,
    resolve,
    transact,
    update,
)
from dalkit.compile.call import DynamoCall
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.convert import items
from dalkit.query.base import Write
from dalkit.records.made import records_module
from dalkit.result import (
    ConditionFailed,
    Conflict,
    NotFound,
    Throttled,
    TransactionCancelled,
    Unsupported,
)

STORE = Path(__file__).parents[2] / "contracts" / "online_store"
DAY = datetime(2026, 1, 1, tzinfo=UTC)
CANCELED = {"Error": {"Code": "TransactionCanceledException"}}
FINE, FAILED = {"Code": "None"}, {"Code": "ConditionalCheckFailed"}


def _module() -> Any:
    contract, _ = read_contract((STORE / "migrationContract.json").read_text())
    source, _ = read_ddl((STORE / "schema.sql").read_text())
    assert contract is not None
    schema, _ = resolve(contract, source)
    assert schema is not None
    return records_module(schema)


M = _module()
U, P = M.users, M.products
USER = M.User(
    user_id=1,
    username="ada",
    email="ada@example.com",
    password_hash="hush",
    profile=M.UserProfile(first_name="Ada", last_name=None),
    is_seller=False,
    super_admin=False,
    created_at=DAY,
    updated_at=DAY,
    admin_group=None,
)
ITEM = items(U).encode(USER).unwrap()
RENAME = update(U, M.UserKey(1)).set(U.username, "b")


def first(query: Any) -> DynamoCall[Any]:
    """The first call of a query, after those of counters."""
    return _past(to_dynamodb(query).unwrap())


def after(call: DynamoCall[Any], reply: Any) -> DynamoCall[Any]:
    """The call that follows a reply, after those of counters."""
    step = call.read(reply)
    assert isinstance(step, DynamoCall), step
    return _past(step)


def _past(call: DynamoCall[Any]) -> DynamoCall[Any]:
    while call.operation == "UpdateItem" and "COUNTER#" in str(call.arguments["Key"]):
        step = call.read({"Attributes": {"value": {"N": "1000"}}})
        assert isinstance(step, DynamoCall)
        call = step
    return call


def failure(call: DynamoCall[Any], reply: Any) -> Any:
    """The error that a reply is."""
    step = call.read(reply)
    assert isinstance(step, Failure), step
    return step.failure()


def cancelled(*reasons: Any) -> Any:
    """The reply to a transaction that was cancelled for these reasons."""
    return {**CANCELED, "CancellationReasons": list(reasons)}


def guard(owner: str) -> Any:
    """The reason that a guard has another owner."""
    return {**FAILED, "Item": {"owner": {"S": owner}}}


def test_what_a_change_of_a_unique_field_sends() -> None:
    """The record anew if all of it is unchanged, the new guard, and the old one away."""
    call = after(first(RENAME), {"Item": ITEM})
    record, taken, freed = call.arguments["TransactItems"]

    assert call.operation == "TransactWriteItems"
    assert record["Put"]["Item"]["username"] == {"S": "b"}
    assert record["Put"]["ConditionExpression"].count("=") == len(ITEM)
    assert taken["Put"]["Item"]["PK"] == {"S": "UNIQUE#USER#username~case-accent-1#b"}
    assert freed["Delete"]["Key"]["PK"] == {"S": "UNIQUE#USER#username~case-accent-1#ada"}
    assert call.read({}) == Success(evolve(USER, username="b"))


def test_a_put_of_the_same_values_writes_no_guard() -> None:
    """One PutItem, if the unique values are those that were read."""
    call = after(first(put(U, evolve(USER, is_seller=True))), {"Item": ITEM})

    assert call.operation == "PutItem"
    assert call.read({}) == Success(evolve(USER, is_seller=True))


@pytest.mark.parametrize(
    ("write", "read", "now"),
    [
        (RENAME, ITEM, {**ITEM, "is_seller": {"BOOL": True}}),
        (RENAME, ITEM, None),
        (put(U, USER), ITEM, {**ITEM, "email": {"S": "other@example.com"}}),
        (put(U, evolve(USER, username="b")), None, ITEM),
        (delete(U, M.UserKey(1)), ITEM, {**ITEM, "username": {"S": "c"}}),
        (update(P, M.ProductKey(1)).add(P.seller_id, 1), None, None),
    ],
    ids=str,
)
def test_what_was_overtaken_is_read_again(write: Write[Any], read: Any, now: Any) -> None:
    """An item that is no longer as it was read is no answer."""
    looked = first(write)
    step = looked.read({"Item": read} if read else {})
    if not isinstance(step, DynamoCall):  # nothing was there to be changed
        assert isinstance(step.failure(), NotFound)
        return
    said = {**FAILED, "Item": now} if now else FAILED
    reasons = [said, *(FINE for _ in step.arguments.get("TransactItems", ())[1:])]
    reply = cancelled(*reasons) if step.operation == "TransactWriteItems" else {**CANCELED, **said}
    again = after(step, reply)

    assert (again.operation, again.arguments) == (looked.operation, looked.arguments)


def test_races_end() -> None:
    """After so many tries the answer is Conflict."""
    call = first(RENAME)
    for number in range(20):
        call = after(call, {"Item": ITEM})
        changed = {**ITEM, "password_hash": {"S": str(number)}}
        step = call.read(cancelled({**FAILED, "Item": changed}, FINE, FINE))
        if not isinstance(step, DynamoCall):
            break
        call = step

    assert isinstance(step, Failure)
    assert isinstance(step.failure(), Conflict)


def test_a_taken_value_is_named_with_the_old_record() -> None:
    """Whether the write was an insert, which has none, or a change."""
    call = after(first(RENAME), {"Item": ITEM})
    one = failure(call, cancelled(FINE, guard("USER#2\n#META"), FINE))
    other = failure(first(insert(U, USER)), cancelled(FINE, FINE, guard("USER#2\n#META")))

    assert (one.unique, one.record) == ("username", USER)
    assert (other.unique, other.record) == ("email", None)


def test_a_condition_comes_before_a_taken_value() -> None:
    """The record's own failure is told, not the guard's."""
    call = after(first(RENAME.when(U.is_seller == True)), {"Item": ITEM})  # noqa: E712  # a predicate
    error = failure(call, cancelled({**FAILED, "Item": ITEM}, guard("x"), FINE))

    assert error == ConditionFailed("USER", "user_id = 1", record=USER)
    assert error.unique == ""


def test_a_guard_of_another_owner_is_left_alone() -> None:
    """The write begins again without freeing it."""
    call = after(first(delete(U, M.UserKey(1))), {"Item": ITEM})
    again = after(call, cancelled(FINE, guard("USER#2\n#META"), FINE))
    kept = after(again, {"Item": ITEM}).arguments["TransactItems"]

    assert len(call.arguments["TransactItems"]) == 3
    assert [next(iter(one.values()))["Key"]["PK"]["S"] for one in kept] == [
        "USER#1",
        "UNIQUE#USER#email~case-accent-1#ada@example.com",
    ]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("TransactionConflict", Conflict),
        ("ThrottlingError", Throttled),
        ("ValidationError", Unsupported),
    ],
)
def test_what_the_store_says_of_a_guard_is_told_of_its_write(code: str, error: Any) -> None:
    """By the write's position in the transaction."""
    call = first(transact(delete(P, M.ProductKey(1)), insert(U, USER)))
    reasons = [FINE, FINE, {"Code": code, "Message": "so"}, FINE]
    found = failure(call, cancelled(*reasons))

    assert isinstance(found, TransactionCancelled)
    assert found.reasons[0] is None
    assert isinstance(found.reasons[1], error)


def test_guards_count_among_the_hundred() -> None:
    """Thirty-three users fit into a transaction, thirty-four do not."""

    def of(count: int) -> Any:
        users = (
            evolve(USER, user_id=n, username=f"u{n}", email=f"e{n}") for n in range(1, count + 1)
        )
        return transact(*(insert(U, one) for one in users))

    error = to_dynamodb(of(34)).failure()

    assert len(first(of(33)).arguments["TransactItems"]) == 99
    assert "a transaction of 102, 68 of them for what is unique, and DynamoDB takes 100" in str(
        error
    )


def test_items_that_were_left_over_are_read_again() -> None:
    """Before the transaction is sent."""
    call = first(transact(delete(U, M.UserKey(1)), delete(U, M.UserKey(2))))
    asked = call.arguments["RequestItems"]["Users"]
    left = {"Users": {**asked, "Keys": asked["Keys"][1:]}}
    again = after(call, {"Responses": {"Users": [ITEM]}, "UnprocessedKeys": left})
    sent = after(again, {"Responses": {"Users": []}, "UnprocessedKeys": {}})

    assert again.arguments["RequestItems"]["Users"]["Keys"] == asked["Keys"][1:]
    assert len(sent.arguments["TransactItems"]) == 4


def test_a_write_that_cannot_be_done_does_not_hide_other_reasons() -> None:
    """It is sent as a check that nothing passes, so that the store tells the rest."""
    call = first(transact(RENAME, delete(P, M.ProductKey(1)).when(P.name == "x")))
    sent = after(call, {"Responses": {}})
    check, _ = sent.arguments["TransactItems"]
    error = failure(sent, cancelled(FAILED, FAILED))

    assert (
        (check["ConditionCheck"]["ConditionExpression"])
        == "attribute_exists(#n0) AND attribute_not_exists(#n0)"
    )
    assert error.reasons == (
        NotFound("USER", "user_id = 1"),
        ConditionFailed("Products", "product_id = 1"),
    )


def test_unique_fields_need_a_key_of_text() -> None:
    """A table keyed by numbers has no place for guards: refused with the remedy."""
    ddl = "CREATE TABLE things (id INT PRIMARY KEY, name VARCHAR(9) NOT NULL, UNIQUE KEY (name));"
    attributes = [
        {"name": name, "type": type, "source_column": name}
        for name, type in (("id", "N"), ("name", "S"))
    ]
    table = {
        "table": "Things",
        "type": "single-entity",
        "source_table": "things",
        "pk": "id",
        "dalkit": {"class": "Thing", "handle": "things", "unique": ["name"]},
        "attributes": attributes,
    }
    contract, problems = read_contract(json.dumps({"tables": [table]}))
    assert contract is not None, problems
    schema, problems = resolve(contract, read_ddl(ddl)[0])
    assert schema is not None, problems
    m: Any = records_module(schema)
    error = to_dynamodb(insert(m.things, m.Thing(id=1, name="x"))).failure()

    assert "give the table's key attributes type S" in str(error)
