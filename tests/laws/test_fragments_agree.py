"""Law: a fragment gives the same value as SQL on the real server and as Python over a snapshot."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pymysql
import pytest
from attrs import define, field
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pymysql.connections import TEXT_TYPES

from dalkit.source.casts import as_text
from dalkit.source.collator import pads
from dalkit.source.comparing import Server
from dalkit.source.infer import Scope, typed
from dalkit.source.python import compile_scalar
from dalkit.source.refusal import Refusal
from dalkit.source.snapshot import Snapshot
from dalkit.source.sql import sql_of
from dalkit.source.tables import Column as TableColumn
from dalkit.source.tables import ColumnType, Source, SourceTable
from dalkit.source.tree import (
    Aggregate,
    And,
    Arithmetic,
    Between,
    Call,
    Case,
    Cast,
    Column,
    Compare,
    DateAdd,
    DateDiff,
    Hop,
    In,
    IsNull,
    Like,
    Literal,
    Lookup,
    Negative,
    Not,
    Or,
    Scalar,
)
from dalkit.source.typed import Typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

EXAMPLES = int(os.environ.get("DALKIT_EXAMPLES", "400"))

GENERAL, BIN = "utf8mb4_general_ci", "utf8mb4_bin"
UNICODE = {"mariadb": "utf8mb4_unicode_ci", "mysql": "utf8mb4_0900_ai_ci"}

DDL = """
    id INT PRIMARY KEY, i INT, b BIGINT, u BIGINT UNSIGNED, o TINYINT(1), d DECIMAL(10,2),
    w DECIMAL(30,9), f DOUBLE, g FLOAT, s VARCHAR(60) COLLATE utf8mb4_general_ci,
    x VARCHAR(60) COLLATE {unicode}, k VARCHAR(60) COLLATE utf8mb4_bin, t DATETIME,
    m DATETIME(3), c DATE, e ENUM('b','a','É') COLLATE utf8mb4_general_ci, y YEAR, n TIME,
    z VARBINARY(20), l VARCHAR(60) CHARACTER SET latin1, h CHAR(60) COLLATE utf8mb4_general_ci,
    v SET('b','a') COLLATE utf8mb4_general_ci, j MEDIUMINT(6) UNSIGNED ZEROFILL,
    r TIMESTAMP(6) NULL, q TIME(3), a DECIMAL(8,3) UNSIGNED
