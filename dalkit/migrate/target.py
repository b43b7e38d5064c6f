"""The tables that a run writes to or reads from: there, keyed as the contract says, empty."""

from __future__ import annotations

from dalkit.compile.tables import mismatches
from dalkit.result import Failure, Success, Unsupported
from dalkit.run.batches import scan_pages
from dalkit.run.broken import StoreError
from dalkit.run.dynamodb import DynamoClient
from dalkit.run.tables import describe_table
from dalkit.schema.definition import TableDefinition

__all__ = ["check_empty", "check_table"]


def check_table(client: DynamoClient, table: TableDefinition, prefix: str) -> None:
    """Raise StoreError unless the table is there with the contract's keys and indexes."""
    match describe_table(client, prefix + table.name):
        case Failure(error):
            raise StoreError(error)
        case Success(described):
            found = mismatches(table, described)
            if found:
                raise StoreError(Unsupported(f"table {prefix}{table.name}", "; ".join(found)))


def check_empty(client: DynamoClient, table: TableDefinition, prefix: str) -> None:
    """Raise StoreError if the table holds an item."""
    name = prefix + table.name
    if any(scan_pages(client, name, limit=1)):
        raise StoreError(
            Unsupported(
                f"load into {name}",
                "the table is not empty",
                "--only-missing leaves what is there, --overwrite puts over it",
            )
        )
