"""The proxy in front of a real DynamoDB: what the plain SDK meets, and what the store has done."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any
from zlib import crc32

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from dalkit.testing.faults.dynamodb_faults import APPLIED, BROKEN, FAULTS, possible
from dalkit.testing.faults.dynamodb_proxy import DynamoProxy
from dalkit.testing.faults.plan import Plan
from dalkit.testing.services import DynamoDBLocal

ITEM = {"PK": {"S": "a"}, "n": {"N": "1"}}
KEY = {"PK": {"S": "a"}}


def _client(endpoint_url: str, *, attempts: int = 1, patience: float = 0.8) -> Any:
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="y",
        config=Config(
            retries={"total_max_attempts": attempts, "mode": "standard"},
            read_timeout=patience,
        ),
    )


@pytest.fixture
def store(dynamodb_local: DynamoDBLocal) -> Any:
    """A client without a proxy."""
    return _client(dynamodb_local.endpoint_url, patience=60)


@pytest.fixture
def table(store: Any, dalkit_dynamodb_prefix: str) -> Iterator[str]:
    """An empty table."""
    name = f"{dalkit_dynamodb_prefix}table"
    store.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
    )
    yield name
    store.delete_table(TableName=name)


@pytest.fixture
def proxied(dynamodb_local: DynamoDBLocal) -> Iterator[Callable[..., DynamoProxy]]:
    """A function from a plan to a proxy."""
    opened: list[DynamoProxy] = []

    def proxy(plan: Plan) -> DynamoProxy:
        opened.append(DynamoProxy(dynamodb_local.endpoint_url, plan))
        return opened[-1]

    yield proxy
    for one in opened:
        one.close()


def _first(name: str) -> Plan:
    return Plan(at={0: name})


def _has(store: Any, table: str) -> bool:
    return "Item" in store.get_item(TableName=table, Key=KEY, ConsistentRead=True)


@pytest.mark.parametrize("name", sorted(possible("PutItem")))
def test_a_write_is_done_as_the_fault_says(
    name: str, table: str, store: Any, proxied: Callable[[Plan], DynamoProxy]
) -> None:
    """After each fault the store has the item, or has it not, as the list of faults tells."""
    proxy = proxied(_first(name))
    met = ""
    try:
        _client(proxy.endpoint_url).put_item(TableName=table, Item=ITEM)
    except (BotoCoreError, ClientError) as error:
        met = str(error)
    proxy.close()

    assert _has(store, table) == (name in APPLIED)
    assert proxy.injected.counts() == {name: 1}
    assert met or name in BROKEN | {"drip"}


@pytest.mark.parametrize("name", sorted(set(FAULTS) & BROKEN))
def test_a_broken_reply_is_broken(
    name: str, table: str, store: Any, proxied: Callable[[Plan], DynamoProxy]
) -> None:
    """What arrives is not whole, or its sum does not fit, or it has no shape."""
    store.put_item(TableName=table, Item=ITEM)
    proxy = proxied(_first(name))
    operation, asked = "GetItem", {"TableName": table, "Key": KEY}
    if name == "hollow":
        operation, asked = "Scan", {"TableName": table}
    connection = http.client.HTTPConnection("127.0.0.1", int(proxy.endpoint_url.split(":")[-1]))
    try:
        connection.request("POST", "/", json.dumps(asked), _headers(operation))
        reply = connection.getresponse()
        body = reply.read()
    except http.client.IncompleteRead:
        assert name == "cut"
        return
    except http.client.BadStatusLine:
        assert name == "garbage"
        return
    finally:
        connection.close()

    summed = reply.headers.get("x-amz-crc32") == str(crc32(body))
    assert reply.status == 200
    assert not summed or (body == b"{}" and name == "hollow")


def _headers(operation: str) -> dict[str, str]:
    return {
        "X-Amz-Target": f"DynamoDB_20120810.{operation}",
        "Content-Type": "application/x-amz-json-1.0",
        "Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/dynamodb/aws4_request, "
        "SignedHeaders=host, Signature=0",
    }


def test_the_plain_sdk_takes_a_broken_reply_for_a_missing_item(
    table: str, store: Any, proxied: Callable[[Plan], DynamoProxy]
) -> None:
    """What dalkit is to prevent does happen behind this proxy."""
    store.put_item(TableName=table, Item=ITEM)
    proxy = proxied(_first("truncated-unsigned"))
    client = _client(proxy.endpoint_url)

    assert "Item" not in client.get_item(TableName=table, Key=KEY)
    assert "Item" in client.get_item(TableName=table, Key=KEY)


def test_the_plain_sdk_adds_twice(
    table: str, store: Any, proxied: Callable[[Plan], DynamoProxy]
) -> None:
    """A lost reply is asked again by the SDK's own retries, and the store does it again."""
    store.put_item(TableName=table, Item=ITEM)
    proxy = proxied(Plan(at={0: "reset-after", 1: "500-after"}))
    _client(proxy.endpoint_url, attempts=4).update_item(
        TableName=table,
        Key=KEY,
        UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )

    assert store.get_item(TableName=table, Key=KEY)["Item"]["n"] == {"N": "4"}


