"""A document that has no faults as values: the classes of `document`, and what can be derived."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias, cast

from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, override

from dalkit.contract import document
from dalkit.contract.bearers import is_multi, key_name
from dalkit.contract.folds import Folded
from dalkit.contract.grammar import ENTITY_OPTIONS
from dalkit.contract.json_text import Json
from dalkit.contract.node import Node

__all__ = ["common_source", "structure"]

_Hook: TypeAlias = Callable[[Mapping[str, Any], object], object]

_VARIANTS: Mapping[str, type] = {
    "foreign-key": document.ForeignKey,
    "self-join": document.SelfJoin,
    "multi-column": document.MultiColumn,
    "conditional": document.Conditional,
    "chain": document.Chain,
    "lookup-table": document.LookupTable,
    "json-construction": document.JsonConstruction,
    "aggregate": document.Aggregate,
    "case": document.Case,
    "concat": document.Concat,
    "date-math": document.DateMath,
    "string-format": document.StringFormat,
    "date-format": document.DateFormat,
    "number-format": document.NumberFormat,
    "json-parse": document.JsonParse,
    "static": document.Static,
    "template": document.TemplateFormat,
}


def structure(value: Json, places: Sequence[int] = ()) -> document.Contract:
    """The contract that this JSON value is, or its tables at `places`; they must be checked."""
    bare = isinstance(value, list)
    tables = Node({"tables": value} if bare else value, "").listed("tables")
    chosen = [tables[place] for place in places] if places else tables
    contract: document.Contract = _converter().structure(
        {"tables": [_table(table) for table in chosen], "bare": bare, "places": list(places)},
        document.Contract,
    )
    return contract


def common_source(holder: Node) -> str | None:
    """The source table of a table or entity: its own, or the one that its attributes agree on."""
    given = holder.text("source_table")
    if given is not None:
        return given
    named = {one.text("source_table") for one in holder.listed("attributes")} - {None}
    return named.pop() if len(named) == 1 else None


def _table(table: Node) -> dict[str, object]:
    """The table with its derivable members filled in and its options sorted out."""
    members: dict[str, object] = {name: one.value for name, one in table.members()}
    for key in ("pk", "sk"):
        members[key] = key_name(table, key)
    entities = [_entity(entity, table) for entity in table.listed("entities")]
    first = entities[0]["source_table"] if entities else None
    members["entities"] = entities
    members["source_table"] = common_source(table) or first
    options = table.member("dalkit")
    if options and not is_multi(table):
        members["dalkit"] = _sorted_options(options)
    return members


def _entity(entity: Node, table: Node) -> dict[str, object]:
    members: dict[str, object] = {name: one.value for name, one in entity.members()}
    members["source_table"] = common_source(entity) or table.text("source_table")
    return members


def _sorted_options(options: Node) -> dict[str, object]:
    """A single-entity table's options, its entity's under `entity`."""
    given = {name: one.value for name, one in options.members()}
    entity = {name: value for name, value in given.items() if name in ENTITY_OPTIONS}
    own = {name: value for name, value in given.items() if name not in ENTITY_OPTIONS}
    return {**own, "entity": entity}


def _attribute(value: Mapping[str, Any]) -> dict[str, object]:
    """Source columns as a list; a concat without columns of its own takes the attribute's."""
    members = dict(value)
    columns = value.get("source_column", [])
    members["source_column"] = _listed(columns)
    members["listed"] = isinstance(columns, list) and "source_column" in value
    calculation = value.get("calculation")
    if calculation and calculation["type"] == "concat" and "parts" not in calculation:
        given = _listed(calculation.get("source_column", columns))
        members["calculation"] = {**calculation, "source_column": given}
    return members


def _construction(value: Mapping[str, Any]) -> dict[str, object]:
    return {
        **value,
        "select_columns": [list(pair) for pair in value["select_columns"].items()],
        "order_by": _listed(value.get("order_by", [])),
    }


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


@cache
def _converter() -> Converter:
    """A converter that takes each JSON value as it is or not at all."""
    converter = Converter(detailed_validation=False, forbid_extra_keys=True)
    for kind in (str, bool, int):
        converter.register_structure_hook(kind, _exactly(kind))
    for scalar in (document.JsonScalar, int | Decimal | None, str | int | None):
        converter.register_structure_hook(scalar, lambda value, _: value)
    converter.register_structure_hook(str | tuple[str, ...], _one_or_several)
    converter.register_structure_hook(str | tuple[str, ...] | Folded, _unique)
    for union in (document.Join, document.Calculation, document.Transformation):
        converter.register_structure_hook(union | None, _variant)
    _reshape(converter, document.Attribute, _attribute)
    _reshape(converter, document.Construction, _construction)
    _rename(converter, document.EntityOptions, class_name="class")
    _rename(converter, document.Case, otherwise="else")
    return converter


def _exactly(kind: type) -> Callable[[object, type], object]:
    def hook(value: object, _: type) -> object:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is no {kind.__name__}; check the document first")
        return value

    return hook


def _one_or_several(value: Any, _: type) -> str | tuple[str, ...]:
    return value if isinstance(value, str) else tuple(value)


def _unique(value: Any, _: type) -> Any:
    if isinstance(value, dict):
        return _converter().structure(value, Folded)
    return _one_or_several(value, _)


def _variant(value: Any, _: type) -> Any:
    if value is None:
        return None
    variant: Any = _VARIANTS[value["type"]]
    return _converter().structure(value, variant)


def _reshape(
    converter: Converter, kind: type, reshaped: Callable[[Mapping[str, Any]], dict[str, object]]
) -> None:
    plain = _plain(kind, converter)
    converter.register_structure_hook(kind, lambda value, _: plain(reshaped(value), kind))


def _rename(converter: Converter, kind: type, **names: str) -> None:
    renamed = {field: override(rename=name) for field, name in names.items()}
    converter.register_structure_hook(kind, _plain(kind, converter, **renamed))


def _plain(kind: type, converter: Converter, **overrides: Any) -> _Hook:
    # cattrs types what it generates by the class, which is not known before it runs.
    generate = cast(Any, make_dict_structure_fn)
    hook: _Hook = generate(kind, converter, _cattrs_forbid_extra_keys=True, **overrides)
    return hook
