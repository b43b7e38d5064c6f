"""The contract's format as a value: which object has which members, and what each may hold.

It reads like the format's own table; `form` holds a document against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, final, get_args

from attrs import frozen

from dalkit.contract.document import AttributeType
from dalkit.contract.findings import Fault
from dalkit.contract.folds import FOLDS
from dalkit.contract.formats import number_format_fault
from dalkit.contract.names import (
    attribute_fault,
    date_format_fault,
    fragment_fault,
    key_fault,
    label_fault,
    python_fault,
    source_fault,
    table_fault,
    template_fault,
    unit_fault,
)

__all__ = [
    "ENTITY_OPTIONS",
    "TABLE",
    "Flag",
    "Listing",
    "Member",
    "Named",
    "Number",
    "Object",
    "OneOrList",
    "Rule",
    "Scalar",
    "Tagged",
    "Text",
    "Whole",
    "WholeOrText",
    "Word",
]


@final
@frozen(kw_only=True)
class Text:
    """A text that the check finds no fault with."""

    check: Callable[[str], Fault | None] = fragment_fault
    empty: bool = False
    """Whether the empty text, or one of spaces only, says something here."""


@final
@frozen
class Flag:
    """true or false."""


@final
@frozen
class Whole:
    """A whole number above zero."""


@final
@frozen
class Number:
    """A number above zero."""


@final
@frozen
class Scalar:
    """A literal: text, number, true, false or null."""


@final
@frozen
class WholeOrText:
    """A whole number of either sign, or a fragment."""


@final
@frozen
class Word:
    """One of these words."""

    words: tuple[str, ...]


@final
@frozen(kw_only=True)
class Listing:
    """A list of such values."""

    of: Rule
    empty: bool = False


@final
@frozen
class OneOrList:
    """One text, a list of such texts, or the object in which they can stand, if there is one."""

    of: Text
    within: Object | None = None


@final
@frozen
class Named:
    """An object whose members bear names of the writer's choice."""

    of: Text


@final
@frozen(kw_only=True)
class Member:
    """What a member of an object may hold; whether it must be there, and whether it may be null."""

    rule: Rule
    needed: bool = False
    null: bool = False


@final
@frozen(kw_only=True)
class Object:
    """An object with these members and no others."""

    what: str
    """With its article: `an attribute`."""
    members: Mapping[str, Member]
    elsewhere: Mapping[str, str] = {}
    """Members that are known but belong to another place, with what to do."""
    hollow: tuple[str, ...] = ()
    """Of these, the ones that may stand here as long as they are empty lists."""


@final
@frozen(kw_only=True)
class Tagged:
    """An object whose member `type` says which one it is."""

    what: str
    variants: Mapping[str, Object]


Rule: TypeAlias = (
    Text
    | Flag
    | Whole
    | Number
    | Scalar
    | WholeOrText
    | Word
    | Listing
    | OneOrList
    | Named
    | Object
    | Tagged
)


def _needed(rule: Rule) -> Member:
    return Member(rule=rule, needed=True)


def _maybe(rule: Rule, *, null: bool = False) -> Member:
    return Member(rule=rule, null=null)


FRAGMENT = Text()
LABEL = Text(check=label_fault)
ATTRIBUTE_NAME = Text(check=attribute_fault)
KEY_NAME = Text(check=key_fault)
SOURCE_NAME = Text(check=source_fault)
TEMPLATE = Text(check=template_fault)
JOINER = Text(empty=True)
PYTHON_NAME = Text(check=python_fault)

_TARGET = {
    "target_table": _needed(SOURCE_NAME),
    "join_condition": _needed(FRAGMENT),
    "select_column": _needed(FRAGMENT),
}

CONSTRUCTION = Object(
    what="a construction",
    members={
        "type": _needed(Word(("array", "object"))),
        "select_columns": _needed(Named(FRAGMENT)),
        "order_by": _maybe(OneOrList(FRAGMENT)),
        "limit": _maybe(Whole()),
    },
)


def _tagged(what: str, variants: Mapping[str, Mapping[str, Member]]) -> Tagged:
    word = Word(tuple(variants))
    objects = {
        name: Object(what=f"{what} of type {name}", members={"type": _needed(word), **members})
        for name, members in variants.items()
    }
    return Tagged(what=what, variants=objects)


JOIN = _tagged(
    "a join",
    {
        "foreign-key": _TARGET,
        "self-join": {
            "join_alias": _needed(SOURCE_NAME),
            "join_condition": _needed(FRAGMENT),
            "select_column": _needed(FRAGMENT),
            "null_value": _maybe(Scalar()),
        },
        "multi-column": {
            "target_table": _needed(SOURCE_NAME),
            "join_conditions": _needed(Listing(of=FRAGMENT)),
            "select_column": _needed(FRAGMENT),
        },
        "conditional": {
            "condition": _needed(FRAGMENT),
            **_TARGET,
            "else_value": _maybe(Scalar()),
        },
        "chain": {
            "joins": _needed(Listing(of=Object(what="a hop of a chain", members=_TARGET))),
            "chain_separator": _maybe(JOINER),
        },
        "lookup-table": _TARGET,
        "json-construction": {
            "target_table": _needed(SOURCE_NAME),
            "join_condition": _needed(FRAGMENT),
            "construction": _needed(CONSTRUCTION),
        },
    },
)

