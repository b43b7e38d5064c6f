"""A real DynamoDB that is asked call by call until a query is answered."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from dalkit import Cursor, Failure
from dalkit.compile.call import DynamoCall
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.compile.settings import Settings
from dalkit.compile.tables import create_table_request
from dalkit.schema.definition import Schema
from dalkit.testing.services import DynamoDBLocal

from .twins import BOTH, Twins

_BY_TABLE = ("RequestItems", "UnprocessedKeys", "UnprocessedItems", "Responses")


class AskedDynamoDB:
    """A store with tables of its own; conditions that are not met are replies, not exceptions."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.prefix = f"t{secrets.token_hex(6)}-"
        self.now: datetime | None = None

    def put_items(self, table: str, items: list[Any]) -> None:
        """Write items into a table."""
        for item in items:
            self.client.put_item(TableName=self.prefix + table, Item=item)

    def result(self, query: Any) -> Any:
        """The Result of a query."""
        call = to_dynamodb(query, Settings(now=self.now))
        step: Any = call if isinstance(call, Failure) else call.unwrap()
        while isinstance(step, DynamoCall):
            step = step.read(self._reply(step) if step.operation else {})
        return step

    def run(self, query: Any) -> Any:
        """The answer of a query."""
        return self.result(query).unwrap()

    def failure(self, query: Any) -> Any:
        """The error of a query."""
        return self.result(query).failure()

    def pages(self, query: Any) -> Iterator[Any]:
        """The pages of a query, each after the cursor of the one before."""
        page = self.run(query)
        yield page
        while page.next is not None:
            page = self.run(query.after(Cursor(page.next.text)))
            yield page

    def _reply(self, call: DynamoCall[Any]) -> Any:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", call.operation).lower()
        try:
            reply = getattr(self.client, name)(**self._sent(call.arguments))
        except ClientError as error:
            if error.response["Error"]["Code"] not in (
                "ConditionalCheckFailedException",
                "TransactionCanceledException",
            ):
                raise
            reply = error.response
        return self._received(reply)

    def _sent(self, said: Any) -> Any:
        """Arguments with the tables' names as they are in the store."""
        if isinstance(said, list):
            return [self._sent(one) for one in said]
        if not isinstance(said, Mapping):
            return said
        renamed = {name: self._sent(one) for name, one in said.items()}
        if "TableName" in said:
            renamed["TableName"] = self.prefix + said["TableName"]
        if "RequestItems" in said:
            held = renamed["RequestItems"].items()
            renamed["RequestItems"] = {self.prefix + table: one for table, one in held}
        return renamed

    def _received(self, reply: Mapping[str, Any]) -> Mapping[str, Any]:
        """A reply with the tables' names as the contract has them."""
        return {
            name: {table.removeprefix(self.prefix): one for table, one in held.items()}
            if name in _BY_TABLE and isinstance(held, dict)
            else held
            for name, held in reply.items()
        }


@pytest.fixture(scope="session")
def asked_dynamodb(
    dynamodb_local: DynamoDBLocal,
) -> Callable[[Schema], AbstractContextManager[AskedDynamoDB]]:
    """A function from a schema to a store with its tables, empty, for a block."""
    client = boto3.client(
        "dynamodb",
        endpoint_url=dynamodb_local.endpoint_url,
        region_name=dynamodb_local.region,
        aws_access_key_id="x",
        aws_secret_access_key="y",
    )

    @contextmanager
    def asked(schema: Schema) -> Iterator[AskedDynamoDB]:
        store = AskedDynamoDB(client)
        for table in schema.tables:
            client.create_table(**create_table_request(table, prefix=store.prefix))
        try:
            yield store
        finally:
            for table in schema.tables:
                client.delete_table(TableName=store.prefix + table.name)

    return asked


@pytest.fixture
def twins(asked_dynamodb: Any) -> Iterator[Twins]:
    """Memory and the real store, empty."""
    with asked_dynamodb(BOTH) as made:
        yield Twins(made)
