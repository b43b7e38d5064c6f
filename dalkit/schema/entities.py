"""One entity of the contract resolved: its source, fields, attributes and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import final

from attrs import evolve, frozen

from dalkit.contract import document as doc
from dalkit.kinds import Bytes, Json, Kind, Listed, Members, Nested, Text, allowed_types
from dalkit.schema import fragments
from dalkit.schema.attributes import Context, meaning_of, placeholder
from dalkit.schema.definition import (
    AttributeDefinition,
    Carried,
    Constant,
    Content,
    EntityDefinition,
    FieldDefinition,
    Part,
    TableDefinition,
    Template,
)
from dalkit.schema.formats import template_parts
from dalkit.schema.joins import identity_of, join_value
from dalkit.schema.meaning import Meaning, Pattern
from dalkit.schema.naming import camel, identifier, plural, singular, snake
from dalkit.schema.registry import Registry, carried_name, key_name
from dalkit.schema.report import Report, Unresolved
from dalkit.schema.scope import Named, Scope
from dalkit.source.tables import Source, SourceTable
from dalkit.source.tree import Column, Hop, Lookup, Scalar

__all__ = ["EntityDocument", "resolve_entity"]


@final
@frozen(kw_only=True)
class EntityDocument:
    """One entity as the contract gives it, of a single- or a multi-entity table."""

    name: str
    pointer: str
    """Of the entity, or of its single-entity table."""
    source_table: str | None
    source_pointer: str
    attributes: tuple[doc.Attribute, ...]
    pk_template: str | None = None
    sk_template: str | None = None
    options: doc.EntityOptions = doc.EntityOptions()
    options_pointer: str = ""


def resolve_entity(
    one: EntityDocument,
    table: TableDefinition,
    source: Source,
    report: Report,
    *,
    escape: bool,
) -> EntityDefinition | None:
    """The entity, or None when it has problems (all of them are in the report)."""
    own = _own_table(one, source, report)
    if own is None:
        return None
    before = len(report.problems)
    builder = _Builder(one, table, own, _context(one, own, source, report), report, escape)
    definition = builder.build()
    failed = any(p.severity == "error" for p in report.problems[before:])
    return None if failed else definition


def _own_table(one: EntityDocument, source: Source, report: Report) -> SourceTable | None:
    if one.source_table is None:
        report.add("DK201", one.source_pointer, f'"{one.name}" names no source table')
        return None
    found = source.table(one.source_table)
    if found is None:
        known = (table.name for table in source.tables)
        report.unknown("DK201", one.source_pointer, "table", one.source_table, known)
    return found


def _context(one: EntityDocument, own: SourceTable, source: Source, report: Report) -> Context:
    named = Named(own.name, own, (own.name,))
    base = Scope(own=named)
    place = f"{one.pointer}/attributes"
    listed = {a.name: (a, f"{place}/{i}") for i, a in enumerate(one.attributes)}
    scope = evolve(base, reach=_reach(one, base, source))
    booleans = frozenset(
        column.rpartition(".")[2].lower()
        for a in one.attributes
        if a.type == "BOOL" and a.join is None and a.calculation is None
        for column in a.source_column
    )
    return Context(
        record=record_name(one),
        scope=scope,
        source=source,
        report=report,
        attributes=listed,
        booleans=booleans,
    )


def record_name(one: EntityDocument) -> str:
    return one.options.class_name or camel(singular(snake(one.name)))


def _reach(
    one: EntityDocument, base: Scope, source: Source
) -> Callable[[str, Column, str], Scalar | None]:
    """Tables that are no side of a fragment, seen through the entity's other joins or one key."""

    def reach(name: str, column: Column, pointer: str) -> Scalar | None:
        table = source.table(name)
        if table is None:
            return None
        hops = _declared_hops(one, base, source, table) or _key_hops(base, table)
        held = table.column(column.name)
        if hops is None or held is None:
            return None
        return Lookup(hops, Column(hops[-1].row, held.name))

    return reach


