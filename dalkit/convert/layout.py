"""An entity's layout, ready for conversion: each field's home, and which attributes are keys."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeAlias, final

import attrs
from attrs import frozen

from dalkit import kinds
from dalkit.convert.attributes import attribute_of
from dalkit.convert.numbers import number_text
from dalkit.convert.templates import Cuts, cuts_of
from dalkit.convert.transformations import Transformation, padded, transformation
from dalkit.schema.definition import (
    AttributeDefinition,
    Carried,
    Constant,
    EntityDefinition,
    FieldDefinition,
    IndexDefinition,
    Part,
    TableDefinition,
    Template,
)
from dalkit.schema.entity import Entity, definition_of, key_class_of, record_class_of

__all__ = ["EXTRA", "Layout", "Row", "fields_of", "layout_of", "of_one_cell"]

Row: TypeAlias = tuple[Any, ...]

EXTRA = "extra_"
_PARTITION_LIMIT, _SORT_LIMIT = 2_048, 1_024


@final
@frozen(kw_only=True)
class Layout:
    definition: EntityDefinition
    record: type[Any]
    key: type[Any]
    classes: Mapping[str, type[Any]]
    kinds: Mapping[str, kinds.Kind]
    """The kind of each field."""
    keys: Mapping[str, int]
    """The key attributes of the table and its indexes, and how many bytes each may have."""
    table_keys: tuple[str, ...]
    homes: Mapping[str, str]
    """The attribute that each field is read from."""
    cuts: Mapping[str, Cuts]
    """How the templates that are a field's home are read."""
    homeless: tuple[str, ...]
    """Fields that no attribute gives back."""
    transformations: Mapping[str, Transformation]
    constants: Mapping[str, dict[str, Any]]
    no_extra: Mapping[str, Any]
    """What `extra_` is where an item has nothing unknown."""

    def secret(self, attribute: AttributeDefinition) -> bool:
        """Whether the attribute's value would show a secret field."""
        return any(self.definition.by_field[one].secret for one in fields_of(attribute))


def layout_of(entity: Entity[Any, Any]) -> Layout:
    """The layout of an entity; a definition that cannot be converted at all raises ValueError."""
    definition = definition_of(entity)
    kinds_of = {one.name: one.kind for one in definition.fields}
    _check_names(definition)
    keys = _keys(definition)
    homes, cuts = _homes(definition, kinds_of, keys)
    _check_widths(definition, kinds_of)
    return Layout(
        definition=definition,
        record=record_class_of(entity),
        key=key_class_of(entity),
        classes=dict(entity._nested),
        kinds=kinds_of,
        keys=keys,
        table_keys=_table_keys(definition),
        homes=homes,
        cuts=cuts,
        homeless=tuple(name for name in kinds_of if name not in homes),
        transformations=_transformations(definition),
        constants=_constants(definition),
        no_extra=_no_extra(record_class_of(entity)),
    )


def of_one_cell(definition: EntityDefinition, field: FieldDefinition) -> bool:
    """Whether the field is one cell, and not the columns of a map or list."""
    if not isinstance(field.kind, (kinds.Nested, kinds.Listed)):
        return True
    only = definition.by_cell[field.cells[0]] if len(field.cells) == 1 else None
    return only is not None and isinstance(only.kind, kinds.Nested)


def fields_of(attribute: AttributeDefinition) -> tuple[str, ...]:
    """The fields that an attribute shows."""
    match attribute.content:
        case Carried(field):
            return (field,)
        case Template(parts=parts):
            return tuple(part.field for part in parts if isinstance(part, Part))
        case Constant():
            return ()


def _check_names(definition: EntityDefinition) -> None:
    for one in definition.attributes:
        try:
            one.name.encode("utf-8")
        except UnicodeEncodeError:
            raise ValueError(f"attribute name {one.name!r} is not UTF-8") from None