"""
NAMES = tuple("id i b u o d w f g s x k t m c e y n z l h v j r q a".split())


def _text_column(collation: str) -> ColumnType:
    return ColumnType(base="varchar", length=60, charset="utf8mb4", collation=collation)


def _types(unicode: str) -> list[ColumnType]:
    return [
        ColumnType(base="int"),
        ColumnType(base="int"),
        ColumnType(base="bigint"),
        ColumnType(base="bigint", unsigned=True),
        ColumnType(base="tinyint", length=1),
        ColumnType(base="decimal", precision=10, scale=2),
        ColumnType(base="decimal", precision=30, scale=9),
        ColumnType(base="double"),
        ColumnType(base="float"),
        _text_column(GENERAL),
        _text_column(unicode),
        _text_column(BIN),
        ColumnType(base="datetime", scale=0),
        ColumnType(base="datetime", scale=3),
        ColumnType(base="date"),
        ColumnType(base="enum", values=("b", "a", "É"), charset="utf8mb4", collation=GENERAL),
        ColumnType(base="year"),
        ColumnType(base="time", scale=0),
        ColumnType(base="varbinary", length=20),
        ColumnType(base="varchar", length=60, charset="latin1", collation="latin1_swedish_ci"),
        ColumnType(base="char", length=60, charset="utf8mb4", collation=GENERAL),
        ColumnType(base="set", values=("b", "a"), charset="utf8mb4", collation=GENERAL),
        ColumnType(base="mediumint", length=6, unsigned=True, zerofill=True),
        ColumnType(base="timestamp", scale=6),
        ColumnType(base="time", scale=3),
        ColumnType(base="decimal", precision=8, scale=3, unsigned=True),
    ]


def _scope(server: Server) -> Scope:
    columns = tuple(
        TableColumn(name=name, type=type, nullable=name != "id")
        for name, type in zip(NAMES, _types(UNICODE[server]), strict=True)
    )
    tables = tuple(
        SourceTable(name=name, columns=columns, primary_key=("id",)) for name in ("facts", "more")
    )
    source = Source(tables=tables)
    return Scope(source, {"facts": tables[0]})


TEXTS = (
    "", " ", "a", "A", "a ", "abc", "ABC", "Straße", "é", "e", "É", "12", "12.50", "-3x", "0",
    "%", "_", "50%", "a_c", "a\\b", "it's", "\U0001f600", "\U0001f601", "2024-02-29", "Zoë", "ÀÉ",
    "1e3", "日本", "a\tb", "b", "2024-01-31 10:00:00",
)  # fmt: skip
DATES = ("2024-02-29", "2024-01-31", "2023-12-31", "2000-01-01", "2024-03-31", "1999-12-31")
CLOCKS = ("00:00:00", "23:59:59", "10:00:00", "10:11:12")


def _nasty_rows() -> list[tuple[Any, ...]]:
    """Rows that hold every awkward value of every column at least once."""
    columns: list[tuple[Any, ...]] = [
        (0, 1, -1, 7, None, 2147483647, -2147483648, 3, 12),
        (0, 5, -5, 9223372036854775807, None, -9223372036854775808, 1000000007, 12),
        (0, 1, 18446744073709551615, None, 9223372036854775808, 12, 3),
        (0, 1, None, 1, 0),
        ("0.00", "20.99", "-20.99", "99999999.99", None, "0.05", "12.50", "-0.01", "3.00", "2.50"),
        ("0", "1.000000001", "-999999999999999999999.999999999", None, "0.333333333", "12.5"),
        (0.0, 0.1, -2.5, 1e15, None, 12.5, 1 / 3, 3.0, 123456.75, 1e-7),
        (0.0, 0.1, -2.5, None, 12.5, 3.0, 0.25, 1000.5),
        (*TEXTS, None),
        (*TEXTS[5:], None, *TEXTS[:5]),
        (*TEXTS[11:], *TEXTS[:11], None),
        (*(f"{d} {c}" for d, c in zip(DATES, CLOCKS * 2, strict=False)), None),
        ("2024-02-29 10:00:00.500", "2024-01-31 23:59:59.999", None, "2000-01-01 00:00:00.000"),
        (*DATES, None),
        ("b", "a", "É", None),
        (2024, 1999, None, 2000),
        ("10:11:12", "-01:02:03", None, "100:00:00", "00:00:00"),
        (b"", b"abc", b"\xff\x00", None, "é".encode()),
        (*(text for text in TEXTS if text.isascii()), None, "Straße", "é", "É", "Zoë", "ÀÉ"),
        (None, *TEXTS),
        ("", "b", "b,a", "a", None),
        (0, 42, None, 7, 1234567),
        ("2024-02-29 10:00:00.123456", None, "2000-01-01 00:00:00.000000"),
        ("10:11:12.500", "-01:02:03.001", None),
        ("0.000", "1.500", None, "12.505"),
    ]
    return [(n + 1, *(held[(n * 7 + n // 5) % len(held)] for held in columns)) for n in range(40)]


@define(repr=False)
class Bench:
    """A server with the tables, and the same rows as a snapshot."""

    connection: Connection[Cursor]
    snapshot: Snapshot
    weights: dict[tuple[str, str], bytes]
    server: Server
    scope: Scope
    asked: Server | None
    told: dict[str, int] = field(factory=lambda: {"trees": 0, "refused": 0, "values": 0})

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def weigh(self) -> bool:
        """Fetch the weights that were missing; whether there were any."""
        wanted = self.snapshot.missing - set(self.weights)
        for collation, text in sorted(wanted):
            if collation.startswith("latin1"):
                self.weights[collation, text] = self._latin(text)
                continue
            quoted = f"_utf8mb4 X'{text.encode().hex()}' COLLATE {collation}"
            ((weight,),) = self.ask(f"SELECT HEX(WEIGHT_STRING({quoted}))")
            self.weights[collation, text] = _trimmed(bytes.fromhex(_text(weight)), collation)
        return bool(wanted)

    def _latin(self, text: str) -> bytes:
        """The weight in latin1; of a text that is not, one that equals nothing."""
        if not all(letter.isascii() or letter in "ßéÉëÀ" for letter in text):
            return b"\xff" * 8 + text.encode()
        quoted = f"CONVERT(_utf8mb4 X'{text.encode().hex()}' USING latin1)"
        ((weight,),) = self.ask(f"SELECT HEX(WEIGHT_STRING({quoted}))")
        return bytes.fromhex(_text(weight)).rstrip(b" ")


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _trimmed(weight: bytes, collation: str) -> bytes:
    """Without the weights of trailing spaces (general and unicode collations, two bytes each)."""
    while pads(collation) and weight.endswith((b"\x00\x20", b"\x02\x09")):
        weight = weight[:-2]
    return weight


@pytest.fixture(scope="module")
def bench(mysql_connect: Callable[[str], Connection[Cursor]]) -> Iterator[Bench]:
    """The tables of the law on the real server."""
    name = f"laws_{os.getpid()}"
    with closing(mysql_connect("mysql")) as connection, pytest.MonkeyPatch.context() as patch:
        # The client decodes these types as ASCII (247: what MySQL calls CASE over an ENUM).
        patch.setattr("pymysql.connections.TEXT_TYPES", {*TEXT_TYPES, 247, 248})
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE {GENERAL}")
            try:
                cursor.execute(f"USE {name}")
                yield prepare(connection)
            finally:
                cursor.execute(f"DROP DATABASE {name}")


def prepare(connection: Connection[Cursor]) -> Bench:
    """Create the tables in the connection's database, fill them and read them back."""
    with connection.cursor() as cursor:
        cursor.execute("SET sql_mode='STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'")
        cursor.execute("SELECT VERSION()")
        server: Server = "mariadb" if "MariaDB" in str(cursor.fetchone()) else "mysql"
        if server == "mariadb":
            # MariaDB caches a subquery by its outer values under their collation: 'ABC' gets what
            # was computed for 'abc'.
            cursor.execute("SET optimizer_switch='subquery_cache=off'")
        rows = _nasty_rows()
        tables = {}
        for table, held in (("facts", rows), ("more", rows[::-1][:25])):
            cursor.execute(f"CREATE TABLE {table} ({DDL.format(unicode=UNICODE[server])})")
            marks = ", ".join(["%s"] * len(NAMES))
            cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", held)
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            tables[table] = list(cursor.fetchall())
    connection.decoders = {}
    weights: dict[tuple[str, str], bytes] = {}
    return Bench(connection, Snapshot(tables, weights), weights, server, _scope(server), server)


