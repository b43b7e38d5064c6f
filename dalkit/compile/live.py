"""Questions to MySQL about joins in the data, as SELECTs; and what their answers mean.

Rows of a join's target are counted in derived tables that are joined once, as in an export.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import final

from attrs import frozen

from dalkit.compile.joining import Joins
from dalkit.compile.matches import equal_columns, finds_one_row
from dalkit.contract import document as doc
from dalkit.contract.codes import problem
from dalkit.contract.problems import Problem, shown
from dalkit.schema.checks.survey import hops_of, values_of
from dalkit.schema.subjects import Subject
from dalkit.source.sql import name_of, sql_of
from dalkit.source.tables import Source, SourceTable
from dalkit.source.tree import (
    Aggregate,
    And,
    Case,
    Children,
    Compare,
    Hop,
    Literal,
    Lookup,
    Scalar,
)
from dalkit.source.walk import columns

__all__ = ["NAMED", "Question", "answer_of", "questions"]

NAMED = 10
"""Rows that one problem names at most."""

_ONE = Literal(True)
_ALL_ROWS = 2**64 - 1


@final
@frozen(kw_only=True)
class Question:
    """A SELECT whose rows are (how many there are in all, then the identity of one of them)."""

    code: str
    pointer: str
    sql: str
    target: str
    """The table that is joined."""
    attribute: str


def questions(subject: Subject) -> tuple[Question, ...]:
    """What must be asked of an entity's joins: nothing of those that keys keep to one row."""
    asked: dict[str, Question] = {}
    for name in subject.definition.by_attribute:
        for one in _of_attribute(subject, name):
            asked.setdefault(one.sql, one)
    return tuple(asked.values())


def answer_of(question: Question, total: int, named: Sequence[str]) -> Problem:
    """The problem that an answer is; `total` rows, of which `named` are the first."""
    target, attribute = shown(question.target), shown(question.attribute)
    if question.code == "DK522":
        what = f"the join of {attribute} finds several rows of {target}"
    else:
        what = f"the condition of {attribute} is true, but there is no row of {target},"
    rows = "1 row" if total == 1 else f"{total:,} rows"
    text = f"{what} for {rows}: {', '.join(named)}{', …' if total > len(named) else ''}"
    return problem(question.code, question.pointer, text)


def _of_attribute(subject: Subject, name: str) -> Iterator[Question]:
    for value in values_of(subject, name):
        when: Scalar = _ONE
        if _is_conditional(subject, name) and isinstance(value, Case):
            ((when, _),) = value.branches
        for node, hops in hops_of(value):
            if isinstance(node, Children) and not node.array:
                yield from _several(subject, name, (node.hop,), _ONE)
            elif isinstance(node, Lookup):
                yield from _several(subject, name, hops, when)
        if when is not _ONE and isinstance(value, Case):
            yield from _missing(subject, name, value)


def _is_conditional(subject: Subject, name: str) -> bool:
    found = subject.attributes.get(name)
    return found is not None and isinstance(found[0].join, doc.Conditional)


def _several(
    subject: Subject, name: str, hops: tuple[Hop, ...], when: Scalar
) -> Iterator[Question]:
    if not _stands_alone(hops, subject) or finds_one_row(hops, subject.own, subject.source):
        return
    if len(hops) == 1:
        found = Compare(">", Aggregate("COUNT", hops[0]), Literal(1))
        sql = _counted(subject, found if when is _ONE else And((when, found)))
    elif subject.definition.source.identified:
        sql = _along(subject, hops)
    else:
        return
    yield _question("DK522", subject, name, hops[-1].table, sql)


def _missing(subject: Subject, name: str, value: Case) -> Iterator[Question]:
    ((when, then),) = value.branches
    if not isinstance(then, Lookup) or not _stands_alone(then.hops, subject):
        return
    (hop,) = then.hops[:1]
    none = Compare("=", Aggregate("COUNT", hop), Literal(0))
    sql = _counted(subject, And((when, none)))
    yield _question("DK523", subject, name, hop.table, sql)