def _declared_hops(
    one: EntityDocument, base: Scope, source: Source, table: SourceTable
) -> tuple[Hop, ...] | None:
    found: dict[tuple[Hop, ...], None] = {}
    for attribute in one.attributes:
        if isinstance(attribute.join, doc.ForeignKey | doc.LookupTable | doc.MultiColumn):
            if attribute.join.target_table.lower() != table.name.lower():
                continue
            try:
                joined = join_value(attribute.join, base, source, "", Report())
            except Unresolved:
                continue
            if isinstance(joined.value, Lookup):
                found[joined.value.hops] = None
    return next(iter(found)) if len(found) == 1 else None


def _key_hops(base: Scope, table: SourceTable) -> tuple[Hop, ...] | None:
    own = base.own.table
    keys = [k for k in own.foreign_keys if k.target_table.lower() == table.name.lower()]
    if len(keys) != 1 or table.name == own.name or len(keys[0].columns) != 1:
        return None
    from dalkit.source.tree import Compare

    on = Compare(
        "=",
        Column(table.name, keys[0].target_columns[0]),
        Column(base.own.row, keys[0].columns[0]),
    )
    return (Hop(table.name, table.name, on),)


@final
@frozen
class _Builder:
    one: EntityDocument
    table: TableDefinition
    own: SourceTable
    context: Context
    report: Report
    escape: bool

    def build(self) -> EntityDefinition:
        registry = Registry(self.report, self.own)
        contents: dict[str, tuple[str, Content]] = {}
        for key in (False, True):
            for name, (attribute, pointer) in self.context.attributes.items():
                if (name in self._key_names()) is key:
                    self._attribute(attribute, pointer, registry, contents, key=key)
        self._templates(registry, contents)
        self._composites(contents)
        self._discriminator(contents)
        return self._definition(registry, contents)

    def _key_names(self) -> frozenset[str]:
        keys = [self.table.pk, self.table.sk]
        for index in self.table.indexes:
            keys += [index.pk, index.sk]
        return frozenset(key.name for key in keys if key is not None)

    def _attribute(
        self,
        attribute: doc.Attribute,
        pointer: str,
        registry: Registry,
        contents: dict[str, tuple[str, Content]],
        *,
        key: bool,
    ) -> None:
        context = evolve(self.context, open=(attribute.name,))
        try:
            meant = meaning_of(attribute, context, pointer, key=key)
            content = self._content(meant, attribute, pointer, registry, key=key)
        except Unresolved:
            return
        contents[attribute.name] = (attribute.type, content)

    def _content(
        self,
        meant: Meaning | Pattern | Constant,
        attribute: doc.Attribute,
        pointer: str,
        registry: Registry,
        *,
        key: bool,
    ) -> Content:
        if isinstance(meant, Constant):
            return _constant(meant, attribute, pointer, self.report, key=key)
        if isinstance(meant, Pattern):
            if attribute.type != "S":
                raise self.report.stop(
                    "DK205",
                    f"{pointer}/type",
                    f"a key made by a template is S, not {attribute.type}",
                )
            return self._template(meant, attribute, pointer, registry)
        name = carried_name(attribute.name, attribute.dalkit.name)
        if key:
            name = attribute.dalkit.name or key_name(meant, attribute.name, self.own)
        field = registry.define(meant, name, pointer, secret=attribute.dalkit.secret)
        _check_type(field, attribute, pointer, self.report)
        return Carried(field.name)

    def _template(
        self, pattern: Pattern, attribute: doc.Attribute | str, pointer: str, registry: Registry
    ) -> Template:
        parts: list[str | Part] = []
        given = None if isinstance(attribute, str) else attribute.dalkit.name
        base = attribute if isinstance(attribute, str) else attribute.name
        for part in pattern.parts:
            if isinstance(part, str):
                parts.append(part)
                continue
            meant, width = part
            name = given or key_name(meant, base, self.own)
            field = registry.define(meant, name, pointer)
            if isinstance(field.kind, Bytes | Json | Nested | Listed):
                raise self.report.stop(
                    "DK204", pointer, f'"{field.name}" has no text that a key could hold'
                )
            parts.append(Part(field.name, width))
        return Template(tuple(parts), escape=self.escape)

    def _templates(self, registry: Registry, contents: dict[str, tuple[str, Content]]) -> None:
        """`pk_template` and `sk_template`: they define a key, or must agree with its attribute."""
        pairs = [(self.table.pk, self.one.pk_template, "pk_template")]
        if self.table.sk is not None:
            pairs.append((self.table.sk, self.one.sk_template, "sk_template"))
        for key, text, member in pairs:
            place = f"{self.one.pointer}/{member}"
            if text is None:
                self._needs_attribute(key.name, place)
                continue
            try:
                made = self._key_template(text, key.name, place, registry)
            except Unresolved:
                continue
            if key.name in contents:
                self._compare(contents[key.name][1], made, key.name, place)
            elif key.name not in self.context.attributes:
                contents[key.name] = ("S", made)

    def _needs_attribute(self, name: str, place: str) -> None:
        composite = "#" in name
        if name not in self.context.attributes and not composite:
            self.report.add(
                "DK219", place, f'"{self.one.name}" gives its key attribute "{name}" no value'
            )

    def _key_template(self, text: str, attribute: str, place: str, registry: Registry) -> Template:
        parts = template_parts(text)
        if isinstance(parts, str):
            raise self.report.stop("DK204", place, f'"{text[:100]}": {parts}')
        context = self.context
        resolved = tuple(
            part
            if isinstance(part, str)
            else (placeholder(part.name, context, place, excluding=attribute), part.width)
            for part in parts
        )
        return self._template(Pattern(resolved), attribute, place, registry)

    def _compare(self, content: Content, made: Template, name: str, place: str) -> None:
        """The attribute defines the value; a template that says otherwise is told."""
        given = Template((str(content.value),)) if isinstance(content, Constant) else content
        if isinstance(given, Carried):
            given = Template((Part(given.field),))
        if given != made and given != evolve(made, escape=False):
            self.report.add(
                "DK220",
                place,
                f'the template gives "{_shown(made)}", the attribute {name} "{_shown(given)}": '
                "the attribute is taken",
            )

    def _composites(self, contents: dict[str, tuple[str, Content]]) -> None:
        """`a#b` that no attribute bears: the named attributes joined (`contract-format` 6)."""
        for name in sorted(self._key_names()):
            parts = name.split("#")
            if name in self.context.attributes or name in contents or len(parts) < 2:
                continue
            if any(part not in contents for part in parts):
                continue
            pieces: list[str | Part] = []
            for i, part in enumerate(parts):
                pieces += ["#"] if i else []
                pieces += _pieces(contents[part][1])
            contents[name] = ("S", Template(tuple(pieces), escape=self.escape))

    def _discriminator(self, contents: dict[str, tuple[str, Content]]) -> None:
        name = self.table.discriminator
        if name is not None and name not in contents:
            contents[name] = ("S", Constant(self.one.name))

    def _definition(
        self, registry: Registry, contents: Mapping[str, tuple[str, Content]]
    ) -> EntityDefinition:
        key = self._key_fields(contents, registry)
        for name in key:
            self._tell_null_key(registry, name)
            registry.never_null(name)
        identity, identified = identity_of(self.own)
        options = self.one.options
        fields = _in_contract_order(registry.definitions(), contents)
        return EntityDefinition(
            name=self.one.name,
            record=self.context.record,
            handle=options.handle or identifier(plural(snake(self.one.name))),
            table=self.table,
            source=evolve(registry.source(identity, identified), where=self._where()),
            fields=fields,
            attributes=_attributes(contents, self.table),
            key=key,
            unique=self._unique(fields),
            version=self._option_field(options.version, "version", fields),
            ttl=self._option_field(options.ttl, "ttl", fields),
            counter=options.counter,
        )

    def _key_fields(
        self, contents: Mapping[str, tuple[str, Content]], registry: Registry
    ) -> tuple[str, ...]:
        found: list[str] = []
        for key in (self.table.pk, self.table.sk):
            if key is not None and key.name in contents:
                found += [p.field for p in _pieces(contents[key.name][1]) if isinstance(p, Part)]
        return tuple(dict.fromkeys(found))

    def _tell_null_key(self, registry: Registry, name: str) -> None:
        field = next((one for one in registry.definitions() if one.name == name), None)
        if field is not None and field.nullable:
            self.report.add(
                "DK221",
                self.one.pointer,
                f'"{name}" is part of the key and may be NULL: such a row is no record and is refused',
            )

    def _where(self) -> Scalar | None:
        text = self.one.options.where
        if text is None:
            return None
        place = f"{self.one.options_pointer}/where"
        try:
            return fragments.value(text, self.context.scope, place, self.report)
        except Unresolved:
            return None

    def _unique(self, fields: tuple[FieldDefinition, ...]) -> tuple[tuple[str, ...], ...]:
        found = []
        for i, one in enumerate(self.one.options.unique):
            names = (one,) if isinstance(one, str) else one
            place = f"{self.one.options_pointer}/unique/{i}"
            found.append(tuple(self._field_named(name, fields, place) for name in names))
        return tuple(found)

    def _option_field(
        self, name: str | None, member: str, fields: tuple[FieldDefinition, ...]
    ) -> str | None:
        if name is None:
            return None
        return self._field_named(name, fields, f"{self.one.options_pointer}/{member}")

    def _field_named(self, name: str, fields: Iterable[FieldDefinition], place: str) -> str:
        for field in fields:
            if name in (field.name, field.column):
                return field.name
        self.report.unknown("DK222", place, "field", name, (field.name for field in fields))
        return name


