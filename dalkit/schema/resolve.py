"""Contract and MySQL tables -> schema: every name resolved, every problem told."""

from __future__ import annotations

from collections.abc import Iterator

from dalkit.contract import document as doc
from dalkit.contract.problems import Problem, in_order, stops
from dalkit.schema.definition import (
    EntityDefinition,
    IndexDefinition,
    KeyAttribute,
    Schema,
    TableDefinition,
)
from dalkit.schema.entities import EntityDocument, resolve_entity
from dalkit.schema.report import Report
from dalkit.source.tables import Source

__all__ = ["resolve"]


def resolve(contract: doc.Contract, source: Source) -> tuple[Schema | None, tuple[Problem, ...]]:
    """The schema, or None when the contract cannot be resolved; and all problems, by place."""
    report = Report()
    tables: list[TableDefinition] = []
    entities: list[EntityDefinition] = []
    for position, table in enumerate(contract.tables):
        pointer = contract.pointer(position)
        definition = _table(table, pointer, report)
        tables.append(definition)
        for one in _entities(table, pointer):
            resolved = resolve_entity(
                one, definition, source, report, escape=table.dalkit.key_escape
            )
            if resolved is not None:
                entities.append(resolved)
    _check_names(entities, contract, report)
    problems = in_order(report.problems)
    if stops(problems):
        return None, problems
    return Schema(tables=tuple(tables), entities=tuple(entities)), problems


def _entities(table: doc.Table, pointer: str) -> Iterator[EntityDocument]:
    if table.type == "single-entity":
        yield EntityDocument(
            name=table.table,
            pointer=pointer,
            source_table=table.source_table or _agreed(table.attributes),
            source_pointer=f"{pointer}/source_table",
            attributes=table.attributes,
            options=table.dalkit.entity,
            options_pointer=f"{pointer}/dalkit",
        )
        return
    for position, entity in enumerate(table.entities):
        place = f"{pointer}/entities/{position}"
        yield EntityDocument(
            name=entity.entity_type,
            pointer=place,
            source_table=entity.source_table or table.source_table or _agreed(entity.attributes),
            source_pointer=f"{place}/source_table",
            attributes=entity.attributes,
            pk_template=entity.pk_template,
            sk_template=entity.sk_template,
            options=entity.dalkit,
            options_pointer=f"{place}/dalkit",
        )


def _agreed(attributes: tuple[doc.Attribute, ...]) -> str | None:
    """The table that all attributes without a join name, if they name one."""
    named = {a.source_table for a in attributes if a.source_table and a.join is None}
    return named.pop() if len(named) == 1 else None


def _table(table: doc.Table, pointer: str, report: Report) -> TableDefinition:
    multi = table.type == "multi-entity"
    pk = table.pk or "PK"
    sk = table.sk or ("SK" if multi and _has_sort_key(table) else None)
    indexes = tuple(
        IndexDefinition(
            name=gsi.index_name,
            pk=_key(gsi.pk, table, f"{pointer}/gsis/{i}/pk", report),
            sk=_key(gsi.sk, table, f"{pointer}/gsis/{i}/sk", report) if gsi.sk else None,
            projection=gsi.projection,
            projected=gsi.projected_attributes if gsi.projection == "INCLUDE" else (),
        )
        for i, gsi in enumerate(table.gsis)
    )
    return TableDefinition(
        name=table.table,
        pk=_key(pk, table, f"{pointer}/pk", report),
        sk=_key(sk, table, f"{pointer}/sk", report) if sk else None,
        indexes=indexes,
        discriminator=table.dalkit.discriminator,
        ttl=None,
    )


def _has_sort_key(table: doc.Table) -> bool:
    return any(
        entity.sk_template is not None or any(a.name == "SK" for a in entity.attributes)
        for entity in table.entities
    )


def _key(name: str, table: doc.Table, pointer: str, report: Report) -> KeyAttribute:
    """A key attribute with the type that the attributes of that name agree on; S where none is."""
    groups = [table.attributes, *(entity.attributes for entity in table.entities)]
    types = {a.type for group in groups for a in group if a.name == name}
    templated = any(e.pk_template or e.sk_template for e in table.entities) and name in (
        table.pk or "PK",
        table.sk or "SK",
    )
    if templated and any(
        all(a.name != name for a in entity.attributes) for entity in table.entities
    ):
        types.add("S")
    if len(types) > 1:
        report.add("DK223", pointer, f'the key attribute "{name}" is {" and ".join(sorted(types))}')
    for type in ("S", "N", "B"):
        if type in types:
            return KeyAttribute(name, type)
    return KeyAttribute(name)


def _check_names(entities: list[EntityDefinition], contract: doc.Contract, report: Report) -> None:
    """Record classes and handles share one module, so each name is borne once."""
    seen: dict[str, str] = {}
    for entity in entities:
        for name in (entity.record, f"{entity.record}Key", entity.handle):
            if name in seen:
                report.add(
                    "DK224",
                    "",
                    f'"{name}" would name both {seen[name]} and {entity.name}',
                )
            seen[name] = entity.name
