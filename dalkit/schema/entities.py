"""One entity of the contract resolved: its source, fields, attributes and keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from attrs import evolve, frozen

from dalkit.contract import document as doc
from dalkit.schema.attributes import meaning_of
from dalkit.schema.behind import tables_behind
from dalkit.schema.contents import Contents, content_of, parts_of
from dalkit.schema.context import Context
from dalkit.schema.definition import (
    AttributeDefinition,
    Carried,
    Constant,
    EntityDefinition,
    FieldDefinition,
    Part,
    TableDefinition,
)
from dalkit.schema.generated import counted, with_generated
from dalkit.schema.keys import (
    KeyTemplate,
    add_composites,
    add_templates,
    key_names,
    table_keys,
)
from dalkit.schema.meaning import Meant
from dalkit.schema.naming import camel, identifier, plural, singular, snake
from dalkit.schema.new_parts import with_new_parts
from dalkit.schema.options import Options, row_filter
from dalkit.schema.registry import Registry
from dalkit.schema.report import Report, Unresolved
from dalkit.schema.scope import Named, Scope
from dalkit.schema.ways import Ways
from dalkit.source.tables import Source, SourceTable

__all__ = ["EntityDocument", "resolve_entity"]


@final
@frozen(kw_only=True)
class EntityDocument:
    """One entity as the contract gives it, of a single- or a multi-entity table."""

    name: str
    pointer: str
    """Of the entity, or of its single-entity table."""
    source_table: str | None
    attributes: tuple[doc.Attribute, ...]
    templates: tuple[KeyTemplate, ...]
    """One for each key attribute of the table, with or without a text."""
    options: doc.EntityOptions
    escape: bool


def resolve_entity(
    one: EntityDocument, table: TableDefinition, source: Source, report: Report
) -> EntityDefinition | None:
    """The entity, or None when it has problems (all of them are in the report)."""
    own = _own_table(one, source, report)
    if own is None:
        return None
    before = len(report.problems)
    definition = _Entity(one, table, own, _context(one, own, source, report)).resolved()
    return None if report.failed_since(before) else definition


def _own_table(one: EntityDocument, source: Source, report: Report) -> SourceTable | None:
    place = f"{one.pointer}/source_table"
    if one.source_table is None:
        report.add("DK201", place, f'"{one.name}" names no source table')
        return None
    found = source.table(one.source_table)
    if found is None:
        known = (table.name for table in source.tables)
        report.unknown("DK201", place, "table", one.source_table, known)
    return found


def _context(one: EntityDocument, own: SourceTable, source: Source, report: Report) -> Context:
    place = f"{one.pointer}/attributes"
    attributes = {a.name: (a, f"{place}/{i}") for i, a in enumerate(one.attributes)}
    base = Scope(own=Named(own.name, own, (own.name,)), source=source, report=report)
    ways = Ways(base, attributes)
    booleans = frozenset(
        column.rpartition(".")[2].lower()
        for a in one.attributes
        if a.type == "BOOL" and a.join is None and a.calculation is None
        for column in a.source_column
    )
    return Context(
        record=one.options.class_name or camel(singular(snake(one.name))),
        scope=evolve(base, reach=ways.reach),
        ways=ways,
        attributes=attributes,
        booleans=booleans,
    )


@final
@frozen
class _Entity:
    one: EntityDocument
    table: TableDefinition
    own: SourceTable
    context: Context

    def resolved(self) -> EntityDefinition:
        registry = Registry(self.context.report, self.own)
        contents: Contents = {}
        meant: dict[str, Meant] = {}
        for key in (False, True):
            self._attributes(registry, contents, meant, key=key)
        escape = self.one.escape
        add_templates(self.one.templates, meant, contents, self.context, registry, escape=escape)
        discriminator = self.table.discriminator
        if discriminator is not None:
            contents.setdefault(discriminator, ("S", Constant(self.one.name)))
        place = self.one.pointer
        add_composites(contents, self.context, self.table, registry, place, escape=escape)
        self._check_keys(contents)
        return self._definition(registry, contents)

    def _attributes(
        self, registry: Registry, contents: Contents, meant: dict[str, Meant], *, key: bool
    ) -> None:
        keys = key_names(self.table)
        for name, (attribute, pointer) in self.context.attributes.items():
            if (name in keys) is not key:
                continue
            context = evolve(self.context, open=(name,))
            try:
                meant[name] = meaning_of(attribute, context, pointer, key=key)
                content = content_of(
                    meant[name], attribute, pointer, registry, key=key, escape=self.one.escape
                )
                contents[name] = (attribute.type, content)
            except Unresolved:
                continue

    def _check_keys(self, contents: Contents) -> None:
        for one in self.one.templates:
            known = (*contents, *self.context.attributes)
            composed = all(part in known for part in one.name.split("#"))
            if one.name not in known and not composed and one.text is None:
                text = f'"{self.one.name}" gives its key attribute "{one.name}" no value'
                self.context.report.add("DK135", one.pointer, text)

    def _definition(self, registry: Registry, contents: Contents) -> EntityDefinition:
        key = _key_fields(contents, self.table)
        for one in registry.definitions():
            if one.name in key and one.nullable:
                text = f'"{one.name}" is part of the key and may be NULL: such a row is refused'
                self.context.report.add("DK221", self.one.pointer, text)
                registry.never_null(one.name)
        given = self.one.options
        place = f"{self.one.pointer}/dalkit"
        fields = _in_contract_order(registry.definitions(), contents)
        options = Options(
            given=given, pointer=place, fields=fields, contents=contents, report=registry.report
        )
        counter = options.counter() or counted(fields, self.own)
        fields = with_generated(fields, self.own, counter)
        found = registry.source(row_filter(given, place, self.context.scope))
        fields = with_new_parts(fields, found, self.context.scope.source)
        return EntityDefinition(
            name=self.one.name,
            record=self.context.record,
            handle=given.handle or identifier(plural(snake(self.one.name))),
            table=self.table,
            source=found,
            fields=fields,
            attributes=_attributes(contents, self.table),
            key=key,
            unique=options.unique(),
            folds=options.folds(),
            version=options.version(),
            ttl=options.ttl(),
            counter=next((one.name for one in fields if one.generated == "counter"), None),
            mysql=tables_behind(found, self.context.scope.source),
        )


def _key_fields(contents: Contents, table: TableDefinition) -> tuple[str, ...]:
    """The fields of the table's key, in the key's order."""
    contained = [contents[name][1] for name in table_keys(table) if name in contents]
    parts = (part for content in contained for part in parts_of(content))
    return tuple(dict.fromkeys(part.field for part in parts if isinstance(part, Part)))


def _attributes(contents: Contents, table: TableDefinition) -> tuple[AttributeDefinition, ...]:
    """The table's key first, then the indexes' keys, then the rest in the contract's order."""
    names = [name for name in key_names(table) if name in contents]
    names += [name for name in contents if name not in names]
    return tuple(
        AttributeDefinition(name=name, type=contents[name][0], content=contents[name][1])
        for name in names
    )


def _in_contract_order(
    fields: tuple[FieldDefinition, ...], contents: Mapping[str, tuple[str, object]]
) -> tuple[FieldDefinition, ...]:
    """Fields that an attribute carries in the attributes' order, then those only keys hold."""
    carried = [content.field for _, content in contents.values() if isinstance(content, Carried)]
    order = {name: position for position, name in enumerate(dict.fromkeys(carried))}
    return tuple(sorted(fields, key=lambda field: order.get(field.name, len(order))))
