"""The static type of every construct: kind, scale, collation, and whether NULL can be."""

from __future__ import annotations

import pytest

from dalkit.source.fragments import Fragment, parse_scalar, resolve
from dalkit.source.infer import Scope, infer
from dalkit.source.refusal import Refusal
from dalkit.source.tables import Column as TableColumn
from dalkit.source.tables import ColumnType, ForeignKey, Source, SourceTable
from dalkit.source.tree import Aggregate, And, Column, Compare, Hop, Literal, Lookup, Scalar

GENERAL, BIN = "utf8mb4_general_ci", "utf8mb4_bin"
COLUMNS = (
    TableColumn(name="id", type=ColumnType(base="int"), nullable=False),
    TableColumn(name="User_Id", type=ColumnType(base="int"), nullable=False),
    TableColumn(name="i", type=ColumnType(base="int")),
    TableColumn(name="u", type=ColumnType(base="bigint", unsigned=True), nullable=False),
    TableColumn(name="o", type=ColumnType(base="tinyint", length=1), nullable=False),
    TableColumn(name="d", type=ColumnType(base="decimal", precision=10, scale=2), nullable=False),
    TableColumn(name="w", type=ColumnType(base="decimal", precision=20, scale=5), nullable=False),
    TableColumn(name="f", type=ColumnType(base="double"), nullable=False),
    TableColumn(name="g", type=ColumnType(base="float"), nullable=False),
    TableColumn(name="s", type=ColumnType(base="varchar", length=9, collation=GENERAL)),
    TableColumn(name="k", type=ColumnType(base="varchar", collation=BIN), nullable=False),
    TableColumn(name="l", type=ColumnType(base="varchar"), nullable=False),
    TableColumn(name="c", type=ColumnType(base="date"), nullable=False),
    TableColumn(name="t", type=ColumnType(base="datetime", scale=3), nullable=False),
    TableColumn(name="p", type=ColumnType(base="timestamp", scale=0), nullable=False),
    TableColumn(name="n", type=ColumnType(base="time"), nullable=False),
    TableColumn(name="e", type=ColumnType(base="enum", values=("x",)), nullable=False),
    TableColumn(name="j", type=ColumnType(base="json"), nullable=False),
    TableColumn(name="z", type=ColumnType(base="varbinary", length=4), nullable=False),
    TableColumn(name="q", type=ColumnType(base="opaque", text="point"), nullable=False),
)
ORDERS = SourceTable(
    name="orders",
    columns=COLUMNS,
    primary_key=("id",),
    foreign_keys=(
        ForeignKey(columns=("user_id",), target_table="users", target_columns=("ID",)),
        ForeignKey(columns=("i",), target_table="users", target_columns=("id",)),
    ),
)
USERS = SourceTable(name="users", columns=COLUMNS, primary_key=("id",))
SOURCE = Source(tables=(ORDERS, USERS), default_collation="utf8mb4_unicode_ci")
SCOPE = Scope(SOURCE, {"orders": ORDERS})


def tree_of(text: str, row: str = "orders") -> Scalar:
    """A fragment whose names are columns of `row`."""
    fragment = parse_scalar(text)
    assert isinstance(fragment, Fragment), fragment
    tree = resolve(fragment.tree, lambda _, name: Column(row, name))
    assert not isinstance(tree, Refusal)
    return tree


def told(type: ColumnType) -> str:
    """A type in a few words."""
    sized = type.base in ("decimal", "datetime", "timestamp")
    size = f"({type.scale})" if sized else ""
    return f"{type.base}{size}{' unsigned' if type.unsigned else ''}"