def leaf(*names: str) -> st.SearchStrategy[Scalar]:
    return st.sampled_from([Column("facts", name) for name in names])


whole_literals = st.sampled_from([0, 1, -1, 2, 3, 7, 12, 100]).map(Literal)
decimal_literals = st.sampled_from(["0.5", "2.50", "-1.25", "20.99", "3.0", "0.333"]).map(
    lambda text: Literal(Decimal(text))
)
text_literals = st.sampled_from(TEXTS).map(Literal)
date_literals = st.sampled_from(DATES).map(lambda text: Cast(Literal(text), "DATE"))
null = st.just(Literal(None))


quotients = st.builds(
    lambda a, b: Arithmetic("/", a, b),
    leaf("i", "d", "w", "id", "o"),
    leaf("id", "d") | whole_literals,
)


def numbers(inner: st.SearchStrategy[Scalar]) -> st.SearchStrategy[Scalar]:
    """Scalars that are numbers, above operands of any kind."""
    whole = leaf("i", "d", "b", "w", "f", "o", "u", "y", "g", "id", "j", "a") | whole_literals
    part = whole | decimal_literals | inner
    return st.one_of(
        st.builds(Arithmetic, st.sampled_from(["+", "-", "*", "/", "DIV", "%"]), part, part),
        (whole | decimal_literals | quotients).map(Negative),
        st.builds(
            lambda name, term: Call(name, (term,)),
            st.sampled_from(["ABS", "ROUND", "FLOOR", "CEIL", "CHAR_LENGTH"]),
            part | leaf("s") | quotients,
        ),
        st.builds(
            lambda term, n: Call("ROUND", (term, Literal(n))), part | quotients, st.integers(-2, 3)
        ),
        st.builds(Arithmetic, st.sampled_from(["+", "-", "*", "/", "DIV", "%"]), quotients, part),
        st.builds(lambda a, b: Call("MOD", (a, b)), part, part),
        st.builds(
            lambda name, term: Call(name, (term,)),
            st.sampled_from(["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"]),
            dates(inner) | leaf("n"),
        ),
        st.builds(
            DateDiff,
            st.sampled_from(["SECOND", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]),
            dates(inner),
            dates(inner),
        ),
        st.builds(lambda a, b: DateDiff("DAY", a, b, True), dates(inner), dates(inner)),
        st.builds(Cast, part | leaf("s", "k"), st.sampled_from(["SIGNED", "UNSIGNED"])),
        st.builds(Cast, part | leaf("s"), st.just("DECIMAL"), st.just(12), st.integers(0, 4)),
    )