def _pieces(content: Content) -> list[str | Part]:
    match content:
        case Carried(field):
            return [Part(field)]
        case Template(parts):
            return list(parts)
        case Constant(value):
            return [str(value)]


def _shown(content: Content) -> str:
    return "".join(
        piece if isinstance(piece, str) else f"{{{piece.field}{_width(piece)}}}"
        for piece in _pieces(content)
    )


def _width(part: Part) -> str:
    return f":0{part.width}" if part.width else ""


def _attributes(
    contents: Mapping[str, tuple[str, Content]], table: TableDefinition
) -> tuple[AttributeDefinition, ...]:
    """The table's key first, then the indexes' keys, then the rest in the contract's order."""
    keys = [table.pk.name] + ([table.sk.name] if table.sk else [])
    for index in table.indexes:
        keys += [index.pk.name] + ([index.sk.name] if index.sk else [])
    names = [name for name in dict.fromkeys(keys) if name in contents]
    names += [name for name in contents if name not in names]
    return tuple(
        AttributeDefinition(name=name, type=contents[name][0], content=contents[name][1])
        for name in names
    )


def _in_contract_order(
    fields: tuple[FieldDefinition, ...], contents: Mapping[str, tuple[str, Content]]
) -> tuple[FieldDefinition, ...]:
    """Fields that an attribute carries in the attributes' order, then those only keys hold."""
    carried = [content.field for _, content in contents.values() if isinstance(content, Carried)]
    order = {name: position for position, name in enumerate(dict.fromkeys(carried))}
    return tuple(sorted(fields, key=lambda field: order.get(field.name, len(order))))


