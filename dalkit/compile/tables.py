"""A table of the schema as a CreateTable request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dalkit.schema.definition import IndexDefinition, KeyAttribute, TableDefinition

__all__ = ["create_table_request", "mismatches"]


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


def mismatches(table: TableDefinition, described: Mapping[str, Any]) -> tuple[str, ...]:
    """How a table that DynamoDB describes differs from the contract's: keys and indexes.

    Indexes that the contract does not know are no difference.
    """
    wanted = create_table_request(table)
    types = {a["AttributeName"]: a["AttributeType"] for a in described["AttributeDefinitions"]}
    found = []
    if _keyed(wanted["KeySchema"]) != _keyed(described["KeySchema"]):
        found.append(_unlike("the key", wanted["KeySchema"], described["KeySchema"]))
    for attribute in wanted["AttributeDefinitions"]:
        name, type_ = attribute["AttributeName"], attribute["AttributeType"]
        if types.get(name, type_) != type_:
            found.append(f"{name} is of type {types[name]}, in the contract {type_}")
    there = {one["IndexName"]: one for one in described.get("GlobalSecondaryIndexes", ())}
    for index in wanted.get("GlobalSecondaryIndexes", ()):
        found.extend(_index_mismatches(index, there.get(index["IndexName"])))
    return tuple(found)


def _index_mismatches(wanted: Mapping[str, Any], there: Mapping[str, Any] | None) -> Iterator[str]:
    name = wanted["IndexName"]
    if there is None:
        yield f"the index {name} is missing"
        return
    if _keyed(wanted["KeySchema"]) != _keyed(there["KeySchema"]):
        yield _unlike(f"the key of {name}", wanted["KeySchema"], there["KeySchema"])
    ours, theirs = wanted["Projection"], there["Projection"]
    if ours["ProjectionType"] != theirs["ProjectionType"]:
        kinds = (theirs["ProjectionType"], ours["ProjectionType"])
        yield f"the index {name} projects {kinds[0]}, in the contract {kinds[1]}"
    lost = set(ours.get("NonKeyAttributes", ())) - set(theirs.get("NonKeyAttributes", ()))
    if lost and theirs["ProjectionType"] == "INCLUDE":
        yield f"the index {name} does not project {', '.join(sorted(lost))}"


def _keyed(schema: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {key["KeyType"]: key["AttributeName"] for key in schema}


def _unlike(
    what: str, wanted: Iterable[Mapping[str, str]], found: Iterable[Mapping[str, str]]
) -> str:
    ours, theirs = ("(" + ", ".join(_keyed(one).values()) + ")" for one in (wanted, found))
    return f"{what} is {theirs}, in the contract {ours}"


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
