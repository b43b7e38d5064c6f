"""Each entity of the schema beside what the contract says of it, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TypeAlias, final

from attrs import frozen

from dalkit.contract import document as doc
from dalkit.schema.definition import EntityDefinition, KeyAttribute, Schema
from dalkit.source.tables import Source, SourceTable

__all__ = ["Subject", "subjects_of"]

_Documents: TypeAlias = tuple[tuple[doc.Attribute, ...], doc.EntityOptions, str]


@final
@frozen(kw_only=True, slots=False)
class Subject:
    """One entity with its source table and its place in the contract."""

    definition: EntityDefinition
    own: SourceTable
    source: Source
    table: doc.Table
    table_pointer: str
    pointer: str
    """Of the entity, or of its single-entity table."""
    documents: tuple[doc.Attribute, ...]
    options: doc.EntityOptions

    @cached_property
    def attributes(self) -> Mapping[str, tuple[doc.Attribute, str]]:
        """The contract's attributes by name, with their JSON pointers."""
        return {a.name: (a, f"{self.pointer}/attributes/{i}") for i, a in enumerate(self.documents)}

    @cached_property
    def key_names(self) -> frozenset[str]:
        """The names of all key attributes, those of indexes included."""
        table = self.definition.table
        keys = [table.pk, table.sk]
        for index in table.indexes:
            keys += [index.pk, index.sk]
        return frozenset(key.name for key in keys if key is not None)

    def place(self, attribute: str) -> str:
        """The JSON pointer of an attribute, or of the template that makes it."""
        if attribute in self.attributes:
            return self.attributes[attribute][1]
        table = self.definition.table
        member = "sk" if table.sk is not None and attribute == table.sk.name else "pk"
        return f"{self.pointer}/{member}_template" if self.table.entities else self.pointer

    def layouts(self) -> Iterator[tuple[str, KeyAttribute, KeyAttribute | None]]:
        """The table's own keys, under the name "", then those of each index."""
        table = self.definition.table
        yield "", table.pk, table.sk
        for index in table.indexes:
            yield index.name, index.pk, index.sk


def subjects_of(contract: doc.Contract, source: Source, schema: Schema) -> tuple[Subject, ...]:
    """The entities of a schema with their documents, in the contract's order."""
    found: list[Subject] = []
    entities = iter(schema.entities)
    for position, table in enumerate(contract.tables):
        place = contract.pointer(position)
        for attributes, options, pointer in _documents(table, place):
            definition = next(entities)
            own = source.table(definition.source.table)
            if own is None:
                raise ValueError(f"the schema is of another source: no {definition.source.table}")
            found.append(
                Subject(
                    definition=definition,
                    own=own,
                    source=source,
                    table=table,
                    table_pointer=place,
                    pointer=pointer,
                    documents=attributes,
                    options=options,
                )
            )
    return tuple(found)


def _documents(table: doc.Table, place: str) -> Iterator[_Documents]:
    if table.type == "single-entity":
        yield table.attributes, table.dalkit.entity, place
        return
    for i, entity in enumerate(table.entities):
        yield entity.attributes, entity.dalkit, f"{place}/entities/{i}"
