"""Unique text in MySQL, character by character: where its collation and a fold do not agree.

Rows that a fold takes as one share the key of a guard, and are found by it. Here the server is
asked about the characters that the rows hold, so that what the next row may do is known before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, final
from unicodedata import normalize

from attrs import frozen

from dalkit.compile.live import NAMED
from dalkit.contract.codes import problem
from dalkit.contract.folds import folded
from dalkit.contract.problems import Problem, shown
from dalkit.kinds import Text
from dalkit.migrate.ahead import batched
from dalkit.run.mysql import rows, stream
from dalkit.schema.definition import FieldDefinition
from dalkit.schema.subjects import Subject
from dalkit.source.sql import name_of, sql_of

if TYPE_CHECKING:
    from pymysql.connections import Connection

__all__ = ["MOST", "fold_problems"]

MOST: Final = 5_000
"""So many different characters of a column are asked about."""

_ASCII: Final = "".join(map(chr, range(33, 127)))
_AT_ONCE: Final = 200
_NAME = re.compile(r"\w+")
_Weigh = Callable[[Sequence[str]], list[str]]


def fold_problems(connection: Connection[Any], subject: Subject) -> Iterator[Problem]:
    """What MySQL and the folds of an entity's guards do not compare alike, by group and field."""
    definition = subject.definition
    for i, (group, fold) in enumerate(definition.guarded):
        fields = (definition.by_field[name] for name in group)
        for one in fields:
            if not fold or one.column is None or one.transformed or not isinstance(one.kind, Text):
                continue
            where = f"{subject.pointer}/dalkit/unique/{i}"
            yield from _of_column(connection, subject, one, fold, where)


@final
@frozen
class _Apart:
    """Two texts that are one to one side only."""

    texts: tuple[str, str]
    by_mysql: bool

    def __str__(self) -> str:
        one, other = map(shown, self.texts)
        return f"{one} and {other} are one {'in MySQL' if self.by_mysql else 'by the fold'} only"


def _of_column(
    connection: Connection[Any], subject: Subject, field: FieldDefinition, fold: str, where: str
) -> Iterator[Problem]:
    column, table = name_of(field.column or ""), name_of(subject.own.name)
    asked = f"SELECT CHARSET({column}), COLLATION({column}) FROM {table} LIMIT 1"
    for charset, collation in rows(connection, asked):
        given = f"CONVERT(%s USING {_plain(charset)}) COLLATE {_plain(collation)}"
        held, padded = _characters(connection, subject, column)

        def weigh(texts: Sequence[str], given: str = given) -> list[str]:
            weights = ", ".join([f"HEX(WEIGHT_STRING({given}))"] * len(texts))
            ((*found,),) = rows(connection, f"SELECT {weights}", tuple(texts))
            return [str(one) for one in found]

        apart = _apart(held, fold, weigh)
        if padded:
            ((same,),) = rows(connection, f"SELECT {given} = %s", ("a", "a "))
            if bool(same) != (folded(fold, "a ") == "a"):
                apart.append(_Apart(("a", "a "), by_mysql=bool(same)))
        if apart:
            text = (
                f"{shown(field.name)} has characters that {_plain(collation)} and {fold} do not "
                f"compare alike: {_listed(apart, secret=field.secret)}"
            )
            yield problem("DK525", where, text)


def _listed(apart: Sequence[_Apart], *, secret: bool) -> str:
    if secret:
        return "they are secret"
    more = f", and {len(apart) - NAMED:,} more" if len(apart) > NAMED else ""
    return "; ".join(map(str, apart[:NAMED])) + more


def _characters(
    connection: Connection[Any], subject: Subject, column: str
) -> tuple[frozenset[str], bool]:
    """The characters beyond ASCII that the column holds; and whether a text ends in a space."""
    found, padded = set[str](), False
    text = f"CONVERT({column} USING utf8mb4)"
    tests = [f"(LENGTH({text}) <> CHAR_LENGTH({text}) OR RIGHT({text}, 1) = ' ')"]
    if subject.definition.source.where is not None:
        tests.append(f"({sql_of(subject.definition.source.where, {}, subject.source)})")
    asked = f"SELECT {text} FROM {name_of(subject.own.name)} WHERE {' AND '.join(tests)}"
    for (cell,) in stream(connection, asked):
        value = cell.decode("utf-8") if isinstance(cell, bytes) else str(cell)
        padded = padded or value.endswith(" ")
        if len(found) < MOST:
            found.update(one for one in value if not one.isascii())
    return frozenset(islice(sorted(found), MOST)), padded


def _apart(held: Iterable[str], fold: str, weigh: _Weigh) -> list[_Apart]:
    """The pairs that one side takes as one, of these characters, their folds and ASCII's."""
    chosen = frozenset(held)
    plain = (normalize("NFC", folded(fold, one)) for one in sorted(chosen))
    texts = list(dict.fromkeys([*_ASCII, *sorted(chosen), *plain]))
    weights = [weight for some in batched(texts, _AT_ONCE) for weight in weigh(some)]
    folds = [folded(fold, one) for one in texts]
    found = [_Apart(one, by_mysql=True) for one in _pairs(texts, weights, folds)]
    return found + [_Apart(one, by_mysql=False) for one in _pairs(texts, folds, weights)]


def _pairs(
    texts: Sequence[str], same: Sequence[str], other: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """The first text of each class of `same`, and those of it that `other` tells from it."""
    first: dict[str, int] = {}
    for i, mark in enumerate(same):
        begun = first.setdefault(mark, i)
        if other[begun] != other[i]:
            yield texts[begun], texts[i]


def _plain(name: str) -> str:
    """The name of a character set or collation, which can stand in SQL as it is."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a collation; name one that the server has")
    return name
