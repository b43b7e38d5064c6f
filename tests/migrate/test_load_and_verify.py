"""After a load both stores hold the same; whatever is changed after it, is named by verify."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve

from dalkit.migrate.findings import Different, Extra, Finding, Missing, Refused
from dalkit.migrate.load import load
from dalkit.migrate.route import Route
from dalkit.migrate.verify import Verified, verify
from dalkit.result import Failure, MissingTable, Unsupported
from dalkit.run.config import Connect
from dalkit.run.dynamodb import DynamoClient
from dalkit.schema.definition import KeyAttribute

Run = Callable[[str], None]


def key(n: int | str) -> dict[str, Any]:
    """The wire key of a person."""
    return {"PK": {"S": f"PERSON#{n}"}, "SK": {"S": "#META"}}


def test_a_load_leaves_no_difference(
    connect: Connect, people: int, route: Route, client: DynamoClient, prefix: str
) -> None:
    """Every row is written once and found again, attribute by attribute."""
    told: list[Finding] = []
    done = load(connect, client, [route], prefix=prefix, report=told.append).unwrap()
    found = verify(connect, client, [route], prefix=prefix, report=told.append).unwrap()

    assert done.written == {"People": people}
    assert found == Verified(
        compared={"People": people}, missing=0, extra=0, different=0, refused=0, collisions=0
    )
    assert found.agreed
    assert told == []


def test_every_change_is_named(
    connect: Connect, people: int, route: Route, client: DynamoClient, prefix: str, run_sql: Run
) -> None:
    """Changed, deleted, invented, on either side; the value of a secret column never is."""
    load(connect, client, [route], prefix=prefix).unwrap()
    table = f"{prefix}People"
    client.delete_item(TableName=table, Key=key(3))
    client.put_item(TableName=table, Item=key("new") | {"name": {"S": "x"}})
    client.update_item(
        TableName=table,
        Key=key(5),
        UpdateExpression="SET pets[1].age = :a, #n = :n, pin = :n, more = :n",
        ExpressionAttributeNames={"#n": "name"},
        ExpressionAttributeValues={":a": {"N": "9"}, ":n": {"S": "geheim"}},
    )
    run_sql("INSERT INTO people VALUES (2000, 'late', NULL)")
    run_sql("UPDATE people SET name = '' WHERE id = 8")
    told: list[Finding] = []

    found = verify(connect, client, [route], prefix=prefix, report=told.append).unwrap()

    pets = '{{"L":[{{"M":{{"name":{{"S":"Rex"}},"age":{{"N":"2"}}}}}},'
    pets += '{{"M":{{"name":{{"S":"Rex"}},"age":{{"N":"{}"}}}}}}]}}'
    five = "PK=PERSON#5 SK=#META"
    shown = {
        str(one) for one in told if not (isinstance(one, Different) and one.attribute == "pets")
    }
    assert shown == {
        str(Refused("People", "PERSON", "people id=8", "name", "the key is empty")),
        str(Missing("People", "PK=PERSON#3 SK=#META", "people id=3")),
        str(Missing("People", "PK=PERSON#2000 SK=#META", "people id=2000")),
        str(Different("People", five, "name", '{"S":"n5"}', '{"S":"geheim"}')),
        str(Different("People", five, "pin", "(secret)", "(secret)")),
        str(Different("People", five, "more", "absent", '{"S":"geheim"}')),
        str(Extra("People", "PK=PERSON#new SK=#META")),
        str(Extra("People", "PK=PERSON#8 SK=#META")),
    }
    (nested,) = [o for o in told if isinstance(o, Different) and o.attribute == "pets"]
    assert nested.expected == pets.format("1")
    assert (found.missing, found.extra, found.different, found.refused) == (2, 2, 4, 1)
    assert not found.agreed


def test_a_table_that_is_not_empty_is_refused(
    connect: Connect, people: int, route: Route, client: DynamoClient, prefix: str
) -> None:
    """Nothing is written over unless that is asked for."""
    client.put_item(TableName=f"{prefix}People", Item=key("old"))

    answer = load(connect, client, [route], prefix=prefix)

    assert isinstance(answer, Failure)
    assert isinstance(answer.failure(), Unsupported)
    assert client.scan(TableName=f"{prefix}People")["Count"] == 1


def test_only_missing_items_are_written(
    connect: Connect, people: int, route: Route, client: DynamoClient, prefix: str
) -> None:
    """An item that is there stays as it is; `overwrite` puts over it."""
    table = f"{prefix}People"
    for n in (2, 900):
        client.put_item(TableName=table, Item=key(n) | {"name": {"S": "newer"}})

    filled = load(connect, client, [route], prefix=prefix, mode="only-missing").unwrap()
    kept = client.get_item(TableName=table, Key=key(900))["Item"]["name"]
    load(connect, client, [route], prefix=prefix, mode="overwrite").unwrap()
    found = verify(connect, client, [route], prefix=prefix).unwrap()

    assert (filled.written, filled.present) == ({"People": people - 2}, 2)
    assert kept == {"S": "newer"}
    assert found.agreed


def test_refused_rows_do_not_stop_the_others(
    connect: Connect, people: int, route: Route, client: DynamoClient, prefix: str, run_sql: Run
) -> None:
    """They are named once, and everything else is there."""
    run_sql("UPDATE people SET name = 'bad' WHERE id % 100 = 0")
    told: list[Finding] = []

    done = load(connect, client, [route], prefix=prefix, report=told.append).unwrap()

    assert (done.written, done.refused) == ({"People": people - 10}, 10)
    assert len(told) == 10


def test_rows_of_one_key_stop_the_load_before_it_writes(
    connect: Connect,
    people: int,
    colliding_route: Route,
    client: DynamoClient,
    prefix: str,
    run_sql: Run,
) -> None:
    """Neither row is written, nor any other."""
    run_sql("UPDATE people SET name = 'n1' WHERE id = 1000")
    told: list[Finding] = []

    done = load(connect, client, [colliding_route], prefix=prefix, report=told.append).unwrap()

    assert (done.collisions, done.written) == (1, {})
    assert "people id=1 and people id=1000" in str(told[0])
    assert client.scan(TableName=f"{prefix}People")["Count"] == 0


def test_a_missing_or_foreign_table_is_refused(
    connect: Connect, people: int, route: Route, client: DynamoClient, prefix: str
) -> None:
    """Before anything is read or written."""
    missing = load(connect, client, [route], prefix=f"{prefix}no-")
    other = evolve(route.table, pk=KeyAttribute("id"))
    keyed = evolve(route, definition=evolve(route.definition, table=other))
    foreign = verify(connect, client, [keyed], prefix=prefix)

    assert isinstance(missing, Failure)
    assert isinstance(missing.failure(), MissingTable)
    assert isinstance(foreign, Failure)
    assert "the key is (PK, SK), in the contract (id, SK)" in str(foreign.failure())
