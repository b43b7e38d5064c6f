"""A table of the schema as a CreateTable request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dalkit.schema.definition import IndexDefinition, KeyAttribute, TableDefinition

__all__ = ["create_table_request"]


def create_table_request(table: TableDefinition, *, prefix: str = "") -> dict[str, Any]:
    """The arguments of CreateTable, on demand pricing; the same bytes for the same table."""
    request: dict[str, Any] = {
        "TableName": prefix + table.name,
        "AttributeDefinitions": _attributes(table),
        "KeySchema": _schema(table.pk, table.sk),
        "BillingMode": "PAY_PER_REQUEST",
    }
    if table.indexes:
        request["GlobalSecondaryIndexes"] = [_index(one, table) for one in table.indexes]
    return request


def _attributes(table: TableDefinition) -> list[dict[str, str]]:
    types = {key.name: key.type for key in _keys(table)}
    return [{"AttributeName": name, "AttributeType": types[name]} for name in types]


def _keys(table: TableDefinition) -> Iterator[KeyAttribute]:
    places: tuple[TableDefinition | IndexDefinition, ...] = (table, *table.indexes)
    for place in places:
        yield place.pk
        if place.sk is not None:
            yield place.sk


def _schema(pk: KeyAttribute, sk: KeyAttribute | None) -> list[dict[str, str]]:
    keys = [{"AttributeName": pk.name, "KeyType": "HASH"}]
    if sk is not None:
        keys.append({"AttributeName": sk.name, "KeyType": "RANGE"})
    return keys


def _index(index: IndexDefinition, table: TableDefinition) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": index.projection}
    if index.projection == "INCLUDE":
        projection["NonKeyAttributes"] = _included(index, table)
    return {
        "IndexName": index.name,
        "KeySchema": _schema(index.pk, index.sk),
        "Projection": projection,
    }


def _included(index: IndexDefinition, table: TableDefinition) -> list[str]:
    keys = (table.pk, table.sk, index.pk, index.sk)
    known = {key.name for key in keys if key is not None}
    return [name for name in dict.fromkeys(index.projected) if name not in known]