def _constant(
    constant: Constant, attribute: doc.Attribute, pointer: str, report: Report, *, key: bool
) -> Content:
    value = constant.value
    fits = {
        "S": isinstance(value, str),
        "N": not isinstance(value, str | bool | None),
        "BOOL": isinstance(value, bool),
        "NULL": value is None,
    }
    if not fits.get(attribute.type, False):
        raise report.stop(
            "DK205", f"{pointer}/type", f"the constant {value!r} is not of type {attribute.type}"
        )
    return Template((value,)) if key and isinstance(value, str) else constant


def _check_type(
    field: FieldDefinition, attribute: doc.Attribute, pointer: str, report: Report
) -> None:
    """Whether the attribute's type can carry the field's kind, and what it narrows."""
    place, type = f"{pointer}/type", attribute.type
    if type == "NULL":
        if not field.nullable:
            report.add(
                "DK205", place, f'"{attribute.name}" is never NULL, and NULL holds nothing else'
            )
        return
    allowed = allowed_types(field.kind)
    if type not in allowed:
        report.add(
            "DK205",
            place,
            f'"{attribute.name}" of kind {type_name(field.kind)} cannot be {type}',
            fix=f"use {' or '.join(allowed)}",
        )
    elif isinstance(field.kind, Text) and type == "N":
        report.add(
            "DK206", place, f'"{attribute.name}" is text: rows whose text is no number are refused'
        )
    elif isinstance(field.kind, Members) and type == "SS" and field.nullable:
        report.add("DK206", place, f'"{attribute.name}": an empty set is read back as NULL')


def type_name(kind: Kind) -> str:
    return type(kind).__name__
