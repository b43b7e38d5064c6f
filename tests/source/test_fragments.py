"""Fragments read into the closed tree, and everything else refused with its name and place."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dalkit.source.fragments import Fragment, parse_orders, parse_scalar, resolve
from dalkit.source.refusal import Refusal
from dalkit.source.tree import (
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
    In,
    IsNull,
    Like,
    Literal,
    Negative,
    Not,
    Or,
    Order,
    Scalar,
)

A, B, C, D = (Column("", name) for name in "abcd")
ONE, TWO = Literal(1), Literal(2)


def read(text: str) -> Scalar:
    """The tree of a fragment that is expected to be read."""
    answer = parse_scalar(text)
    assert isinstance(answer, Fragment), answer
    return answer.tree


def refused(text: str) -> Refusal:
    """The refusal of a fragment that is expected to be refused."""
    answer = parse_scalar(text)
    assert isinstance(answer, Refusal), answer
    return answer


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", A),
        ("t.a", Column("t", "a")),
        ("`a``b`.`c d`", Column("a`b", "c d")),
        ("t.key", Column("t", "key")),
        ("date", Column("", "date")),
        ("a = 1", Compare("=", A, ONE)),
        ("a != 1", Compare("<>", A, ONE)),
        ("a <=> 1", Compare("<=>", A, ONE)),
        ("a IS NULL", IsNull(A)),
        ("a IS NOT NULL", Not(IsNull(A))),
        ("a IS TRUE", And((A, Not(IsNull(A))))),
        ("a IS NOT FALSE", Not(And((Not(A), Not(IsNull(A)))))),
        ("a IN (1, 2)", In(A, (ONE, TWO))),
        ("a NOT IN (1, 2)", Not(In(A, (ONE, TWO)))),
        ("a BETWEEN 1 AND 2 AND b", And((Between(A, ONE, TWO), B))),
        ("a NOT BETWEEN 1 AND 2", Not(Between(A, ONE, TWO))),
        ("a LIKE 'x%'", Like(A, Literal("x%"))),
        ("a NOT LIKE '|%' ESCAPE '|'", Not(Like(A, Literal("|%"), "|"))),
        ("a OR b AND c", Or((A, And((B, C))))),
        ("a && b AND c", And((A, B, C))),
        ("NOT a = b", Not(Compare("=", A, B))),
        ("!a", Not(A)),
        ("(a OR b) AND c", And((Or((A, B)), C))),
        ("a IS NULL = b", Compare("=", IsNull(A), B)),
        ("a = b IS NULL", IsNull(Compare("=", A, B))),
        ("a = (b > c)", Compare("=", A, Compare(">", B, C))),
        ("a - b - c", Arithmetic("-", Arithmetic("-", A, B), C)),
        ("a * b DIV c", Arithmetic("DIV", Arithmetic("*", A, B), C)),
        ("a MOD (b)", Arithmetic("%", A, B)),
        ("MOD(a, b)", Call("MOD", (A, B))),
        ("-a * b", Arithmetic("*", Negative(A), B)),
        ("- -5", Negative(Literal(-5))),
        ("+a", A),
        ("IF(a, 1, 2)", Case(((A, ONE),), TWO)),
        ("IFNULL(a, b)", Call("COALESCE", (A, B))),
        ("CASE WHEN a THEN 1 END", Case(((A, ONE),))),
        ("CASE a WHEN 1 THEN b ELSE c END", Case(((Compare("=", A, ONE), B),), C)),
        ("MID(a, 1, 2)", Call("SUBSTRING", (A, ONE, TWO))),
        ("SUBSTRING(a FROM 1 FOR 2)", Call("SUBSTRING", (A, ONE, TWO))),
        ("CEILING(a)", Call("CEIL", (A,))),
        ("REPLACE(a, 'x', 'y')", Call("REPLACE", (A, Literal("x"), Literal("y")))),
        ("LEFT(a, 2)", Call("LEFT", (A, TWO))),
        ("TRIM(LEADING 'x' FROM a)", Call("LTRIM", (A, Literal("x")))),
        ("DATE_FORMAT(d, '%i %M')", Call("DATE_FORMAT", (D, Literal("%i %M")))),
        ("EXTRACT(YEAR FROM d)", Call("YEAR", (D,))),
        ("d + INTERVAL 1 DAY", DateAdd(D, ONE, "DAY")),
        ("INTERVAL 1 DAY + d", DateAdd(D, ONE, "DAY")),
        ("DATE_SUB(d, INTERVAL 2 WEEK)", DateAdd(D, Literal(-2), "WEEK")),
        ("DATE_ADD(d, INTERVAL -1 MONTH)", DateAdd(D, Literal(-1), "MONTH")),
        ("SUBDATE(d, 2)", DateAdd(D, Literal(-2), "DAY")),
        ("d - INTERVAL a YEAR", DateAdd(D, Negative(A), "YEAR")),
        ("TIMESTAMPADD(HOUR, 2, d)", DateAdd(D, TWO, "HOUR")),
        ("DATEDIFF(a, b)", DateDiff("DAY", B, A, calendar=True)),
        ("TIMESTAMPDIFF(MONTH, a, b)", DateDiff("MONTH", A, B)),
        ("DATE '2024-02-29'", Cast(Literal("2024-02-29"), "DATE")),
        ("TIMESTAMP '2024-02-29 10:00:00.25'",
         Cast(Literal("2024-02-29 10:00:00.25"), "DATETIME", 2)),
        ("CAST(a AS UNSIGNED INTEGER)", Cast(A, "UNSIGNED")),
        ("CAST(a AS DECIMAL)", Cast(A, "DECIMAL", 10, 0)),
        ("CAST(a AS DECIMAL(6))", Cast(A, "DECIMAL", 6, 0)),
        ("CAST(a AS CHAR(5))", Cast(A, "CHAR", 5)),
        ("CAST(a AS BINARY)", Cast(A, "BINARY")),
        ("CONVERT(a, DATETIME(3))", Cast(A, "DATETIME", 3)),
    ],
)  # fmt: skip
def test_reads(text: str, tree: Scalar) -> None:
    """Every construct of the closed grammar has its tree."""
    assert read(text) == tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'it''s'", "it's"),
        ('"say ""x"""', 'say "x"'),
        (r"'a\'b\n\t\0\Z\b\r\q\\'", "a'b\n\t\0\x1a\b\rq\\"),
        (r"'50\%\_'", r"50\%\_"),
        ("'a -- b /* c */ ; d'", "a -- b /* c */ ; d"),
        ("'日本\U0001f600'", "日本\U0001f600"),
        ("7", 7),
        ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", Decimal(18446744073709551616)),
        ("1.50", Decimal("1.50")),
        (".5", Decimal("0.5")),
        ("-9223372036854775808", -9223372036854775808),
        ("-" + "9" * 40, Decimal("-" + "9" * 40)),
        ("TRUE", True),
        ("NULL", None),
    ],
)
def test_literals(text: str, value: object) -> None:
    """Literals are read as MySQL reads them, decimals with every digit."""
    literal = read(text)

    assert isinstance(literal, Literal)
    assert (literal.value, type(literal.value)) == (value, type(value))
    assert str(literal.value) == str(value)


