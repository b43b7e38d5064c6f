"""The tree printed as SQL: precedence, quoting, other rows; it reads back as the same tree."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalkit.source.fragments import Fragment, parse_scalar
from dalkit.source.sql import literal_of, name_of, order_key, sql_of
from dalkit.source.tables import Column as TableColumn
from dalkit.source.tables import ColumnType, Index, Source, SourceTable
from dalkit.source.tree import (
    Aggregate,
    Arithmetic,
    Case,
    Column,
    Compare,
    Hop,
    Like,
    Literal,
    Lookup,
    Negative,
    Not,
    Or,
)

INT = ColumnType(base="int")


def table(name: str, *columns: str, key: tuple[str, ...] = ("id",)) -> SourceTable:
    """A table of integers."""
    held = tuple(TableColumn(name=column, type=INT, nullable=False) for column in columns)
    return SourceTable(name=name, columns=held, primary_key=key)


SOURCE = Source(tables=(table("users", "id", "name"), table("items", "a", "b", key=("a", "b"))))


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("t.a = 1 OR t.b = 2 AND t.c", "`t`.`a` = 1 OR `t`.`b` = 2 AND `t`.`c`"),
        ("(t.a OR t.b) AND t.c", "(`t`.`a` OR `t`.`b`) AND `t`.`c`"),
        ("t.a - (t.b - t.c)", "`t`.`a` - (`t`.`b` - `t`.`c`)"),
        ("(t.a + t.b) * t.c", "(`t`.`a` + `t`.`b`) * `t`.`c`"),
        ("(t.a = t.b) = t.c", "(`t`.`a` = `t`.`b`) = `t`.`c`"),
        ("NOT t.a", "NOT (`t`.`a`)"),
        ("t.a IS NOT NULL", "`t`.`a` IS NOT NULL"),
        ("t.a NOT IN (1, 'x')", "`t`.`a` NOT IN (1, 'x')"),
        ("t.a NOT BETWEEN 1 AND 2", "`t`.`a` NOT BETWEEN 1 AND 2"),
        ("t.a NOT LIKE 'x%'", "`t`.`a` NOT LIKE 'x%'"),
        (r"t.a LIKE '5\%'", r"`t`.`a` LIKE _utf8mb4 X'355C25' ESCAPE _utf8mb4 X'5C'"),
        ("t.a LIKE t.b", "`t`.`a` LIKE `t`.`b` ESCAPE _utf8mb4 X'5C'"),
        ("t.a LIKE '|%' ESCAPE '|'", "`t`.`a` LIKE '|%' ESCAPE '|'"),
        ("IF(t.a, 1, NULL)", "CASE WHEN `t`.`a` THEN 1 END"),
        ("TRIM(LEADING 'x' FROM t.a)", "TRIM(LEADING 'x' FROM `t`.`a`)"),
        ("CAST(t.a AS DECIMAL(8, 2))", "CAST(`t`.`a` AS DECIMAL(8, 2))"),
        ("t.a - INTERVAL 1 DAY", "DATE_ADD(`t`.`a`, INTERVAL -1 DAY)"),
        ("DATEDIFF(t.a, t.b)", "DATEDIFF(`t`.`a`, `t`.`b`)"),
        ("TIMESTAMPDIFF(DAY, t.a, t.b)", "TIMESTAMPDIFF(DAY, `t`.`a`, `t`.`b`)"),
        ("-(-t.a)", "-(-`t`.`a`)"),
        ("- -5", "-(-5)"),
        ("t.a * -5", "`t`.`a` * -5"),
        ("IFNULL(t.a, TRUE)", "COALESCE(`t`.`a`, TRUE)"),
    ],
)
def test_prints(text: str, printed: str) -> None:
    """Parentheses stand where they are needed, names are quoted, the text reads back the same."""
    fragment = parse_scalar(text)
    assert isinstance(fragment, Fragment)

    assert sql_of(fragment.tree, {}, SOURCE) == printed
    if "X'" not in printed:
        again = parse_scalar(printed)
        assert isinstance(again, Fragment)
        assert again.tree == fragment.tree


def test_names_are_aliases() -> None:
    """A row is printed under the alias given for it, quoted whatever it holds."""
    tree = Compare("=", Column("users", "a`b"), Column("other", "c"))

    assert sql_of(tree, {"users": "u`"}, SOURCE) == "`u```.`a``b` = `other`.`c`"


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (None, "NULL"),
        (True, "TRUE"),
        (-3, "-3"),
        (Decimal("1.50"), "1.50"),
        (Decimal(5), "5."),
        (Decimal("1E+2"), "100."),
        ("it's", "'it''s'"),
        ("é\U0001f600", "'é\U0001f600'"),
        ("a\\", "_utf8mb4 X'615C'"),
        ("a\n", "_utf8mb4 X'610A'"),
        ("\0", "_utf8mb4 X'00'"),
    ],
)
def test_literals(value: str | int | Decimal | bool | None, printed: str) -> None:
    """Literals read alike in every sql_mode."""
    assert literal_of(value) == printed


@given(st.text())
def test_no_text_breaks_out_of_its_literal(value: str) -> None:
    """A quoted text holds no backslash, and no quote that is not doubled."""
    printed = literal_of(value.encode("utf-8", "ignore").decode())
    inner = printed[1:-1] if printed.startswith("'") else ""

    assert "\\" not in inner
    assert "'" not in inner.replace("''", "")


@given(st.text())
def test_no_name_breaks_out_of_its_quotes(name: str) -> None:
    """A quoted name holds no back-quote that is not doubled."""
    assert "`" not in name_of(name)[1:-1].replace("``", "")


def test_lookup() -> None:
    """A look-up is a subquery that takes the match with the least key."""
    hop = Hop("users", "u", Compare("=", Column("u", "id"), Column("orders", "user_id")))

    assert sql_of(Lookup((hop,), Column("u", "name")), {"orders": "o", "u": "u1"}, SOURCE) == (
        "(SELECT `u1`.`name` FROM `users` AS `u1` WHERE `u1`.`id` = `o`.`user_id`"
        " ORDER BY `u1`.`id` LIMIT 1)"
    )


def test_chain() -> None:
    """Later hops are joined, and ordered by every key in turn."""
    first = Hop("items", "i", Compare("=", Column("i", "a"), Column("orders", "id")))
    second = Hop("users", "u", Compare("=", Column("u", "id"), Column("i", "b")))

    assert sql_of(Lookup((first, second), Column("u", "name")), {}, SOURCE) == (
        "(SELECT `u`.`name` FROM `items` AS `i` JOIN `users` AS `u` ON `u`.`id` = `i`.`b`"
        " WHERE `i`.`a` = `orders`.`id` ORDER BY `i`.`a`, `i`.`b`, `u`.`id` LIMIT 1)"
    )


def test_aggregates() -> None:
    """An aggregate is a subquery of its own, even over values of the row around it."""
    hop = Hop("items", "i", Compare("=", Column("i", "a"), Column("orders", "id")))
    own, outer = Column("i", "b"), Column("orders", "x")

    printed = [
        sql_of(tree, {}, SOURCE)
        for tree in (
            Aggregate("COUNT", hop),
            Aggregate("SUM", hop, own),
            Aggregate("MAX", hop, outer),
        )
    ]

    where = "FROM `items` AS `i` WHERE `i`.`a` = `orders`.`id`)"
    assert printed == [
        f"(SELECT COUNT(*) {where}",
        f"(SELECT SUM(`i`.`b`) {where}",
        f"(SELECT MAX(CASE WHEN `i`.`a` IS NULL THEN `orders`.`x` ELSE `orders`.`x` END) {where}",
    ]


def test_leaf_prints_other_rows_its_own_way() -> None:
    """What the hook prints is taken; what it leaves is printed as a subquery."""
    hop = Hop("users", "u", Compare("=", Column("u", "id"), Column("orders", "id")))
    lookup, count = Lookup((hop,), Column("u", "name")), Aggregate("COUNT", hop)
    tree = Arithmetic("+", lookup, Negative(count))

    printed = sql_of(
        tree, {}, SOURCE, leaf=lambda node: "`j`.`v`" if isinstance(node, Lookup) else None
    )

    assert printed.startswith("`j`.`v` + -(SELECT COUNT(*)")


def test_empty_case_is_its_otherwise() -> None:
    """CASE without branches, which SQL cannot say, is the value that is left."""
    assert sql_of(Not(Case((), Or((Literal(1),)))), {}, SOURCE) == "NOT (1)"


def test_like_with_a_backslash_that_is_not_the_escape() -> None:
    """The pattern's text is hexadecimal, the escape as it was written."""
    tree = Like(Column("t", "a"), Literal("\\|%"), "|")

    assert sql_of(tree, {}, SOURCE) == "`t`.`a` LIKE _utf8mb4 X'5C7C25' ESCAPE '|'"


def test_order_key() -> None:
    """Rows are ordered by the primary key, else a unique key without NULL, else by all columns."""
    keyed = SOURCE.tables[1]
    bare = SourceTable(name="bare", columns=keyed.columns)
    unique = SourceTable(
        name="u", columns=keyed.columns, indexes=(Index(name="k", columns=("b",), unique=True),)
    )

    assert [order_key(one) for one in (keyed, unique, bare)] == [("a", "b"), ("b",), ("a", "b")]


def test_an_unknown_table_is_misuse() -> None:
    """A tree of another source is told apart from a bad contract."""
    hop = Hop("nowhere", "n", Literal(True))

    with pytest.raises(ValueError, match="nowhere"):
        sql_of(Lookup((hop,), Literal(1)), {}, SOURCE)
