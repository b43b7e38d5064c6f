"""Statements and tokens of MySQL text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dalkit.source.lexer import statements, tokens, unquoted


def cut(text: str) -> list[tuple[str, int]]:
    """Each statement's text and line."""
    return [(one.text.strip(), one.line) for one in statements(text)]


def words(text: str) -> list[str]:
    """Each token's text."""
    return [token.text for token in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (";;\n;", []),
        ("a;b", [("a", 1), ("b", 1)]),
        ("\n\n a\n;\n b ;", [("a", 3), ("b", 5)]),
        ("select ';', \";\", `;`; x", [("select ';', \";\", `;`", 1), ("x", 1)]),
        (r"select 'it''s;', '\';'; x", [(r"select 'it''s;', '\';'", 1), ("x", 1)]),
        ("-- a;b\n# c;d\n/* e;\nf */ g; --;\nh", [("g", 4), ("--", 4), ("h", 5)]),
        ("a -- 'open\n; b # \"\n; c /* ` */; d", [
            ("a -- 'open", 1), ('b # "', 2), ("c /* ` */", 3), ("d", 3),
        ]),
        ("a--b;c", [("a--b", 1), ("c", 1)]),
        ("/*!40101 SET NAMES utf8 */;\nx", [("/*!40101 SET NAMES utf8 */", 1), ("x", 2)]),
        ("/*M!999999\\- enable the sandbox mode */ \nx", [("x", 2)]),
        ("DELIMITER //\na; b//\ndelimiter ;\nc;d", [("a; b", 2), ("c", 4), ("d", 4)]),
        ("DELIMITER $$\na$b$$c", [("a$b", 2), ("c", 2)]),
        ("delimiter ;;\n/*!50003 create trigger x begin a; end */;;\ndelimiter ;\nb", [
            ("/*!50003 create trigger x begin a; end */", 2), ("b", 4),
        ]),
        ("INSERT INTO a VALUES (';\\'', \"x\");\nreplace into b values (1); c", [("c", 2)]),
        ("/*!40000 INSERT INTO a VALUES (1) */; b", [("b", 1)]),
        ("USE a\nb; use c ;\nuse d", [("USE a", 1), ("b", 2), ("use c", 2), ("use d", 3)]),
        ("source x.sql\r\na; \\. y.sql", [("source x.sql", 1), ("a", 2), ("\\. y.sql", 2)]),
        ("inserted; replaced", [("inserted", 1), ("replaced", 1)]),
    ],
)  # fmt: skip
def test_statements_end_at_their_delimiter(text: str, expected: list[tuple[str, int]]) -> None:
    """Neither quotes nor comments end a statement, and each knows its line."""
    assert cut(text) == expected


@pytest.mark.parametrize("text", ["a 'b", 'a "b', "a `b", "/* a", "a /* b", "INSERT 'a", "a '\\'"])
def test_an_open_quote_or_comment_is_told(text: str) -> None:
    """What never ends runs to the end of the text, and says so, even in data."""
    (only,) = statements(text)

    assert only.open
    assert only.text == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a `b``c` 'd''e'", ["a", "b`c", "d'e"]),
        (r"'\n\t\0\\\'\"\%\_\x'", ["\n\t\0\\'\"\\%\\_x"]),
        ('"a""b\\"c"', ['a"b"c']),
        ("1.5e-3 .5 12 1a 0x1F", ["1.5e-3", ".5", "12", "1a", "0x1F"]),
        ("a/*!80016 NOT*/ /*! b */c/*!99999 d */ /* e */ f", ["a", "NOT", "b", "c", "f"]),
        ("a /*M!100301 COMPRESSED*/ b", ["a", "COMPRESSED", "b"]),
        ("a */ b", ["a", "*", "/", "b"]),
        ("é$_1 日本 a#x\nb-- y\nc--d", ["é$_1", "日本", "a", "b", "c", "-", "-", "d"]),
    ],
)
def test_tokens_are_values(text: str, expected: list[str]) -> None:
    """Quotes are taken off, escapes resolved, comments left out, conditional ones taken in."""
    assert words(text) == expected


@settings(deadline=None)
@given(st.text(alphabet="'\"\\`ab%_\n\0", max_size=30))
def test_any_text_survives_its_quotes(value: str) -> None:
    """What MySQL would quote is read back."""
    for quote in "'\"":
        quoted = quote + value.replace("\\", "\\\\").replace(quote, quote * 2) + quote

        assert unquoted(quoted) == value
        assert words(f"x {quoted} y") == ["x", value, "y"]


@settings(deadline=None)
@given(st.text(alphabet="'\"`;\\/*!-#\n aD(80016", max_size=60))
def test_every_text_is_cut_to_its_end(text: str) -> None:
    """Whatever is given, statements are parts of it in order, and tokens lie inside them."""
    place = 0
    for statement in statements(text):
        place = text.index(statement.text, place) + len(statement.text)
        ends = [token.end for token in tokens(statement.text)]

        assert ends == sorted(ends)
        assert all(0 < end <= len(statement.text) for end in ends)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", ["'", "''", "\\'", "`", '"', "/*", "/**/", "/*!", "*/", "--\n", "-", "#", ";", "a'b"]
)
def test_a_megabyte_of_anything_is_cut(piece: str) -> None:
    """Hostile text costs time in proportion to its length: a quadratic cut would never end."""
    text = "x " + piece * (1_000_000 // len(piece))

    assert sum(len(statement.text) for statement in statements(text)) <= len(text)


@pytest.mark.timeout(60)
def test_a_long_insert_is_passed_over() -> None:
    """Ten megabytes of rows are no statement, and do not hide the next one."""
    row = "(1,'it\\'s a \"test\"','a''b',-3.5,NULL,'/* no comment */'),"
    text = "INSERT INTO `x` VALUES " + row * 180_000 + "(2);\nCREATE TABLE t (a INT);"

    assert cut(text) == [("CREATE TABLE t (a INT)", 2)]
