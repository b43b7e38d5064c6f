"""DynamoDB tables as a whole: whether they are there, made, ready, and empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dalkit.result import Failure, MissingTable, Result, Success, Unavailable
from dalkit.run.dynamodb import DynamoClient, Fault, Reply, exchange
from dalkit.run.retry import ONLINE, Backoff, Effects

__all__ = ["create_table", "describe_table", "wait_active"]

_CONTROL = Backoff(attempts=10, deadline=120.0)


def describe_table(client: DynamoClient, table: str) -> Result[Reply]:
    """DynamoDB's description of the table, or MissingTable."""
    answer = exchange(client, "describe_table", {"TableName": table}, backoff=ONLINE)
    return Failure(answer.error) if isinstance(answer, Fault) else Success(answer["Table"])


def create_table(
    client: DynamoClient, request: Mapping[str, Any], *, effects: Effects | None = None
) -> Result[bool]:
    """Make a table and wait until it can be used; False when it was there already."""
    answer = exchange(client, "create_table", request, backoff=_CONTROL, effects=effects)
    made = not isinstance(answer, Fault)
    if isinstance(answer, Fault) and answer.code != "ResourceInUseException":
        return Failure(answer.error)
    match wait_active(client, str(request["TableName"]), effects=effects):
        case Success():
            return Success(made)
        case Failure() as failure:
            return failure


def wait_active(
    client: DynamoClient, table: str, *, seconds: float = 600.0, effects: Effects | None = None
) -> Result[Reply]:
    """The table's description once it and its indexes are ACTIVE."""
    world = effects or Effects()
    end = world.now() + seconds
    while True:
        match describe_table(client, table):
            case Success(found) if _active(found):
                return Success(found)
            case Failure(error) if not isinstance(error, MissingTable):
                return Failure(error)
            case _ if world.now() > end:
                return Failure(Unavailable("DynamoDB", f"{table} is not ACTIVE in {seconds:.0f} s"))
        world.sleep(0.2 + world.random())


def _active(table: Reply) -> bool:
    indexes = table.get("GlobalSecondaryIndexes", ())
    return table["TableStatus"] == "ACTIVE" and all(
        one.get("IndexStatus", "ACTIVE") == "ACTIVE" for one in indexes
    )
