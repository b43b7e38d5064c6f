"""The DynamoDB backend: names, tokens and conditions on the wire, and answers of the real store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from dalkit import (
    Success,
    batch,
    delete,
    find,
    get,
    get_many,
    insert,
    put,
    transact,
    transact_get,
    update,
)
from dalkit.compile.tables import create_table_request
from dalkit.result import ConditionFailed, Failure, NotFound, TransactionCancelled
from dalkit.run.dynamodb import DynamoClient
from dalkit.run.on_dynamodb import DynamoDB, dynamodb
from dalkit.run.retry import Effects
from dalkit.testing.services import DynamoDBLocal

Scripted = tuple[DynamoClient, Any]
Made = Callable[..., Any]


@pytest.fixture
def plain_client(dynamodb_local: DynamoDBLocal) -> Any:
    """A client as a user makes it: the SDK's own retries and checks are on."""
    return boto3.client(
        "dynamodb",
        endpoint_url=dynamodb_local.endpoint_url,
        region_name=dynamodb_local.region,
        aws_access_key_id="x",
        aws_secret_access_key="y",
    )


@pytest.fixture
def real(plain_client: Any, schema: Any, dalkit_dynamodb_prefix: str) -> Iterator[DynamoDB]:
    """A backend on the real store, with a table of things."""
    prefix = dalkit_dynamodb_prefix
    plain_client.create_table(**create_table_request(schema.tables[0], prefix=prefix))
    yield dynamodb(plain_client, prefix=prefix)
    plain_client.delete_table(TableName=f"{prefix}Things")


def test_every_verb_is_answered_by_the_real_store(
    real: DynamoDB, records: Any, thing: Made
) -> None:
    """Reads and writes go through a plain client of the user's, bytes included."""
    things, key = records.things, records.ThingKey
    first = thing(1, name="one", raw=b"\x00\xff")

    assert real.run(insert(things, first)) == Success(first)
    assert real.run(batch(*(put(things, thing(n)) for n in range(2, 60)))) == Success(None)
    assert real.run(get(things, key(1))) == Success(first)
    assert real.run(update(things, key(2)).add(things.n, 3)) == Success(thing(2, n=3))
    assert real.run(get_many(things, [key(1), key(2), key(99)])) == Success(
        {key(1): first, key(2): thing(2, n=3)}
    )
    assert real.run(transact(put(things, thing(70)), delete(things, key(59)))) == Success(
        (key(70), key(59))
    )
    assert real.run(transact_get(get(things, key(70)), get(things, key(59)))) == Success(
        (thing(70), None)
    )
    assert real.run(delete(things, key(70))) == Success(True)
    assert real.run(delete(things, key(70))) == Success(False)
    page = real.run(find(things).where(things.raw == b"\x00\xff").allow_scan()).unwrap()
    assert page.items == (first,)


def test_conditions_that_are_not_met_are_answers(real: DynamoDB, records: Any, thing: Made) -> None:
    """The old record comes with the failure, alone and in a transaction, whatever its bytes."""
    things, key = records.things, records.ThingKey
    held = thing(1, raw=b"\x01\x02")
    real.run(put(things, held)).unwrap()

    match real.run(insert(things, thing(1))):
        case Failure(ConditionFailed() as error):
            assert error.record == held
        case other:
            pytest.fail(str(other))
    match real.run(transact(put(things, thing(2)), insert(things, thing(1)))):
        case Failure(TransactionCancelled((None, ConditionFailed() as reason))):
            assert reason.record == held
        case other:
            pytest.fail(str(other))
    assert isinstance(real.run(get(things, key(2))).failure(), NotFound)


def test_the_prefix_stands_before_tables_only(
    scripted: Scripted, records: Any, thing: Made
) -> None:
    """Names of tables get the prefix wherever they are; values that look like them do not."""
    client, script = scripted
    db, things = dynamodb(client, prefix="x-"), records.things
    script.reply({})
    script.reply({"UnprocessedItems": {}})
    script.reply({"Responses": {"x-Things": []}})
    script.reply({})

    db.run(put(things, thing(1, name="Things"))).unwrap()
    db.run(batch(put(things, thing(1)))).unwrap()
    db.run(get_many(things, [records.ThingKey(1)])).unwrap()
    db.run(transact(put(things, thing(1)))).unwrap()

    alone, batched, many, together = (body for _, body in script.requests)
    assert alone["TableName"] == "x-Things"
    assert alone["Item"]["name"] == {"S": "Things"}
    assert list(batched["RequestItems"]) == ["x-Things"]
    assert list(many["RequestItems"]) == ["x-Things"]
    assert together["TransactItems"][0]["Put"]["TableName"] == "x-Things"


def test_a_transaction_keeps_its_token_while_it_is_repeated(
    scripted: Scripted, records: Any, thing: Made
) -> None:
    """One token for all attempts of a transaction, another for the next one."""
    client, script = scripted
    quick = Effects(sleep=lambda _: None)
    db, write = dynamodb(client, effects=quick), transact(put(records.things, thing(1)))
    script.error("InternalServerError", status=500)
    script.reply({})
    script.reply({})

    db.run(write).unwrap()
    db.run(write).unwrap()

    first, again, other = (body["ClientRequestToken"] for _, body in script.requests)
    assert first == again
    assert first != other
    assert 1 <= len(first) <= 36