def texts(inner: st.SearchStrategy[Scalar]) -> st.SearchStrategy[Scalar]:
    """Scalars that are texts."""
    part = (
        leaf("s", "x", "k", "e", "l", "h", "v", "j", "q", "r", "a")
        | text_literals
        | inner
        | leaf("i", "d", "t", "c", "f", "m")
    )
    few = st.integers(-3, 8).map(Literal)
    one = st.sampled_from(["UPPER", "LOWER", "TRIM", "LTRIM", "RTRIM"])
    formats = st.sampled_from(
        [
            "%Y-%m-%d",
            "%d.%m.%y %H:%i:%s",
            "%W %M %D %j",
            "%U %u %V %v %X %x",
            "%f%%%q%a%b%c%e%k%l%p",
        ]
    )
    return st.one_of(
        st.lists(part, min_size=1, max_size=3).map(lambda held: Call("CONCAT", tuple(held))),
        st.lists(part, min_size=2, max_size=4).map(lambda held: Call("CONCAT_WS", tuple(held))),
        st.builds(lambda name, term: Call(name, (term,)), one, part),
        st.builds(lambda term, gone: Call("TRIM", (term, gone)), part, text_literals),
        st.builds(lambda term, a: Call("SUBSTRING", (term, a)), part, few),
        st.builds(lambda term, a, b: Call("SUBSTRING", (term, a, b)), part, few, few),
        st.builds(
            lambda name, term, a: Call(name, (term, a)),
            st.sampled_from(["LEFT", "RIGHT"]),
            part,
            few,
        ),
        st.builds(
            lambda name, term, a, b: Call(name, (term, a, b)),
            st.sampled_from(["LPAD", "RPAD"]),
            part,
            few,
            text_literals,
        ),
        st.builds(lambda a, b, c: Call("REPLACE", (a, b, c)), part, text_literals, text_literals),
        st.builds(lambda a, form: Call("DATE_FORMAT", (a, Literal(form))), dates(inner), formats),
        st.builds(Cast, part, st.just("CHAR"), st.none() | st.integers(1, 12)),
    )


def dates(inner: st.SearchStrategy[Scalar]) -> st.SearchStrategy[Scalar]:
    """Scalars that are dates."""
    part = leaf("c", "t", "m", "r") | date_literals
    units = st.sampled_from(["SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"])
    amounts = st.integers(-40, 40).map(Literal) | leaf("id")
    return st.one_of(
        part,
        st.builds(DateAdd, part, amounts, units),
        part.map(lambda term: Call("DATE", (term,))),
        st.builds(Cast, part, st.just("DATETIME"), st.sampled_from([None, 3])),
        st.builds(Cast, part | st.sampled_from(DATES).map(Literal), st.just("DATE")),
    )