def test_half_of_a_batch_is_written(
    table: str, store: Any, proxied: Callable[[Plan], DynamoProxy]
) -> None:
    """What is said to be unprocessed is not there, and all else is."""
    client = _client(proxied(_first("partial-batch")).endpoint_url)
    asked = [{"PutRequest": {"Item": {"PK": {"S": str(one)}}}} for one in range(5)]
    said = client.batch_write_item(RequestItems={table: asked})
    undone = said["UnprocessedItems"][table]

    assert undone == asked[2:]
    there = {one["PK"]["S"] for one in store.scan(TableName=table)["Items"]}
    assert there == {"0", "1"}


def test_half_of_a_batch_is_read(
    table: str, store: Any, proxied: Callable[[Plan], DynamoProxy]
) -> None:
    """The leftover of a read keeps how it is to be read."""
    client = _client(proxied(Plan(at={0: "partial-batch", 1: "partial-batch"})).endpoint_url)
    for one in range(3):
        store.put_item(TableName=table, Item={"PK": {"S": str(one)}})
    keys = [{"PK": {"S": str(one)}} for one in range(3)]
    said = client.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})

    assert said["Responses"] == {table: keys[:1]}
    assert said["UnprocessedKeys"] == {table: {"Keys": keys[1:], "ConsistentRead": True}}
    one_key = client.batch_get_item(RequestItems={table: {"Keys": keys[:1]}})
    assert one_key["Responses"] == {}
    assert one_key["UnprocessedKeys"] == {table: {"Keys": keys[:1]}}


@pytest.mark.parametrize("name", ["conflict", "cancel-throttled"])
def test_a_transaction_is_cancelled_with_a_reason_per_write(
    name: str, table: str, store: Any, proxied: Callable[[Plan], DynamoProxy]
) -> None:
    """The SDK reads the reasons as the service says them."""
    client = _client(proxied(_first(name)).endpoint_url)
    asked = [{"Put": {"TableName": table, "Item": {"PK": {"S": str(one)}}}} for one in range(2)]
    with pytest.raises(ClientError) as caught:
        client.transact_write_items(TransactItems=asked)

    reasons: Any = caught.value.response["CancellationReasons"]
    assert [one["Code"] == "None" for one in reasons] == [True, False]
    assert store.scan(TableName=table)["Count"] == 0


@pytest.mark.parametrize(
    "name", sorted(set(FAULTS) - BROKEN - {"hold-before", "hold-after", "drip"})
)
def test_every_transaction_is_done_as_the_fault_says(
    name: str, table: str, store: Any, proxied: Callable[[Plan], DynamoProxy]
) -> None:
    """With its token a transaction is done once, also when it is asked for again."""
    if name not in possible("TransactWriteItems"):
        assert name in ("partial-batch", "replicated")
        return
    proxy = proxied(_first(name))
    client = _client(proxy.endpoint_url)
    asked = {
        "TransactItems": [{"Put": {"TableName": table, "Item": ITEM}}],
        "ClientRequestToken": table[:36],
    }
    with pytest.raises((BotoCoreError, ClientError)):
        client.transact_write_items(**asked)
    client.transact_write_items(**asked)
    proxy.close()

    assert _has(store, table)
    assert proxy.seen.counts() == {"TransactWriteItems": 2, "requests": 2}


def test_nothing_is_left_open(dynamodb_local: DynamoDBLocal, table: str, store: Any) -> None:
    """A calm proxy passes everything on, and its connections end with it."""
    with DynamoProxy(dynamodb_local.endpoint_url) as proxy:
        client = _client(proxy.endpoint_url)
        for _ in range(3):
            client.put_item(TableName=table, Item=ITEM)
        assert proxy.connections == 1
    assert proxy.connections == 0
    assert proxy.injected.counts() == {}
    assert _has(store, table)
