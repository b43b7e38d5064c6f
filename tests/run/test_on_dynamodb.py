"""The DynamoDB backend: names, tokens and conditions on the wire, and answers of the real store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ParamValidationError

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
from dalkit.compile.own_operation import operation
from dalkit.compile.tables import create_table_request
from dalkit.result import (
    Ambiguous,
    ConditionFailed,
    Failure,
    InvalidValue,
    NotFound,
    TransactionCancelled,
    Unavailable,
    Unsupported,
)
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


def test_an_operation_of_the_users_own_is_run_as_all_are(
    real: DynamoDB, records: Any, thing: Made
) -> None:
    """With the prefix, on the real store; what the SDK does not know is an answer too."""
    real.run(put(records.things, thing(1, raw=b"\x00\xff"))).unwrap()
    asked = {"TableName": "Things", "Key": {"PK": {"S": "1"}}}

    def raw(reply: Any) -> Any:
        return Success(reply["Item"]["raw"]["B"])

    assert real.run(operation("GetItem", asked, raw)) == Success(b"\x00\xff")
    assert isinstance(real.run(operation("FlyToTheMoon", {}, raw)).failure(), Unsupported)


def test_an_operation_of_the_users_own_is_repeated_only_if_it_may_be(
    scripted: Scripted, records: Any
) -> None:
    """A lost write is ambiguous unless the user says that it is idempotent; a lost read is not."""
    client, script = scripted
    db = dynamodb(client, effects=Effects(sleep=lambda _: None), exactly_once=True)
    update_ = {"TableName": "T", "Key": {}, "UpdateExpression": "ADD n :n"}

    def nothing(_: Any) -> Any:
        return Success(None)

    for name, idempotent in (("UpdateItem", False), ("UpdateItem", True), ("GetItem", False)):
        script.replies.append(
            SimpleNamespace(body=b"", status=200, crc=None, drop=True, headers={})
        )
        script.reply({})
        answer = db.run(operation(name, update_, nothing, idempotent=idempotent))
        again = name == "GetItem" or idempotent
        assert answer == Success(None) if again else isinstance(answer.failure(), Ambiguous)
        script.replies.clear()


def test_half_a_surrogate_pair_is_an_invalid_value(scripted: Scripted) -> None:
    """No store can hold it, and nothing is sent."""
    asked = operation("GetItem", {"TableName": "\ud800"}, lambda _: Success(None))

    assert isinstance(dynamodb(scripted[0]).run(asked).failure(), InvalidValue)
    assert scripted[1].requests == []


def test_others_on_the_same_client_meet_boto3_as_ever(
    real: DynamoDB, plain_client: Any, records: Any, thing: Made, dalkit_dynamodb_prefix: str
) -> None:
    """Its replies, its errors and its checks of arguments are its own, between calls of ours."""
    table = f"{dalkit_dynamodb_prefix}Things"
    real.run(put(records.things, thing(1))).unwrap()

    plain = plain_client.get_item(TableName=table, Key={"PK": {"S": "1"}})
    assert plain["Item"]["n"] == {"N": "0"}
    assert plain["ResponseMetadata"]["HTTPStatusCode"] == 200
    with pytest.raises(plain_client.exceptions.ResourceNotFoundException):
        plain_client.get_item(TableName="nowhere", Key={"PK": {"S": "1"}})
    with pytest.raises(ParamValidationError):
        plain_client.get_item(TableName=table)
    assert real.run(get(records.things, records.ThingKey(1))) == Success(thing(1))


def test_the_sdks_retries_never_multiply_ours(scripted: Scripted, records: Any) -> None:
    """A client whose own retries are on sends each attempt once: lost, broken and refused ones."""
    address = scripted[0].meta.endpoint_url
    script = scripted[1]
    for mode in ("standard", "legacy", "adaptive"):
        client = boto3.client(
            "dynamodb", endpoint_url=address, region_name="x", aws_access_key_id="x",
            aws_secret_access_key="y", config=Config(retries={"mode": mode, "max_attempts": 5}),
        )  # fmt: skip
        db = dynamodb(client, effects=Effects(sleep=lambda _: None))
        for broken in ({"drop": True}, {"status": 500}, {"crc": "1"}, {"body": b"<html>"}):
            plain = {"body": b"{}", "status": 200, "crc": None, "drop": False, "headers": {}}
            script.replies += [SimpleNamespace(**{**plain, **broken})] * 4
            before = len(script.requests)
            error = db.run(get(records.things, records.ThingKey(1))).failure()

            assert isinstance(error, Unavailable)
            assert len(script.requests) - before == 4
            assert script.replies == []
        client.close()