def conditions(inner: st.SearchStrategy[Scalar]) -> st.SearchStrategy[Scalar]:
    """Scalars that are conditions."""
    pairs = st.one_of(
        *(
            st.tuples(kind, kind)
            for kind in (
                leaf("i", "d", "b", "u", "w", "f", "o", "y") | whole_literals | decimal_literals,
                quotients | decimal_literals,
                leaf("s") | text_literals,
                leaf("x") | text_literals,
                leaf("k") | text_literals,
                leaf("l") | text_literals,
                leaf("h", "s") | text_literals,
                leaf("v") | text_literals,
                leaf("j", "a") | whole_literals,
                leaf("q", "n"),
                leaf("e") | text_literals,
                leaf("c", "t", "m") | date_literals | st.sampled_from(DATES).map(Literal),
                leaf("i", "d", "s", "f") | text_literals | whole_literals,
                leaf("n") | st.sampled_from(["10:11:12", "-01:02:03"]).map(Literal),
                leaf("z") | text_literals,
                inner | null | text_literals,
            )
        )
    )
    operators = st.sampled_from(["=", "<>", "<", "<=", ">", ">=", "<=>"])
    tests = st.builds(lambda op, pair: Compare(op, *pair), operators, pairs)
    held = tests | leaf("o", "i", "d") | tests.map(Not) | inner
    return st.one_of(
        tests,
        st.builds(lambda a, b: In(a[0], (a[1], *b)), pairs, st.lists(null, max_size=1)),
        st.builds(lambda a, b: Between(a[0], a[1], b[1]), pairs, pairs),
        st.builds(
            Like,
            leaf("s", "k", "x", "i", "d"),
            st.sampled_from(
                ["%", "a%", "A_c", "%é%", "_", "1%", "%\\_%", "50\\%", "%S%", "|%%"]
            ).map(Literal)
            | text_literals,
            st.sampled_from(["\\", "|"]),
        ),
        (inner | leaf("s", "c", "d")).map(IsNull),
        held.map(Not),
        st.lists(held, min_size=2, max_size=3).map(lambda terms: And(tuple(terms))),
        st.lists(held, min_size=2, max_size=3).map(lambda terms: Or(tuple(terms))),
    )


def choices(inner: st.SearchStrategy[Scalar]) -> st.SearchStrategy[Scalar]:
    """CASE, COALESCE and their like, over values of one kind or mixed."""
    kinds = [
        leaf("i", "d", "b", "w", "o") | whole_literals | decimal_literals | null | quotients,
        leaf("s", "k", "e") | text_literals | null,
        leaf("c", "t", "m") | date_literals | null,
        leaf("i", "d", "s", "t", "f", "y") | text_literals | inner,
    ]
    lists = st.one_of(*(st.lists(kind, min_size=2, max_size=3) for kind in kinds))
    return st.one_of(
        lists.map(lambda held: Call("COALESCE", tuple(held))),
        st.builds(lambda when, held: Case(((when, held[0]),), held[1]), conditions(inner), lists),
        lists.map(lambda held: Call("NULLIF", tuple(held[:2]))),
        st.builds(
            lambda name, held: Call(name, tuple(held)),
            st.sampled_from(["GREATEST", "LEAST"]),
            lists,
        ),
    )


def others(inner: st.SearchStrategy[Scalar]) -> st.SearchStrategy[Scalar]:
    """Look-ups and aggregates over the other table."""
    facts = ("id", "i", "d", "s", "k", "c", "o", "e", "x", "m", "y", "n", "f", "l", "h", "v", "r")
    ons = st.one_of(
        st.sampled_from(facts).map(
            lambda name: Compare("=", Column("more", name), Column("facts", name))
        ),
        st.builds(
            lambda a, b: Compare("=", Column("facts", a), Column("more", b)),
            st.sampled_from(facts),
            st.sampled_from(facts),
        ),
        st.just(Compare(">", Column("more", "id"), Column("facts", "id"))),
        st.just(
            And(
                (
                    Compare("=", Column("more", "o"), Column("facts", "o")),
                    Compare("<", Column("more", "i"), Literal(10)),
                )
            )
        ),
    )
    values = st.sampled_from([Column("more", n) for n in NAMES]) | inner
    return st.one_of(
        st.builds(lambda on, value: Lookup((Hop("more", "more", on),), value), ons, values),
        st.builds(
            lambda what, on, value: Aggregate(what, Hop("more", "more", on), value),
            st.sampled_from(["SUM", "COUNT", "AVG", "MIN", "MAX"]),
            ons,
            values,
        ),
        ons.map(lambda on: Aggregate("COUNT", Hop("more", "more", on))),
    )