@pytest.mark.parametrize(
    ("text", "type", "nullable"),
    [
        ("i", "int", True),
        ("USER_ID", "int", False),
        ("q IS NULL", None, None),
        ("i = 1", "tinyint", True),
        ("i <=> 1", "tinyint", False),
        ("i IS NULL", "tinyint", False),
        ("u IN (1, NULL)", "tinyint", True),
        ("NOT o", "tinyint", False),
        ("o AND i", "tinyint", True),
        ("id + 1", "bigint", False),
        ("u + 1", "bigint unsigned", False),
        ("id + i", "bigint", True),
        ("d + w", "decimal(5)", False),
        ("d * w", "decimal(7)", False),
        ("d / 4", "decimal(6)", False),
        ("d / id", "decimal(6)", True),
        ("id / 3", "decimal(4)", False),
        ("id DIV 2", "bigint", False),
        ("id % 0", "bigint", True),
        ("d + f", "double", False),
        ("k + 1", "double", False),
        ("-d", "decimal(2)", False),
        ("-id", "bigint", False),
        ("ROUND(d)", "decimal(0)", False),
        ("ROUND(w, 3)", "decimal(3)", False),
        ("ROUND(f, 3)", "double", False),
        ("ROUND(id, -1)", "int", False),
        ("FLOOR(d)", "bigint", False),
        ("CEIL(f)", "double", False),
        ("ABS(d)", "decimal(2)", False),
        ("COALESCE(i, 0)", "bigint", False),
        ("COALESCE(o, FALSE)", "tinyint", False),
        ("COALESCE(i, NULL)", "int", True),
        ("COALESCE(d, id)", "decimal(2)", False),
        ("COALESCE(d, f)", "double", False),
        ("COALESCE(g, 0)", "float", False),
        ("COALESCE(c, t)", "datetime(3)", False),
        ("COALESCE(c, p)", "datetime(0)", False),
        ("COALESCE(id, k)", "varchar", False),
        ("COALESCE(z, k)", "varbinary", False),
        ("CASE WHEN o THEN 1 END", "bigint", True),
        ("CASE WHEN o THEN d ELSE w END", "decimal(5)", False),
        ("CASE WHEN o THEN 'a' ELSE 1 END", "varchar", False),
        ("CASE WHEN o THEN e ELSE 'y' END", "varchar", False),
        ("NULLIF(d, 0)", "decimal(2)", True),
        ("GREATEST(id, d)", "decimal(2)", False),
        ("CONCAT(id, k)", "varchar", False),
        ("CONCAT(s, k)", "varchar", True),
        ("CONCAT_WS('-', s, k)", "varchar", False),
        ("CONCAT_WS(s, k)", "varchar", True),
        ("LPAD(id, 5, '0')", "varchar", False),
        ("LPAD(k, id, '0')", "varchar", True),
        ("CHAR_LENGTH(k)", "bigint", False),
        ("DATE_FORMAT(t, '%Y')", "varchar", False),
        ("DATE_FORMAT(k, '%Y')", "varchar", True),
        ("DATE(t)", "date", False),
        ("YEAR(c)", "bigint", False),
        ("HOUR(n)", "bigint", False),
        ("c + INTERVAL 1 DAY", "date", True),
        ("c + INTERVAL 1 HOUR", "datetime(0)", True),
        ("t + INTERVAL 1 DAY", "datetime(3)", True),
        ("p + INTERVAL 1 MICROSECOND", "datetime(6)", True),
        ("DATEDIFF(c, t)", "bigint", False),
        ("TIMESTAMPDIFF(DAY, c, k)", "bigint", True),
        ("CAST(k AS SIGNED)", "bigint", False),
        ("CAST(d AS CHAR)", "varchar", False),
        ("CAST(k AS DECIMAL(8, 3))", "decimal(3)", False),
        ("CAST(k AS DATE)", "date", True),
        ("DATE '2024-01-01'", "date", False),
        ("CAST(c AS DATETIME(3))", "datetime(3)", False),
        ("CAST(id AS BINARY)", "varbinary", False),
    ],
)
def test_types(text: str, type: str | None, nullable: bool | None) -> None:
    """Each construct has MySQL's result type, and is nullable only where NULL can come out."""
    answer = infer(tree_of(text), SCOPE)

    if type is None:
        assert isinstance(answer, Refusal)
    else:
        assert not isinstance(answer, Refusal), answer
        assert (told(answer[0]), answer[1]) == (type, nullable)


