"""Guards and counters go with the records, so that keys stay true where MySQL no longer helps."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dalkit import find, get, insert, put, read_contract, read_ddl, resolve, update
from dalkit.compile.tables import create_table_request
from dalkit.migrate.export import export
from dalkit.migrate.findings import Collision, Finding
from dalkit.migrate.load import load
from dalkit.migrate.route import Route
from dalkit.migrate.routes import routes_of
from dalkit.migrate.verify import Verified, verify
from dalkit.records.made import records_module
from dalkit.result import ConditionFailed
from dalkit.run.config import Connect
from dalkit.run.dynamodb import DynamoClient
from dalkit.run.on_dynamodb import dynamodb
from dalkit.run.tables import create_table

DDL = """
CREATE TABLE accounts (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  email VARCHAR(600) NOT NULL,
  nick VARCHAR(20) NULL,
  pin VARCHAR(20) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY (email),
  UNIQUE KEY (pin)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
"""


def _contract(unique: list[Any]) -> str:
    columns = [("id", "N"), ("email", "S"), ("nick", "S"), ("pin", "S")]
    attributes: list[dict[str, Any]] = [
        {"name": name, "type": type, "source_table": "accounts", "source_column": name}
        for name, type in columns
    ]
    attributes[3]["dalkit"] = {"secret": True}
    key = {"type": "string-format", "format": "ACCOUNT#{id}"}
    attributes.insert(
        0,
        {
            "name": "PK",
            "type": "S",
            "source_table": "accounts",
            "source_column": "id",
            "transformation": key,
        },
    )
    table = {
        "table": "Accounts",
        "type": "single-entity",
        "source_table": "accounts",
        "pk": "PK",
        "dalkit": {"class": "Account", "handle": "accounts", "unique": unique},
        "attributes": attributes,
    }
    return json.dumps({"tables": [table]})


def _made(unique: list[Any]) -> tuple[Any, tuple[Route, ...]]:
    contract, problems = read_contract(_contract(unique))
    source, _ = read_ddl(DDL)
    assert contract is not None, problems
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return records_module(schema), routes_of(schema, source)


M, ROUTES = _made(["email", "pin"])
A = M.accounts
LONG = "é" * 600
(TABLE,) = {one.table for one in ROUTES}


@pytest.fixture
def rows(run_sql: Callable[[str], None]) -> int:
    """Five accounts, one of whose emails is longer than any key; how many there are."""
    run_sql(DDL)
    run_sql(
        "INSERT INTO accounts (id, email, nick, pin) VALUES (1, 'ada@example.com', 'a', 'p1'), "
        f"(2, 'b#%@example.com', 'a', 'p2'), (3, '{LONG}', NULL, 'p3'), "
        "(7, 'ADA@example.com', NULL, 'p7'), (40, '𝄞', 'z', 'p#')"
    )
    return 5


@pytest.fixture
def prefix(client: DynamoClient, dalkit_dynamodb_prefix: str) -> str:
    """The prefix of an empty table of accounts."""
    create_table(client, create_table_request(TABLE, prefix=dalkit_dynamodb_prefix))
    return dalkit_dynamodb_prefix


def account(account_id: int, **given: Any) -> Any:
    """An account by id."""
    plain = {"email": f"{account_id}@example.com", "nick": None, "pin": f"x{account_id}"}
    return M.Account(id=account_id, **{**plain, **given})


def agreed(rows: int, kept: int) -> Verified:
    """A comparison without a difference."""
    return Verified(
        compared={"Accounts": rows},
        kept=kept,
        missing=0,
        extra=0,
        different=0,
        refused=0,
        collisions=0,
    )


def test_a_migrated_store_keeps_values_unique_and_numbers_on(
    connect: Connect, rows: int, client: DynamoClient, prefix: str
) -> None:
    """A taken email fails there as it did in MySQL, and new records are numbered after the last."""
    done = load(connect, client, ROUTES, prefix=prefix).unwrap()
    found = verify(connect, client, ROUTES, prefix=prefix).unwrap()
    db = dynamodb(client, prefix=prefix)

    assert (done.written, done.kept) == ({"Accounts": rows}, 2 * rows + 1)
    assert found == agreed(rows, 2 * rows + 1)
    for record in (
        account(50, email="ada@example.com"),
        account(51, email="b#%@example.com"),
        account(52, email=LONG),
        account(53, pin="p#"),
    ):
        error = db.run(insert(A, record)).failure()
        assert isinstance(error, ConditionFailed)
        assert error.unique in ("email", "pin")
    db.run(update(A, M.AccountKey(1)).set(A.email, "new@example.com")).unwrap()
    new = M.NewAccount(email="ada@example.com", nick=None, pin="fresh")
    number = db.run(insert(A, new)).unwrap().id
    assert number > 53
    assert db.run(get(A, M.AccountKey(number))).unwrap().email == "ada@example.com"
    assert len(db.run(find(A).allow_scan()).unwrap().items) == rows + 1


def test_every_change_of_what_is_kept_is_named(
    connect: Connect, rows: int, client: DynamoClient, prefix: str, run_sql: Callable[[str], None]
) -> None:
    """A guard that is missing, one of another owner, one too many, a counter that is behind."""
    load(connect, client, ROUTES, prefix=prefix).unwrap()
    table = f"{prefix}Accounts"

    def guard(text: str) -> dict[str, Any]:
        return {"PK": {"S": f"UNIQUE#Accounts#{text}"}}

    client.delete_item(TableName=table, Key=guard("email#ada@example.com"))
    client.delete_item(TableName=table, Key=guard("pin#p1"))
    client.put_item(TableName=table, Item=guard("email#𝄞") | {"owner": {"S": "ACCOUNT#1"}})
    client.put_item(TableName=table, Item=guard("email#no") | {"owner": {"S": "ACCOUNT#1"}})
    client.put_item(TableName=table, Item=guard("pin#no") | {"owner": {"S": "ACCOUNT#1"}})
    client.put_item(TableName=table, Item={"PK": {"S": "COUNTER#Other#id"}})
    client.put_item(
        TableName=table, Item={"PK": {"S": "COUNTER#Accounts#id"}, "value": {"N": "39"}}
    )
    told: list[Finding] = []
    found = verify(connect, client, ROUTES, prefix=prefix, report=told.append).unwrap()

    assert not found.agreed
    assert sorted(map(str, told)) == [
        'different Accounts PK=COUNTER#Accounts#id: value: expected 40 or more, found {"N": "39"}',
        (
            "different Accounts PK=UNIQUE#Accounts#email#𝄞: owner: "
            'expected {"S":"ACCOUNT#40"}, found {"S":"ACCOUNT#1"}'
        ),
        "extra Accounts PK=(secret)",
        "extra Accounts PK=COUNTER#Other#id",
        "extra Accounts PK=UNIQUE#Accounts#email#no",
        "missing Accounts PK=(secret) (accounts id=1)",
        "missing Accounts PK=UNIQUE#Accounts#email#ada@example.com (accounts id=1)",
    ]


def test_a_second_load_mends_and_lowers_nothing(
    connect: Connect, rows: int, client: DynamoClient, prefix: str
) -> None:
    """What is missing is put; a counter that is further on stays."""
    load(connect, client, ROUTES, prefix=prefix).unwrap()
    table, counter = f"{prefix}Accounts", {"PK": {"S": "COUNTER#Accounts#id"}}
    client.put_item(TableName=table, Item=counter | {"value": {"N": "99"}})
    for text in ("UNIQUE#Accounts#pin#p1", "ACCOUNT#7", "UNIQUE#Accounts#pin#p7"):
        client.delete_item(TableName=table, Key={"PK": {"S": text}})

    again = load(connect, client, ROUTES, prefix=prefix, mode="only-missing").unwrap()
    over = load(connect, client, ROUTES, prefix=prefix, mode="overwrite").unwrap()

    assert (again.written, again.present, again.kept) == ({"Accounts": 1}, 4, 2)
    assert (over.written, over.kept) == ({"Accounts": 5}, 10)
    assert verify(connect, client, ROUTES, prefix=prefix).unwrap() == agreed(5, 11)
    assert client.get_item(TableName=table, Key=counter)["Item"]["value"] == {"N": "99"}


def test_a_record_that_was_changed_there_keeps_its_own_guards(
    connect: Connect, rows: int, client: DynamoClient, prefix: str
) -> None:
    """A load of what is missing guards what is there, not what MySQL has."""
    load(connect, client, ROUTES, prefix=prefix).unwrap()
    db = dynamodb(client, prefix=prefix)
    db.run(put(A, account(1, email="there@example.com", pin="p1"))).unwrap()

    assert load(connect, client, ROUTES, prefix=prefix, mode="only-missing").unwrap().kept == 0
    assert db.run(insert(A, account(60, email="ada@example.com"))).unwrap().id == 60


def test_values_that_are_not_unique_stop_a_load_and_an_export(
    connect: Connect, rows: int, client: DynamoClient, prefix: str, tmp_path: Path
) -> None:
    """Where MySQL has no key for them they are looked for; nothing is written."""
    _, routes = _made(["nick", "pin"])
    told: list[Finding] = []
    loaded = load(connect, client, routes, prefix=prefix, report=told.append).unwrap()
    exported = export(connect, routes, tmp_path, report=told.append).unwrap()

    wanted = Collision("Accounts", "PK=UNIQUE#Accounts#nick#a", ("accounts id=1", "accounts id=2"))
    assert told == [wanted, wanted]
    assert (loaded.collisions, loaded.kept, exported.files) == (1, 0, ())
    assert not any(client.scan(TableName=f"{prefix}Accounts")["Items"])


def test_a_fold_is_kept_by_what_is_migrated(
    connect: Connect,
    rows: int,
    client: DynamoClient,
    prefix: str,
    tmp_path: Path,
    run_sql: Callable[[str], None],
) -> None:
    """Rows that it takes as one stop a load and an export; without them its guards are there."""
    module, routes = _made([{"fields": ["email"], "fold": "case-accent-1"}])
    told: list[Finding] = []
    loaded = load(connect, client, routes, prefix=prefix, report=told.append).unwrap()
    exported = export(connect, routes, tmp_path, report=told.append).unwrap()
    key = "PK=UNIQUE#Accounts#email~case-accent-1#ada@example.com"
    wanted = Collision("Accounts", key, ("accounts id=1", "accounts id=7"))
    assert told == [wanted, wanted]
    assert (loaded.collisions, loaded.kept, exported.files) == (1, 0, ())
    assert not any(client.scan(TableName=f"{prefix}Accounts")["Items"])

    run_sql("DELETE FROM accounts WHERE id = 7")
    load(connect, client, routes, prefix=prefix).unwrap()
    assert verify(connect, client, routes, prefix=prefix).unwrap() == agreed(4, 5)
    taken = module.Account(id=9, email="ÁDA@Example.com", nick=None, pin="p")
    error = dynamodb(client, prefix=prefix).run(insert(module.accounts, taken)).failure()
    assert isinstance(error, ConditionFailed)
    assert error.unique == "email"


def test_an_export_has_guards_and_counters(
    connect: Connect, rows: int, client: DynamoClient, prefix: str, tmp_path: Path
) -> None:
    """Its lines, put one by one, are what a load writes."""
    done = export(connect, ROUTES, tmp_path).unwrap()
    (file,) = done.files
    for line in file.read_text().splitlines():
        client.put_item(TableName=f"{prefix}Accounts", Item=json.loads(line)["Item"])

    assert (done.items, done.kept) == ({"Accounts": rows}, 2 * rows + 1)
    assert verify(connect, client, ROUTES, prefix=prefix).unwrap() == agreed(rows, 11)


def test_proof_by_keys_of_mysql() -> None:
    """Guards need no search where MySQL has a unique key for them."""
    _, unproven = _made(["nick"])
    _, together = _made([["nick", "email"]])
    _, folded = _made([{"fields": ["email"], "fold": "case-1"}])

    proven = [one.proven for one in (*ROUTES, *unproven, *together, *folded)]
    assert proven == [True, False, True, False]