def _question(code: str, subject: Subject, name: str, target: str, sql: str) -> Question:
    return Question(code=code, pointer=subject.place(name), sql=sql, target=target, attribute=name)


def _stands_alone(hops: tuple[Hop, ...], subject: Subject) -> bool:
    """Whether the first hop starts at the entity's own row and every table is known."""
    known = {subject.own.name}
    for hop in hops:
        known.add(hop.row)
        rows = {column.row for column in columns(hop.on)}
        if subject.source.table(hop.table) is None or not rows <= known:
            return False
    return True


def _counted(subject: Subject, test: Scalar) -> str:
    """The entity's rows for which the test is true."""
    joins = Joins(subject.own, subject.source)
    where = subject.definition.source.where
    tests = [joins.printed(one) for one in ((test,) if where is None else (where, test))]
    identity = _identity(subject)
    return "\n".join(
        [
            "SELECT COUNT(*) OVER () AS `total`, " + ", ".join(identity),
            f"FROM {name_of(subject.own.name)}",
            *joins.clauses(),
            "WHERE " + " AND ".join(f"({one})" for one in tests),
            f"ORDER BY {', '.join(identity)} LIMIT {NAMED}",
        ]
    )


def _along(subject: Subject, hops: tuple[Hop, ...]) -> str:
    """The entity's rows from which several paths lead along the hops."""
    names = {hop.row: _free(f"hop_{i}", subject) for i, hop in enumerate(hops, 1)}
    identity = _identity(subject)
    steps = [
        f"JOIN {_rows(hop, hops, subject.source)} AS {name_of(names[hop.row])}"
        f" ON {sql_of(hop.on, names, subject.source)}"
        for hop in hops
    ]
    condition = subject.definition.source.where
    where = [] if condition is None else [f"WHERE {sql_of(condition, {}, subject.source)}"]
    numbered = [f"{text} AS `key_{i}`" for i, text in enumerate(identity, 1)]
    outside = ", ".join(f"`found`.`key_{i}`" for i, _ in enumerate(identity, 1))
    inside = [
        "SELECT " + ", ".join(numbered),
        f"FROM {name_of(subject.own.name)}",
        *steps,
        *where,
        f"GROUP BY {', '.join(identity)} HAVING COUNT(*) > 1",
    ]
    return "\n".join(
        [
            f"SELECT COUNT(*) OVER () AS `total`, {outside}",
            "FROM (" + "\n".join(inside) + ") AS `found`",
            f"ORDER BY {outside} LIMIT {NAMED}",
        ]
    )


def _rows(hop: Hop, hops: tuple[Hop, ...], source: Source) -> str:
    """The hop's table; without an index that leads to its rows, a copy of its compared columns.

    MariaDB gives such a copy an index, and would else compare every row with every other; a LIMIT
    beyond all rows keeps it from being merged away.
    """
    table = source.table(hop.table)
    compared = {name.lower() for name, _ in equal_columns(hop)}
    if table is None or not compared or compared & _leading(table):
        return name_of(hop.table)
    found = [one for each in hops for one in columns(each.on) if one.row == hop.row]
    named = ", ".join(dict.fromkeys(name_of(one.name) for one in found))
    return f"(SELECT {named} FROM {name_of(hop.table)} LIMIT {_ALL_ROWS})"


def _leading(table: SourceTable) -> set[str]:
    keys = [index.columns for index in table.indexes]
    keys += [key.columns for key in table.foreign_keys] + [table.primary_key]
    return {key[0].lower() for key in keys if key}


def _free(name: str, subject: Subject) -> str:
    return f"{name}_" if name == subject.own.name.lower() else name


def _identity(subject: Subject) -> list[str]:
    row = name_of(subject.own.name)
    return [f"{row}.{name_of(one)}" for one in subject.definition.source.identity]
