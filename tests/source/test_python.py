"""Fragments computed over a snapshot, by MySQL's rules; what is not exact is refused by name."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dalkit.source.comparing import Server
from dalkit.source.fragments import Fragment, parse_orders, parse_scalar, resolve
from dalkit.source.infer import Scope
from dalkit.source.joins import compile_children
from dalkit.source.python import compile_scalar
from dalkit.source.refusal import Refusal
from dalkit.source.snapshot import Row, Snapshot, needed_weights
from dalkit.source.tables import Column as TableColumn
from dalkit.source.tables import ColumnType, Source, SourceTable
from dalkit.source.tree import (
    Aggregate,
    And,
    Children,
    Column,
    Compare,
    Hop,
    Literal,
    Lookup,
    Scalar,
)
from dalkit.source.tree import Order as TreeOrder

GENERAL, ZERO, BIN = "utf8mb4_general_ci", "utf8mb4_0900_ai_ci", "utf8mb4_bin"
TYPES = {
    "id": ColumnType(base="int"),
    "i": ColumnType(base="int"),
    "u": ColumnType(base="bigint", unsigned=True),
    "d": ColumnType(base="decimal", precision=10, scale=2),
    "f": ColumnType(base="double"),
    "g": ColumnType(base="float"),
    "s": ColumnType(base="varchar", collation=GENERAL),
    "x": ColumnType(base="varchar", collation=ZERO),
    "k": ColumnType(base="varchar", collation=BIN),
    "c": ColumnType(base="date"),
    "t": ColumnType(base="datetime", scale=0),
    "n": ColumnType(base="time", scale=0),
    "e": ColumnType(base="enum", values=("low", "high", "a"), collation=GENERAL),
    "y": ColumnType(base="year"),
    "z": ColumnType(base="varbinary"),
}
COLUMNS = tuple(TableColumn(name=name, type=type) for name, type in TYPES.items())
TABLES = tuple(SourceTable(name=n, columns=COLUMNS, primary_key=("id",)) for n in ("facts", "more"))
SOURCE = Source(tables=TABLES)
SCOPE = Scope(SOURCE, {"facts": TABLES[0]})


def row(**values: Any) -> Row:
    """A row with these values, NULL elsewhere."""
    return tuple(values.get(name) for name in TYPES)


FACT = row(
    id=1, i=7, u=2**64 - 1, d=Decimal("20.99"), f=0.1, g=0.1, s="Abc", x="Abc", k="Abc",
    c=date(2024, 1, 31), t=datetime(2024, 2, 29, 13, 4, 5), n=timedelta(hours=-30, seconds=-1),
    e="high", y=2024, z=b"\xff\x00",
)  # fmt: skip


def tree_of(text: str, target: str = "facts") -> Scalar:
    """A fragment whose bare names are columns of a fact, or of `target`."""
    fragment = parse_scalar(text)
    assert isinstance(fragment, Fragment), fragment
    tree = resolve(fragment.tree, lambda qualifier, name: Column(qualifier or target, name))
    assert not isinstance(tree, Refusal)
    return tree


def computed(tree: Scalar, snapshot: Snapshot | None = None, server: Server | None = None) -> Any:
    """The value of a tree for the one fact."""
    step = compile_scalar(tree, SCOPE, snapshot or Snapshot({}), server=server)
    return step if isinstance(step, Refusal) else step({"facts": FACT})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("i + 1", 8), ("i / 2", Decimal("3.5000")), ("d / 3", Decimal("6.996667")),
        ("d * d", Decimal("440.5801")), ("i DIV 2", 3), ("-7 DIV 2", -3), ("-7 % 2", -1),
        ("i / 0", None), ("i DIV 0", None), ("i % 0", None), ("f + d", 21.09), ("f * 3", 0.1 * 3),
        ("s + 1", 1.0), ("'3x' + 1", 4.0), ("u - 1", 2**64 - 2), ("ROUND(d, 1)", Decimal("21.0")),
        ("ROUND(2.5)", Decimal(3)), ("ROUND(-2.5)", Decimal(-3)), ("ROUND(f * 25)", 2.0),
        ("FLOOR(-d)", -21), ("CEIL(d)", 21), ("ROUND(i, -1)", 10), ("ABS(-i)", 7),
        ("i AND NULL", None), ("0 AND NULL", 0), ("1 OR NULL", 1), ("NOT NULL", None),
        ("i IN (1, NULL)", None), ("i IN (7, NULL)", 1), ("i NOT IN (1, NULL)", None),
        ("i BETWEEN NULL AND 3", 0), ("NULL <=> NULL", 1), ("i <=> NULL", 0),
        ("i = '7'", 1), ("i = '7abc'", 1), ("d = '20.990'", 1), ("i = 7.0", 1), ("s = 0", 1),
        ("g = 0.1", 0), ("c = '2024-01-31'", 1), ("t > '2024-02-29'", 1), ("c < t", 1),
        ("n = '-30:00:01'", 1), ("y = '2024'", 1), ("z = 'a'", 0),
        ("s = 'ABC '", 1), ("x = 'ABC'", 1), ("x = 'Abc '", 0), ("k = 'abc'", 0), ("k = 'Abc '", 1),
        ("s < 'abd'", 1), ("s LIKE 'a_C'", 1), ("k LIKE 'a%'", 0), ("s LIKE 'abc '", 0),
        ("'50%' LIKE '50\\%'", 1), ("'a|b' LIKE 'a||b' ESCAPE '|'", 1), ("e = 'HIGH'", 1),
        ("CONCAT(i, '-', d, '-', f, '-', g)", "7-20.99-0.1-0.1"), ("CONCAT(s, NULL)", None),
        ("CONCAT_WS('-', s, NULL, i / 2)", "Abc-3.5000"), ("CONCAT_WS(NULL, s)", None),
        ("CONCAT(t, '|', c, '|', n, '|', y, '|', e)",
         "2024-02-29 13:04:05|2024-01-31|-30:00:01|2024|high"),
        ("UPPER('straße é')", "STRAßE É"), ("LOWER('ÀÉ')", "àé"), ("TRIM('  a\t ')", "a\t"),
        ("TRIM('xx' FROM 'xxxaxxx')", "xax"), ("LPAD(i, 3, '0')", "007"), ("RPAD(s, 2, '')", "Ab"),
        ("LPAD(s, -1, '0')", None), ("SUBSTRING(s, -2)", "bc"), ("SUBSTRING(s, 0)", ""),
        ("SUBSTRING(s, 2, 1)", "b"), ("SUBSTRING(s, -5, 3)", ""), ("LEFT(s, 2)", "Ab"),
        ("RIGHT(s, 2)", "bc"), ("RIGHT(s, 0)", ""), ("REPLACE('aAa', 'a', 'b')", "bAb"),
        ("CHAR_LENGTH('\U0001f600é')", 2), ("COALESCE(NULL, i, s)", "7"),
        ("COALESCE(i, d)", Decimal("7.00")), ("COALESCE(c, t)", datetime(2024, 1, 31)),
        ("NULLIF(s, 'ABC')", None), ("NULLIF(i, 8)", 7), ("GREATEST(i, d)", Decimal("20.99")),
        ("LEAST(i, NULL)", None), ("CASE WHEN i > 9 THEN 'a' ELSE 1.50 END", "1.50"),
        ("CASE i WHEN 7 THEN c END", date(2024, 1, 31)), ("IF(NULL, 1, 2)", 2),
        ("c + INTERVAL 1 MONTH", date(2024, 2, 29)), ("t - INTERVAL 1 YEAR",
         datetime(2023, 2, 28, 13, 4, 5)), ("c + INTERVAL 1 HOUR", datetime(2024, 1, 31, 1)),
        ("DATE '9999-12-31' + INTERVAL 1 DAY", None), ("DATEDIFF(t, c)", 29),
        ("TIMESTAMPDIFF(MONTH, c, t)", 0), ("TIMESTAMPDIFF(HOUR, t, c)", -709), ("HOUR(t)", 13),
        ("HOUR(n)", 30), ("DATE(t)", date(2024, 2, 29)), ("YEAR(c)", 2024),
        ("DATE_FORMAT(t, '%D %b %y %l%p %j %v %%')", "29th Feb 24 1PM 060 09 %"),
        ("CAST('12abc' AS SIGNED)", 12), ("CAST(2.5 AS SIGNED)", 3), ("CAST(u AS SIGNED)", -1),
        ("CAST(f AS DECIMAL(5, 2))", Decimal("0.10")),
        ("CAST(d AS DECIMAL(3, 2))", Decimal("9.99")),
        ("CAST(d AS CHAR(2))", "20"), ("CAST(s AS BINARY)", b"Abc"),
        ("CAST('2024-2-9' AS DATE)", date(2024, 2, 9)),
        ("CAST(c AS DATETIME)", datetime(2024, 1, 31)),
    ],
)  # fmt: skip
def test_values(text: str, value: object) -> None:
    """Each value is MySQL's, with its type."""
    answer = computed(tree_of(text))

    assert (answer, type(answer)) == (value, type(value))
    assert str(answer) == str(value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("u + 1", "out of range"),
        ("i - u", "out of range"),
        ("CAST(f AS DATE)", "CAST of REAL"),
        ("s = 'é'", "weights"),
        ("'a' = 'a '", "the connection's collation"),
        ("s = x", "different collations"),
        ("c = s", "no literal"),
        ("y = '24'", "four digits"),
        ("DATE_FORMAT(c, '%Y') + 1", "CAST it"),
        ("CAST(d AS CHAR) * 2", "CAST it"),
        ("RPAD(i, 5, 'é')", "garbles"),
        ("GREATEST(s, 'ABC')", "equal but not the same"),
        ("c = 'soon'", "not YYYY-MM-DD"),
        ("c = 20240131", "DATE with INT"),
        ("y = 24", "four digits"),
        ("CAST(-1 AS UNSIGNED)", "negative number"),
        ("UPPER('ǆ')", "U+01C6"),
        ("s AND 1", "TEXT as a condition"),
        ("DATE_FORMAT(s, '%Y')", "not YYYY-MM-DD"),
        ("COALESCE(CASE WHEN i THEN 1.5 ELSE 1 END, 's')", "CAST it"),
    ],
)
def test_refusals(text: str, named: str) -> None:
    """What Python cannot do exactly is a refusal that names it, before or while computing."""
    answer = computed(tree_of(text))

    assert isinstance(answer, Refusal)
    assert named in answer.reason


