"""What every check is given, and small questions that several of them ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import final

from attrs import frozen

from dalkit.contract import document as doc
from dalkit.contract.problems import shown
from dalkit.schema.definition import Carried, Content, Schema, Template
from dalkit.schema.pieces import Pieces, pieces_of
from dalkit.schema.subjects import Subject
from dalkit.source.tables import Column, Source, SourceTable
from dalkit.source.tree import Aggregate, Children, Hop, Lookup, Scalar
from dalkit.source.walk import nodes

__all__ = [
    "TEXTS",
    "Survey",
    "folds",
    "forbidden_in",
    "hops_of",
    "key_pieces",
    "listed",
    "values_of",
]


@final
@frozen(kw_only=True, slots=False)
class Survey:
    """A contract with everything that is known of it."""

    contract: doc.Contract
    source: Source
    schema: Schema
    subjects: tuple[Subject, ...]
    patterns: frozenset[str] | None = None
    """The declared access patterns; None when none are declared."""

    @cached_property
    def by_source(self) -> Mapping[str, tuple[Subject, ...]]:
        """The entities of each MySQL table, by its name."""
        found: dict[str, list[Subject]] = {}
        for one in self.subjects:
            found.setdefault(one.own.name, []).append(one)
        return {name: tuple(them) for name, them in found.items()}

    @cached_property
    def by_table(self) -> tuple[tuple[Subject, ...], ...]:
        """The entities of each DynamoDB table, in the contract's order."""
        found: dict[str, list[Subject]] = {}
        for one in self.subjects:
            found.setdefault(one.table_pointer, []).append(one)
        return tuple(tuple(them) for them in found.values())


def listed(names: Iterable[str]) -> str:
    """`"a"`, `"a" and "b"`, or `"a", "b" and "c"`; beyond ten names the number of the others."""
    all_ = list(names)
    quoted = [shown(name) for name in all_[:10]]
    if len(all_) > 10:
        return f"{', '.join(quoted)} and {len(all_) - 10} more"
    return " and ".join([*([", ".join(quoted[:-1])] if quoted[1:] else []), *quoted[-1:]])


def key_pieces(subject: Subject, attribute: str) -> Pieces | None:
    """The pieces of a key attribute, or None when the entity does not have it."""
    found = subject.definition.by_attribute.get(attribute)
    return None if found is None else pieces_of(found.content, subject)


def forbidden_in(subject: Subject, attribute: str) -> frozenset[str]:
    """Characters that no free text of the attribute can hold, because they are escaped."""
    found = subject.definition.by_attribute.get(attribute)
    content: Content | None = None if found is None else found.content
    escaped = isinstance(content, Template) and content.escape
    return frozenset("#") if escaped else frozenset()


def values_of(subject: Subject, attribute: str) -> tuple[Scalar | Children, ...]:
    """The trees that an attribute is computed from."""
    found = subject.definition.by_attribute.get(attribute)
    names: list[str]
    match found.content if found else None:
        case Carried(field):
            names = [field]
        case Template(parts):
            names = [part.field for part in parts if not isinstance(part, str)]
        case _:
            names = []
    cells = [cell for name in names for cell in subject.definition.by_field[name].cells]
    return tuple(subject.definition.by_cell[cell].value for cell in dict.fromkeys(cells))


def hops_of(
    tree: Scalar | Children,
) -> Iterator[tuple[Lookup | Aggregate | Children, tuple[Hop, ...]]]:
    """Every node of the tree that looks at other rows, with the hops it takes."""
    for node in nodes(tree):
        if isinstance(node, Lookup):
            yield node, node.hops
        elif isinstance(node, Aggregate | Children):
            yield node, (node.hop,)


TEXTS = frozenset(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"))
"""The base types whose values are free text."""


def folds(table: SourceTable, name: str) -> Column | None:
    """The column, when MySQL takes texts that differ in case or accents alone as equal."""
    column = table.column(name)
    if column is None or column.type.base not in TEXTS:
        return None
    collation = column.type.collation
    folded = collation is None or collation.endswith("_ci") or "_ai" in collation
    return column if folded else None
