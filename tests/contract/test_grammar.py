"""The grammar and the classes of the document name the same members."""

from __future__ import annotations

from typing import get_args

import attrs
import pytest

from dalkit.contract import document, grammar

VARIANTS = {
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
OBJECTS = {
    **grammar.JOIN.variants,
    **grammar.CALCULATION.variants,
    **grammar.TRANSFORMATION.variants,
}
RENAMED = {"class_name": "class", "otherwise": "else"}
WORDS = {name: get_args(attrs.fields_dict(kind)["type"].type) for name, kind in VARIANTS.items()}


def members(kind: type[attrs.AttrsInstance]) -> set[str]:
    """The class's fields under their names in the document."""
    return {RENAMED.get(name, name) for name in attrs.fields_dict(kind)}


def test_every_variant_is_known_to_both() -> None:
    """No type can be read that has no class."""
    assert OBJECTS.keys() == VARIANTS.keys()


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_variants_have_the_same_members(name: str) -> None:
    """Also the same ones are needed, but for `value`, which is needed although it may be null."""
    rules, fields = OBJECTS[name].members, attrs.fields_dict(VARIANTS[name])
    needed = {one for one, rule in rules.items() if rule.needed} - {"type", "value"}

    assert rules.keys() == members(VARIANTS[name])
    assert needed == {one for one, field in fields.items() if field.default is attrs.NOTHING}


@pytest.mark.parametrize(
    ("rule", "kind", "derived"),
    [
        (grammar.ENTITY, document.Entity, set()),
        (grammar.ATTRIBUTE, document.Attribute, {"listed"}),
        (grammar.GSI, document.Gsi, set()),
        (grammar.CONSTRUCTION, document.Construction, set()),
    ],
)
def test_objects_have_the_same_members(
    rule: grammar.Object, kind: type[attrs.AttrsInstance], derived: set[str]
) -> None:
    """What a class holds beyond the document is derived."""
    assert members(kind) - derived == rule.members.keys()


def test_tables_have_the_same_members() -> None:
    """The class holds what either type of table has."""
    rules = grammar.TABLE.variants
    both = rules["single-entity"].members.keys() | rules["multi-entity"].members.keys()

    assert members(document.Table) == both
    assert members(document.EntityOptions) == grammar.ENTITY_OPTIONS.keys()