@pytest.mark.parametrize(
    ("text", "mariadb", "mysql"),
    [
        ("2 / 3 * 100", Decimal("66.6667"), Decimal("66.6700")),
        ("(1 / 7) BETWEEN 0.1429 AND 0.1429", 0, 1),
        ("RPAD(s, 5, '')", None, "Abc"),
        ("CAST(CAST('2024-01-01 00:00:00.6' AS DATETIME(1)) AS DATETIME)",
         datetime(2024, 1, 1), datetime(2024, 1, 1, 0, 0, 1)),
    ],
)  # fmt: skip
def test_where_the_servers_differ(text: str, mariadb: object, mysql: object) -> None:
    """Each server's own answer on demand; a refusal when none is named."""
    tree = tree_of(text)

    assert computed(tree, server="mariadb") == mariadb
    assert computed(tree, server="mysql") == mysql
    assert "do not agree" in str(computed(tree))


def test_weights_decide_where_ascii_does_not() -> None:
    """Texts that need the server's weights are told, and compared once the weights are there."""
    tree = tree_of("s = 'ÀBC'")
    bare = Snapshot({})
    weighed = Snapshot({}, {(GENERAL, "Abc"): b"\0A\0B\0C", (GENERAL, "ÀBC"): b"\0A\0B\0C"})

    assert needed_weights(tree, SCOPE) == {(GENERAL, "ÀBC")}
    assert needed_weights(Lookup((EVERY,), tree_of("m.s = 'é'")), SCOPE) == {(GENERAL, "é")}
    assert isinstance(computed(tree, bare), Refusal)
    assert bare.missing == {(GENERAL, "Abc"), (GENERAL, "ÀBC")}
    assert computed(tree, weighed) == 1