@pytest.mark.parametrize(
    ("text", "collation"),
    [
        ("s", GENERAL),
        ("CONCAT(s, 'x', id)", GENERAL),
        ("COALESCE('x', k)", BIN),
        ("CONCAT(s, k)", BIN),
        ("l", "utf8mb4_unicode_ci"),
        ("UPPER(l)", "utf8mb4_unicode_ci"),
        ("CONCAT(s, l)", None),
        ("CONCAT(id)", None),
        ("DATE_FORMAT(t, '%Y')", None),
        ("CAST(k AS CHAR)", None),
    ],
)
def test_collations(text: str, collation: str | None) -> None:
    """A text's collation is its column's, a binary one's before others', else the connection's."""
    answer = infer(tree_of(text), SCOPE)

    assert not isinstance(answer, Refusal)
    assert answer[0].collation == collation


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("q", "point"),
        ("missing", "missing"),
        ("j + 1", "JSON"),
        ("CONCAT(z)", "BYTES"),
        ("CONCAT(j)", "JSON"),
        ("c + 1", "DATE in arithmetic"),
        ("n + INTERVAL 1 DAY", "TIME plus"),
        ("k + INTERVAL 1 DAY", "CAST it"),
        ("YEAR(n)", "YEAR of TIME"),
        ("HOUR(k)", "HOUR of a text"),
        ("ROUND(d, id)", "no literal"),
        ("LEFT(k, d)", "whole number"),
        ("COALESCE(j, 1)", "json"),
        ("GREATEST(k, id)", "GREATEST of int, text"),
        ("-k", "negative of a text"),
        ("-u", "unsigned"),
        ("w * w * w * w * w * w * w", "digits after the point"),
        ("CAST(j AS CHAR)", "CAST of JSON"),
        ("CAST(c AS SIGNED)", "CAST of DATE"),
    ],
)
def test_refuses(text: str, named: str) -> None:
    """What has no exact meaning is refused by name."""
    answer = infer(tree_of(text), SCOPE)

    assert isinstance(answer, Refusal)
    assert named in answer.reason


def users(on: Scalar) -> Hop:
    """A join to the users."""
    return Hop("users", "u", on)


def equal(own: str, far: str) -> Scalar:
    """An equality of an order's column with a user's."""
    return Compare("=", Column("u", far), Column("orders", own))


@pytest.mark.parametrize(
    ("on", "column", "nullable"),
    [
        (equal("user_id", "id"), "k", False),
        (Compare("=", Column("orders", "USER_ID"), Column("u", "id")), "k", False),
        (equal("user_id", "id"), "s", True),
        (equal("i", "id"), "k", True),
        (equal("id", "id"), "k", True),
        (And((equal("user_id", "id"), equal("id", "i"))), "k", True),
        (And((equal("user_id", "id"), Literal(True))), "k", True),
        (Compare(">", Column("u", "id"), Column("orders", "user_id")), "k", True),
    ],
)
def test_a_join_is_certain_by_its_foreign_key(on: Scalar, column: str, nullable: bool) -> None:
    """A joined value is never NULL only through a declared key of columns that are not."""
    answer = infer(Lookup((users(on),), Column("u", column)), SCOPE)

    assert not isinstance(answer, Refusal)
    assert answer[1] is nullable


def test_a_chain_is_certain_when_each_hop_is() -> None:
    """One uncertain hop makes the value nullable."""
    sure = Hop("users", "u", equal("user_id", "id"))
    loose = Hop("users", "v", Compare("=", Column("v", "id"), Column("u", "id")))

    certain = infer(Lookup((sure,), Column("u", "k")), SCOPE)
    uncertain = infer(Lookup((sure, loose), Column("v", "k")), SCOPE)

    assert not isinstance(certain, Refusal)
    assert not isinstance(uncertain, Refusal)
    assert (certain[1], uncertain[1]) == (False, True)


@pytest.mark.parametrize(
    ("operation", "column", "type", "nullable"),
    [
        ("COUNT", None, "bigint", False),
        ("COUNT", "s", "bigint", False),
        ("SUM", "id", "decimal(0)", True),
        ("SUM", "d", "decimal(2)", True),
        ("SUM", "f", "double", True),
        ("AVG", "id", "decimal(4)", True),
        ("AVG", "d", "decimal(6)", True),
        ("MIN", "k", "varchar", True),
        ("MAX", "p", "timestamp(0)", True),
        ("MIN", "e", "enum", True),
    ],
)  # fmt: skip
def test_aggregates(operation: str, column: str | None, type: str, nullable: bool) -> None:
    """COUNT is a number always; sums widen; MIN and MAX keep the type."""
    value = None if column is None else Column("u", column)
    hop = users(equal("user_id", "id"))

    answer = infer(Aggregate(operation, hop, value), SCOPE)  # type: ignore[arg-type]  # parametrized

    assert not isinstance(answer, Refusal)
    assert (told(answer[0]).replace("timestamp(None)", "timestamp(0)"), answer[1]) == (
        type,
        nullable,
    )


def test_an_unknown_row_or_table_is_refused() -> None:
    """A name out of scope is told, not raised."""
    nowhere = Lookup((Hop("nowhere", "n", Literal(True)),), Literal(1))

    answers = [infer(Column("other", "id"), SCOPE), infer(nowhere, SCOPE)]

    assert [isinstance(answer, Refusal) for answer in answers] == [True, True]