def _table_keys(definition: EntityDefinition) -> tuple[str, ...]:
    table = definition.table
    return (table.pk.name, table.sk.name) if table.sk else (table.pk.name,)


def _keys(definition: EntityDefinition) -> dict[str, int]:
    table = definition.table
    limits: dict[str, int] = {}
    holders: tuple[TableDefinition | IndexDefinition, ...] = (table, *table.indexes)
    for one in holders:
        limits[one.pk.name] = min(limits.get(one.pk.name, _PARTITION_LIMIT), _PARTITION_LIMIT)
        if one.sk is not None:
            limits[one.sk.name] = _SORT_LIMIT
    named = definition.by_attribute
    missing = [name for name in _table_keys(definition) if name not in named]
    if missing:
        raise ValueError(f"entity {definition.name} has no attribute for its key {missing[0]!r}")
    return {name: limit for name, limit in limits.items() if name in named}


def _homes(
    definition: EntityDefinition, kinds_of: Mapping[str, kinds.Kind], keys: Mapping[str, int]
) -> tuple[dict[str, str], dict[str, Cuts]]:
    homes: dict[str, str] = {}
    ordered = sorted(definition.attributes, key=lambda one: one.name in keys)
    for attribute in ordered:
        if isinstance(attribute.content, Carried):
            homes.setdefault(attribute.content.field, attribute.name)
    cuts: dict[str, Cuts] = {}
    for attribute in definition.attributes:
        _template_homes(definition, attribute, kinds_of, homes, cuts)
    return homes, cuts


def _template_homes(
    definition: EntityDefinition,
    attribute: AttributeDefinition,
    kinds_of: Mapping[str, kinds.Kind],
    homes: dict[str, str],
    cuts: dict[str, Cuts],
) -> None:
    template = attribute.content
    if not isinstance(template, Template) or attribute.type != "S":
        return
    fields = fields_of(attribute)
    found = cuts_of(template, kinds_of)
    if found is None or all(one in homes for one in fields):
        return
    for field in fields:
        others = (definition.by_field[one] for one in fields if one != field)
        absent_together = attribute.name not in _table_keys(definition) and any(
            one.nullable for one in others
        )
        if field not in homes and not absent_together:
            homes[field] = attribute.name
            cuts[attribute.name] = found


def _check_widths(definition: EntityDefinition, kinds_of: Mapping[str, kinds.Kind]) -> None:
    for attribute in definition.attributes:
        if isinstance(attribute.content, Template):
            for part in attribute.content.parts:
                if isinstance(part, Part):
                    padded(kinds_of[part.field], "", part.width)


def _transformations(definition: EntityDefinition) -> dict[str, Transformation]:
    cells = {name: cell.kind for name, cell in definition.by_cell.items()}
    return {
        one.name: transformation(one.transformed, one.cells, cells)
        for one in definition.fields
        if one.transformed is not None
    }


def _constants(definition: EntityDefinition) -> dict[str, dict[str, Any]]:
    return {
        one.name: _constant(one, one.content.value)
        for one in definition.attributes
        if isinstance(one.content, Constant)
    }


def _constant(attribute: AttributeDefinition, value: Any) -> dict[str, Any]:
    match attribute.type, value:
        case "NULL", None:
            return {"NULL": True}
        case "BOOL", bool():
            return {"BOOL": value}
        case "N", int() | Decimal() | str():
            return {"N": number_text(Decimal(value))}
        case "S", str() | int() | Decimal():
            return attribute_of(kinds.Text(), "S", str(value))
        case _:
            raise ValueError(
                f"attribute {attribute.name!r} of type {attribute.type} cannot be {value!r}"
            )


def _no_extra(record: type[Any]) -> Mapping[str, Any]:
    default = getattr(attrs.fields_dict(record).get(EXTRA), "default", attrs.NOTHING)
    if isinstance(default, Mapping):
        return default
    return MappingProxyType({})