@pytest.mark.parametrize(
    ("text", "named", "position"),
    [
        ("a /* c */", "a comment", 2),
        ("a -- c", "a comment", 2),
        ("a # c", "a comment", 2),
        ("/*!50000 a */", "a comment", 0),
        ("a /*! + 1 */", "a comment", 2),
        ("a; DROP TABLE t", "second statement", 1),
        ("(SELECT 1)", "sub-select", 1),
        ("EXISTS(SELECT 1)", "EXISTS", 0),
        ("a = ANY(SELECT 1)", "ANY", 4),
        ("1 UNION SELECT 2", "UNION", 2),
        ("a INTO OUTFILE 'x'", "INTO", 2),
        ("@a", "a variable", 0),
        ("@@version", "a variable", 0),
        ("a = ?", "a placeholder", 4),
        ("a = :b", "a placeholder", 4),
        ("a || b", "||", 2),
        ("a & b", "&", 2),
        ("a -> '$.x'", "->", 2),
        ("0x41", "hexadecimal", 0),
        ("x'41'", "hexadecimal", 0),
        ("b'1'", "bits", 0),
        ("N'a'", "character set", 0),
        ("_latin1'a'", "_latin1", 0),
        ("a COLLATE utf8mb4_bin", "COLLATE", 2),
        ("BINARY a", "BINARY", 0),
        ("a REGEXP 'x'", "REGEXP", 2),
        ("a RLIKE 'x'", "RLIKE", 2),
        ("a XOR b", "XOR", 2),
        ("a SOUNDS LIKE b", "SOUNDS", 2),
        ("SLEEP(10)", "SLEEP", 0),
        ("LOAD_FILE('/etc/passwd')", "LOAD_FILE", 0),
        ("my_function(a)", "my_function", 0),
        ("NVL(a, b)", "NVL", 0),
        ("COUNT(*)", "aggregate COUNT", 0),
        ("a + SUM(b)", "aggregate SUM", 4),
        ("NOW()", "NOW (it changes", 0),
        ("CURRENT_DATE", "CURRENT_DATE (it changes", 0),
        ("RAND()", "RAND (it changes", 0),
        ("'a' 'b'", "side by side", 0),
        ("a\0b", "NUL", 1),
        ("'\ud800'", "surrogate", 1),
        ("a)", "parenthesis", 1),
    ],
)
def test_refuses_with_its_place(text: str, named: str, position: int) -> None:
    """What is outside the grammar is named, with the character where it stands."""
    refusal = refused(text)

    assert named in refusal.reason
    assert refusal.position == position


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "no expression"),
        ("  ", "no expression"),
        ("(", "not closed"),
        ("'abc", "not closed"),
        ("`abc", "not closed"),
        ("a b", "second name"),
        ("a AS b", "second name"),
        ("created_at DESC", "second name"),
        ("*", "*"),
        ("t.*", "*"),
        ("a.b.c", "two parts"),
        ("(a, b) = (1, 2)", "several values"),
        ("a IN ()", "IN without"),
        ("a = b = c", "parentheses"),
        ("a = b > c", "parentheses"),
        ("a LIKE b = c", "parentheses"),
        ("a IN (1) = 1", "parentheses"),
        ("1e3", "exponent"),
        ("9" * 66, "65 digits"),
        ("0." + "1" * 31, "30 after the point"),
        ("GREATEST(a)", "2 or more arguments"),
        ("ABS(a, b)", "takes 1 arguments"),
        ("a LIKE b ESCAPE 'xy'", "one character"),
        ("CAST(a AS JSON)", "CAST to"),
        ("CAST(a AS TIME)", "CAST to"),
        ("CAST(a AS DECIMAL(66, 2))", "DECIMAL(66"),
        ("CONVERT(a USING utf8mb4)", "CAST to"),
        ("DATE '2024-13-01'", "no date"),
        ("TIMESTAMP 'now'", "no date and time"),
        ("d + INTERVAL 1 FORTNIGHT", "the unit FORTNIGHT"),
        ("d + INTERVAL '1:1' HOUR_MINUTE", "whole number"),
        ("d + INTERVAL 1.5 DAY", "whole number"),
        ("COUNT(*) OVER ()", "COUNT"),
        ("INTERVAL 1 DAY", "INTERVAL"),
        ("CHAR(65)", "CHAR"),
        ("CASE WHEN a THEN 1", "no expression"),
        ("%s", "no expression"),
    ],
)
def test_refuses_by_name(text: str, named: str) -> None:
    """Misreadings and leftovers of the parser are refused by name."""
    assert named in str(refused(text))


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "(" * 100_000 + "a" + ")" * 100_000,
        "(" * 30 + "a" + ")" * 30,
        "a AND " * 100_000 + "a",
        "a = " * 4_000 + "a",
        "NOT " * 3_000 + "a",
        "- " * 3_000 + "a",
        "a + " * 900 + "a",
        "CASE WHEN a THEN " * 40 + "1" + " END" * 40,
        "CONCAT(" * 200 + "a" + ")" * 200,
        "'" + "x" * 100_000 + "'",
        "1," * 3_000,
        "a.b." * 900 + "c",
        "`" * 9_999,
    ],
)
def test_hostile_text_is_refused(text: str) -> None:
    """Text without measure is refused; nothing recurses or takes long."""
    refused(text)