CALCULATION = _tagged(
    "a calculation",
    {
        "aggregate": {
            **_TARGET,
            "operation": _needed(Word(("SUM", "COUNT", "AVG", "MIN", "MAX"))),
        },
        "case": {
            "cases": _needed(
                Listing(
                    of=Object(
                        what="a case",
                        members={"when": _needed(FRAGMENT), "then": _needed(Scalar())},
                    )
                )
            ),
            "else": _maybe(Scalar()),
        },
        "concat": {
            "source_column": _maybe(OneOrList(SOURCE_NAME)),
            "parts": _maybe(Listing(of=FRAGMENT)),
            "separator": _maybe(JOINER),
        },
        "date-math": {
            "operation": _maybe(Word(("diff", "add", "sub"))),
            "unit": _maybe(Text(check=unit_fault)),
            "start": _maybe(FRAGMENT),
            "end": _maybe(FRAGMENT),
            "amount": _maybe(WholeOrText()),
            "expression": _maybe(FRAGMENT),
        },
    },
)

TRANSFORMATION = _tagged(
    "a transformation",
    {
        "string-format": {"format": _needed(TEMPLATE)},
        "date-format": {
            "format": _needed(Text(check=date_format_fault)),
            "source_format": _maybe(Word(("timestamp", "datetime", "date"))),
        },
        "number-format": {"format": _needed(Text(check=number_format_fault))},
        "json-parse": {},
        "static": {"value": _needed(Scalar())},
        "template": {"template": _needed(TEMPLATE)},
    },
)

ATTRIBUTE = Object(
    what="an attribute",
    members={
        "name": _needed(ATTRIBUTE_NAME),
        "type": _needed(Word(get_args(AttributeType))),
        "source_table": _maybe(SOURCE_NAME),
        "source_column": _maybe(OneOrList(SOURCE_NAME)),
        "join": _maybe(JOIN),
        "calculation": _maybe(CALCULATION),
        "transformation": _maybe(TRANSFORMATION),
        "denormalized": _maybe(Flag()),
        "justification": _maybe(JOINER),
        "dalkit": _maybe(
            Object(
                what="an attribute's dalkit",
                members={"secret": _maybe(Flag()), "name": _maybe(PYTHON_NAME)},
            )
        ),
    },
)

_FOLD_MEMBERS = {"fields": _needed(Listing(of=LABEL)), "fold": _needed(Word(FOLDS))}
_FOLDED = Object(what="a folded value", members=_FOLD_MEMBERS)
ENTITY_OPTIONS: Mapping[str, Member] = {
    "class": _maybe(PYTHON_NAME),
    "handle": _maybe(PYTHON_NAME),
    "unique": _maybe(Listing(of=OneOrList(LABEL, _FOLDED))),
    "version": _maybe(LABEL),
    "ttl": _maybe(LABEL),
    "where": _maybe(FRAGMENT),
    "counter": _maybe(LABEL),
}

ENTITY = Object(
    what="an entity",
    members={
        "entity_type": _needed(LABEL),
        "source_table": _maybe(SOURCE_NAME),
        "pk_template": _maybe(TEMPLATE),
        "sk_template": _maybe(TEMPLATE),
        "attributes": _needed(Listing(of=ATTRIBUTE)),
        "dalkit": _maybe(Object(what="an entity's dalkit", members=ENTITY_OPTIONS)),
    },
)

GSI = Object(
    what="an index",
    members={
        "index_name": _needed(Text(check=table_fault)),
        "pk": _needed(KEY_NAME),
        "sk": _maybe(KEY_NAME, null=True),
        "projection": _maybe(Word(("ALL", "KEYS_ONLY", "INCLUDE"))),
        "projected_attributes": _maybe(Listing(of=ATTRIBUTE_NAME, empty=True)),
    },
)

_TABLE_OPTIONS = {"key_escape": _maybe(Flag()), "discriminator": _maybe(KEY_NAME)}

_EITHER_TABLE = {
    "table": _needed(Text(check=table_fault)),
    "type": _needed(Word(("single-entity", "multi-entity"))),
    "source_table": _maybe(SOURCE_NAME),
    "sk": _maybe(KEY_NAME, null=True),
    "gsis": _maybe(Listing(of=GSI, empty=True)),
    "satisfies": _maybe(Listing(of=LABEL, empty=True)),
    "estimated_item_size_bytes": _maybe(Number()),
}

_SINGLE = Object(
    what="a single-entity table",
    members={
        **_EITHER_TABLE,
        "pk": _needed(KEY_NAME),
        "attributes": _needed(Listing(of=ATTRIBUTE)),
        "dalkit": _maybe(
            Object(what="a table's dalkit", members={**_TABLE_OPTIONS, **ENTITY_OPTIONS})
        ),
    },
    elsewhere={"entities": "write its attributes in attributes, or make it multi-entity"},
    hollow=("entities",),
)

_MULTI = Object(
    what="a multi-entity table",
    members={
        **_EITHER_TABLE,
        "pk": _maybe(KEY_NAME),
        "entities": _needed(Listing(of=ENTITY)),
        "dalkit": _maybe(
            Object(
                what="a table's dalkit",
                members=_TABLE_OPTIONS,
                elsewhere=dict.fromkeys(ENTITY_OPTIONS, "write it in an entity's dalkit"),
            )
        ),
    },
    elsewhere={"attributes": "write each attribute in its entity, or make it single-entity"},
    hollow=("attributes",),
)

TABLE = Tagged(what="a table", variants={"single-entity": _SINGLE, "multi-entity": _MULTI})