MORE = (
    row(id=3, i=7, k="c", s="X", e="a", d=Decimal("1.50"), f=0.5),
    row(id=1, i=7, k="a", s="y", e="low", d=None, f=0.25),
    row(id=2, i=8, k="b", s="Z", e="high", d=Decimal("2.25")),
    row(id=4, i=None, k=None, s="w"),
)
SNAPSHOT = Snapshot({"facts": [FACT], "more": MORE})
SAME = Hop("more", "m", Compare("=", Column("m", "i"), Column("facts", "i")))
EVERY = Hop("more", "m", Literal(True))
NONE = Hop("more", "m", Literal(False))


def test_lookup_takes_the_least_key() -> None:
    """Of several matches the one with the least primary key; NULL when there is none."""
    answers = [computed(Lookup((hop,), Column("m", "k")), SNAPSHOT) for hop in (SAME, EVERY, NONE)]

    assert answers == ["a", "a", None]


def test_rows_without_a_key_are_ordered_only_where_they_must_be() -> None:
    """A table without a key is ordered by its columns, and one match needs no order at all."""
    columns = (*COLUMNS[:2], TableColumn(name="q", type=ColumnType(base="opaque", text="point")))
    bare = SourceTable(name="bare", columns=columns)
    scope = Scope(Source(tables=(*TABLES, bare)), {"facts": TABLES[0]})
    on = Compare("=", Column("b", "i"), Column("facts", "i"))
    tree = Lookup((Hop("BARE", "b", on),), Column("b", "id"))
    held = {"bare": [(5, 7, b""), (3, 8, b""), (2, 8, b""), (4, 9, b""), (4, 9, b"")]}
    step = compile_scalar(tree, scope, Snapshot(held))
    assert not isinstance(step, Refusal)

    answers = [step({"facts": row(i=i)}) for i in (7, 8, 9)]

    assert answers[:2] == [5, 2]
    assert "point" in str(answers[2])