def trees() -> st.SearchStrategy[Scalar]:
    leaves = leaf(*NAMES) | whole_literals | text_literals | decimal_literals
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            numbers(inner),
            texts(inner),
            dates(inner),
            conditions(inner),
            choices(inner),
            others(inner),
        ),
        max_leaves=6,
    )


def _evaluate(bench: Bench, tree: Scalar) -> list[Any]:
    """One value or refusal for each row; refusals for want of weights are tried again with them."""
    rows = bench.snapshot.tables["facts"]
    while True:
        bench.snapshot.missing.clear()
        step = compile_scalar(tree, bench.scope, bench.snapshot, server=bench.asked)
        if isinstance(step, Refusal):
            return [step] * len(rows)
        values = [step({"facts": row}) for row in rows]
        if not bench.weigh():
            return values


def _agrees(held: Typed, value: Any, answer: Any) -> bool:
    if value is None or answer is None:
        return value is answer
    if held.family == "decimal":
        return bool(value == Decimal(_text(answer)))
    if held.family == "float":
        return struct.pack("f", value) == struct.pack("f", float(_text(answer)))
    if held.family == "real":
        return float(value) == float(_text(answer))
    if held.family == "bytes":
        return bool(value == (answer if isinstance(answer, bytes) else answer.encode()))
    if isinstance(value, (date, datetime, Decimal, int, str, float)) or held.family == "time":
        return bool(as_text(held)(value) == _text(answer))
    raise AssertionError(f"{value!r} of {held}")


MIXED_TEXTS = frozenset((1267, 1270, 1271, 3854))
"""The server's errors for texts of character sets or collations that do not go together."""


def _answers(bench: Bench, sql: str, keys: list[int]) -> dict[int, Any]:
    """The server's value for each row; row by row where some other row fails the statement.

    None at all where the server refuses the statement itself for its mixture of texts.
    """
    try:
        return {int(_text(key)): one for key, one in bench.ask(f"SELECT f.id, {sql} FROM facts f")}
    except pymysql.Error as error:
        if error.args[0] in MIXED_TEXTS:
            return {}
        return {k: bench.ask(f"SELECT {sql} FROM facts f WHERE id = {k}")[0][0] for k in keys}


def check_agreement(bench: Bench) -> None:
    """Hold the law over many trees; `bench` counts what was seen."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(tree=trees())
    def agrees(tree: Scalar) -> None:
        agree(bench, tree)

    agrees()


def agree(bench: Bench, tree: Scalar) -> None:
    """The server gives what Python gave, on every row that Python did not refuse."""
    rows = [int(str(row[0])) for row in bench.snapshot.tables["facts"]]
    values = dict(zip(rows, _evaluate(bench, tree), strict=True))
    known = {key: value for key, value in values.items() if not isinstance(value, Refusal)}
    bench.told["trees"] += 1
    bench.told["refused"] += not known
    if not known:
        return
    held = typed(tree, bench.scope)
    assert isinstance(held, Typed)
    sql = sql_of(tree, {"facts": "f"}, bench.scope.source)
    answers = _answers(bench, sql, list(known))
    bench.told["values"] += len(answers)
    for key in known.keys() & answers.keys():
        value, answer = known[key], answers[key]
        assert _agrees(held, value, answer), f"{value!r} is {answer!r} for row {key}: {sql}"


def test_sql_and_python_agree(bench: Bench) -> None:
    """A random tree has the same value in both readings on every row, or Python refuses by name."""
    check_agreement(bench)

    assert bench.told["values"] > bench.told["trees"]
    assert bench.told["refused"] < bench.told["trees"] / 3


def test_what_is_computed_for_no_server_holds_for_each(bench: Bench) -> None:
    """Without a server named, a value is given only where MariaDB and MySQL agree on it."""
    bench.asked = None
    try:
        check_agreement(bench)
    finally:
        bench.asked = bench.server

    assert bench.told["values"] > bench.told["trees"]