def test_long_conditions_are_read() -> None:
    """Hundreds of terms of one AND are one flat node."""
    tree = read(" AND ".join(["a = 1"] * 900))

    assert tree == And((Compare("=", A, ONE),) * 900)


def test_nesting_up_to_the_limit_is_read() -> None:
    """Nesting that is allowed does not exhaust the parser."""
    assert read("(" * 24 + "a" + ")" * 24) == A


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("created_at DESC", (Order(Column("", "created_at"), True),)),
        ("a, b desc", (Order(A), Order(B, True))),
        ("`desc` ASC", (Order(Column("", "desc")),)),
        ("desc desc", (Order(Column("", "desc"), True),)),
        ("CONCAT(a, ',') DESC, t.b", (
            Order(Call("CONCAT", (A, Literal(","))), True), Order(Column("t", "b")),
        )),
    ],
)  # fmt: skip
def test_orders(text: str, orders: tuple[Order, ...]) -> None:
    """ORDER BY lists are read term by term."""
    assert parse_orders(text) == orders


@pytest.mark.parametrize("text", ["", "a,", "a b", "a DESC; DROP", "a DESC DESC", ",a"])
def test_orders_refused(text: str) -> None:
    """An empty or foreign term is a refusal."""
    assert isinstance(parse_orders(text), Refusal)


def test_resolve_replaces_every_name() -> None:
    """Names give way to what the resolver says, qualifiers and all."""
    tree = read("CASE WHEN t.a IN (b, 1) THEN c END")
    rows = {"t": "target", None: "orders"}

    found = resolve(tree, lambda qualifier, name: Column(rows[qualifier], name.upper()))

    assert found == Case(
        ((In(Column("target", "A"), (Column("orders", "B"), ONE)), Column("orders", "C")),)
    )


def test_resolve_passes_a_refusal_on() -> None:
    """A name that means nothing makes the whole a refusal."""
    found = resolve(read("a + b"), lambda _, name: A if name == "a" else Refusal(f"no {name}"))

    assert found == Refusal("no b")
