"""Contract and MySQL tables -> schema: every name resolved, every problem told."""

from __future__ import annotations

from collections.abc import Iterator

from dalkit.contract import document as doc
from dalkit.contract.problems import Problem, in_order, stops
from dalkit.schema.classes import Described, with_class_names
from dalkit.schema.definition import IndexDefinition, KeyAttribute, Schema, TableDefinition
from dalkit.schema.entities import EntityDocument, resolve_entity
from dalkit.schema.keys import KeyTemplate
from dalkit.schema.neighbors import with_neighbors
from dalkit.schema.report import Report
from dalkit.source.tables import Source

__all__ = ["resolve"]


def resolve(contract: doc.Contract, source: Source) -> tuple[Schema | None, tuple[Problem, ...]]:
    """The schema, or None when the contract cannot be resolved; and all problems, by place."""
    report = Report()
    tables: list[TableDefinition] = []
    found: list[Described] = []
    for position, table in enumerate(contract.tables):
        pointer = contract.pointer(position)
        tables.append(_table(table, pointer, report))
        for one in _entities(table, pointer):
            resolved = resolve_entity(one, tables[-1], source, report)
            if resolved is not None:
                found.append(Described(resolved, one.options, one.pointer))
    entities = with_neighbors(with_class_names(found, report))
    problems = in_order(report.problems)
    if stops(problems):
        return None, problems
    return Schema(tables=tuple(tables), entities=entities), problems


def _entities(table: doc.Table, pointer: str) -> Iterator[EntityDocument]:
    if table.type == "single-entity":
        yield EntityDocument(
            name=table.table,
            pointer=pointer,
            source_table=table.source_table,
            attributes=table.attributes,
            templates=_templates(table, None, pointer),
            options=table.dalkit.entity,
            escape=table.dalkit.key_escape,
        )
        return
    for position, entity in enumerate(table.entities):
        place = f"{pointer}/entities/{position}"
        yield EntityDocument(
            name=entity.entity_type,
            pointer=place,
            source_table=entity.source_table or table.source_table,
            attributes=entity.attributes,
            templates=_templates(table, entity, place),
            options=entity.dalkit,
            escape=table.dalkit.key_escape,
        )


def _templates(
    table: doc.Table, entity: doc.Entity | None, pointer: str
) -> tuple[KeyTemplate, ...]:
    pk, sk = (None, None) if entity is None else (entity.pk_template, entity.sk_template)
    tail = "" if entity is None else "_template"
    found = [KeyTemplate(table.pk or "PK", pk, f"{pointer}/pk{tail}")]
    if table.sk is not None:
        found.append(KeyTemplate(table.sk, sk, f"{pointer}/sk{tail}"))
    return tuple(found)


def _table(table: doc.Table, pointer: str, report: Report) -> TableDefinition:
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
        pk=_key(table.pk or "PK", table, f"{pointer}/pk", report),
        sk=_key(table.sk, table, f"{pointer}/sk", report) if table.sk else None,
        indexes=indexes,
        discriminator=table.dalkit.discriminator,
        ttl=_ttl(table, pointer, report),
    )


def _ttl(table: doc.Table, pointer: str, report: Report) -> str | None:
    """The one attribute of a table that says when its items expire."""
    holders = [(table.dalkit.entity, table.attributes)]
    holders += [(entity.dalkit, entity.attributes) for entity in table.entities]
    names = {
        one.name: None
        for options, attributes in holders
        for one in attributes
        if options.ttl is not None and options.ttl in (one.name, one.dalkit.name)
    }
    if len(names) > 1:
        text = f"a table has one attribute that says when items expire, not {' and '.join(names)}"
        report.add("DK222", pointer, text)
    return next(iter(names), None)


def _key(name: str, table: doc.Table, pointer: str, report: Report) -> KeyAttribute:
    """A key attribute with the type that the attributes of that name agree on; S where none is."""
    groups = [table.attributes, *(entity.attributes for entity in table.entities)]
    types = {a.type for group in groups for a in group if a.name == name}
    if any(_templated(name, table, entity) for entity in table.entities):
        types.add("S")
    if len(types) > 1:
        text = f'the key attribute "{name}" is {" and ".join(sorted(types))}'
        report.add("DK136", pointer, text)
    for type in ("S", "N", "B"):
        if type in types:
            return KeyAttribute(name, type)
    return KeyAttribute(name)


def _templated(name: str, table: doc.Table, entity: doc.Entity) -> bool:
    """Whether a template alone gives an entity this key."""
    own = {table.pk or "PK": entity.pk_template, table.sk: entity.sk_template}
    return own.get(name) is not None and all(a.name != name for a in entity.attributes)