@pytest.mark.parametrize(
    ("collation", "text", "value"),
    [
        ("latin1_swedish_ci", "abc", "ABC"),
        ("latin1_swedish_ci", "ÿ", None),
        ("utf8mb4_tr_0900_ai_ci", "i", None),
        ("utf8mb4_turkish_ci", "i", None),
        ("utf8mb4_general_ci", "ÿ", "Ÿ"),
    ],
)
def test_case_follows_the_language(collation: str, text: str, value: str | None) -> None:
    """Upper case is computed where it is known, and refused in other alphabets and languages."""
    column = TableColumn(name="a", type=ColumnType(base="varchar", collation=collation))
    table = SourceTable(name="t", columns=(column,))
    scope = Scope(Source(tables=(table,)), {"t": table})
    step = compile_scalar(tree_of("UPPER(a)", "t"), scope, Snapshot({}))

    answer = step if isinstance(step, Refusal) else step({"t": (text,)})

    assert (None if isinstance(answer, Refusal) else answer) == value


def test_chain_takes_the_first_whole_match() -> None:
    """A hop that leads nowhere gives way to the next one that leads on."""
    on = And(
        (Compare("=", Column("n", "i"), Literal(8)), Compare("=", Column("m", "id"), Literal(3)))
    )
    chain = Lookup((EVERY, Hop("more", "n", on)), tree_of("CONCAT(m.k, n.k)"))

    assert computed(chain, SNAPSHOT) == "cb"


@pytest.mark.parametrize(
    ("hop", "operation", "column", "value"),
    [
        (SAME, "COUNT", None, 2), (EVERY, "COUNT", "i", 3), (NONE, "COUNT", None, 0),
        (NONE, "SUM", "i", None), (EVERY, "SUM", "i", Decimal(22)),
        (EVERY, "AVG", "i", Decimal("7.3333")), (EVERY, "AVG", "d", Decimal("1.875000")),
        (EVERY, "SUM", "f", 0.75), (EVERY, "MIN", "s", "w"), (EVERY, "MAX", "s", "Z"),
        (EVERY, "MIN", "e", "a"), (NONE, "MAX", "k", None),
    ],
)  # fmt: skip
def test_aggregates(hop: Hop, operation: Any, column: str | None, value: object) -> None:
    """Over the matching rows alone; COUNT of none is 0, all else NULL."""
    term = None if column is None else Column("m", column)

    assert computed(Aggregate(operation, hop, term), SNAPSHOT) == value


def test_a_sum_of_doubles_that_hangs_on_order_is_refused() -> None:
    """0.1 + 0.2 + 0.3 depends on which comes first."""
    rows = [row(id=n, f=n / 10) for n in range(1, 4)]
    answer = computed(Aggregate("SUM", EVERY, Column("m", "f")), Snapshot({"more": rows}))

    assert isinstance(answer, Refusal)


def test_min_of_texts_that_are_equal_but_not_the_same_is_refused() -> None:
    """Which of 'a' and 'A' the server finds first is its own affair."""
    rows = [row(id=1, s="a"), row(id=2, s="A")]
    answer = computed(Aggregate("MIN", EVERY, Column("m", "s")), Snapshot({"more": rows}))

    assert isinstance(answer, Refusal)


def children(order: str, limit: int | None = None, array: bool = True) -> Any:
    """The (id, d) of all rows, ordered."""
    orders = parse_orders(order)
    assert not isinstance(orders, Refusal)
    terms = tuple(
        TreeOrder(Column("m", o.term.name), o.descending)
        for o in orders
        if isinstance(o.term, Column)
    )
    members = (("id", Column("m", "id")), ("amount", tree_of("m.d * 2")))
    tree = Children(EVERY, members, terms, limit, array)
    step = compile_children(tree, SCOPE, SNAPSHOT)
    return step if isinstance(step, Refusal) else step({"facts": FACT})


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ("id", [1, 2, 3, 4]),
        ("id DESC", [4, 3, 2, 1]),
        ("i, id", [4, 1, 3, 2]),
        ("i DESC, id", [2, 1, 3, 4]),
        ("e, id", [4, 1, 2, 3]),
        ("s", [4, 3, 1, 2]),
        ("k DESC", [3, 2, 1, 4]),
    ],
)
def test_children_are_ordered(order: str, ids: list[int]) -> None:
    """NULL is the least, ENUM goes by its number, text by its collation."""
    assert [child[0] for child in children(order)] == ids


def test_children_are_limited() -> None:
    """The limit counts after the order; an object is the first row alone."""
    assert children("id DESC", 2) == ((4, None), (3, Decimal("3.00")))
    assert children("id", array=False) == ((1, None),)


def test_equality_joins_use_an_index() -> None:
    """A join by key over thousands of rows asks each outer row for its own matches alone."""
    many = [row(id=n, i=n % 5000, k=str(n)) for n in range(20_000)]
    count = Aggregate("COUNT", SAME)
    step = compile_scalar(count, SCOPE, Snapshot({"more": many}))
    assert not isinstance(step, Refusal)

    answers = [step({"facts": row(id=n, i=n)}) for n in range(5000)]

    assert answers == [4] * 5000


def test_text_joins_follow_the_collation() -> None:
    """A ci column meets every case of the word, a binary one its own; trailing spaces pad."""
    rows = [row(id=1, s="ABC", k="ABC"), row(id=2, s="abc ", k="Abc "), row(id=3, s="é", k="é")]
    counts = [
        computed(
            Aggregate("COUNT", Hop("more", "m", Compare("=", Column("m", n), Column("facts", n)))),
            Snapshot({"more": rows[:last]}),
        )
        for n, last in (("s", 2), ("k", 3))
    ]

    assert counts == [2, 1]


def test_zero_dates_are_kept_as_text_and_never_reckoned_with() -> None:
    """A zero date prints as the server prints it; a comparison with it is refused."""
    zero = {"facts": row(id=1, c="0000-00-00")}
    snapshot = Snapshot({})
    steps = [
        compile_scalar(tree_of(text), SCOPE, snapshot)
        for text in ("CONCAT(c)", "c", "c = '2024-01-01'", "c IS NULL", "YEAR(c)")
    ]

    answers = [None if isinstance(step, Refusal) else step(zero) for step in steps]

    assert answers[:2] == ["0000-00-00", "0000-00-00"]
    assert [isinstance(answer, Refusal) for answer in answers[2:]] == [True, True, True]


def test_an_unknown_table_is_refused() -> None:
    """A snapshot without the table is told, not guessed empty."""
    answer = computed(Aggregate("COUNT", SAME), Snapshot({}))

    assert isinstance(answer, Refusal)
