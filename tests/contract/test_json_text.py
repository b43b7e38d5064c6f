"""Strict JSON: what is accepted, and where each fault is said to be."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dalkit.contract.findings import LISTED, Enough, Findings
from dalkit.contract.json_text import MAXIMUM_DEPTH, MAXIMUM_SIZE, UNREAD, Json, parse
from dalkit.contract.problems import Problem


def read(text: str | bytes) -> tuple[Json, tuple[Problem, ...]]:
    """The value, and the problems."""
    findings = Findings()
    value = parse(text, findings)
    return value, findings.problems()


def places(problems: tuple[Problem, ...]) -> list[tuple[str, str]]:
    """Code and pointer of each problem."""
    return [(problem.code, problem.pointer) for problem in problems]


def test_values_are_exact() -> None:
    """Numbers keep their digits; a whole number is an int, any other a Decimal."""
    text = (
        b'{"a": [1, -0, 1.10, 1e2, 12345678901234567890, 0.1], "b": null, "c": [true, "\xc3\xa9"]}'
    )
    value, problems = read(text)

    assert problems == ()
    assert repr(value) == repr(
        {
            "a": [1, 0, Decimal("1.10"), Decimal("1E+2"), 12345678901234567890, Decimal("0.1")],
            "b": None,
            "c": [True, "é"],
        }
    )


@pytest.mark.parametrize("text", ["\ufeff[1]", b"\xef\xbb\xbf[1]"])
def test_a_byte_order_mark_is_no_part_of_the_text(text: str | bytes) -> None:
    """Editors on Windows write one."""
    assert read(text) == ([1], ())


def test_bytes_that_are_no_utf8_are_placed() -> None:
    """The line and the byte are told."""
    value, problems = read(b'{\n "a": "\xff"}')

    assert value is UNREAD
    assert places(problems) == [("DK101", "")]
    assert "byte 9 (line 2, byte 8 of it) is 0xFF" in problems[0].text


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "line 1, column 1"),
        ("{", "line 1, column 2"),
        ('{"a": 1,\n "b" 2}', "line 2, column 6"),
        ("[1] x", "line 1, column 5"),
        ('["a\nb"]', "line 1, column 4"),
        ("['a']", "line 1, column 2"),
        ("[01]", "line 1, column 3"),
        ("[1] \\", "line 1, column 5"),
        ('["\\x"]', "line 1, column 3"),
    ],
)
def test_syntax_errors_are_placed(text: str, place: str) -> None:
    """What is no JSON has a line and a column."""
    value, problems = read(text)

    assert value is UNREAD
    assert places(problems) == [("DK102", "")]
    assert f"no JSON at {place}:" in problems[0].text


def test_each_repeated_member_is_placed() -> None:
    """Also under names that need escaping in a pointer, and more than once in a document."""
    _, problems = read('[{"a/b": {"~": 1, "~": 2, "~": 3}, "c": 1}, {"x": {}, "y": 0, "x": []}]')

    assert places(problems) == [("DK104", "/0/a~1b/~0"), ("DK104", "/1/x")]


def test_numbers_that_no_store_holds_are_placed() -> None:
    """NaN, Infinity, a million digits, a gigantic exponent: refused before they are computed."""
    text = '{"a": NaN, "b": [-Infinity], "c": %s, "d": 1.%s, "e": 1e999999999, "f": 1e%s}'
    _, problems = read(text % ("9" * 1_000_000, "1" * 200, "9" * 100_000))

    assert places(problems) == [
        ("DK105", "/a"),
        ("DK105", "/b/0"),
        ("DK103", "/c"),
        ("DK103", "/d"),
        ("DK103", "/e"),
        ("DK103", "/f"),
    ]
    assert max(len(problem.text) for problem in problems) < 200


def test_half_characters_are_placed_in_names_and_values() -> None:
    """A lone surrogate cannot be stored; a pair is a character."""
    _, problems = read('{"a": "\\ud83d", "\\udc00": 1, "b": "\\ud83d\\ude00"}')

    assert places(problems) == [("DK106", "/a"), ("DK106", "/\udc00")]


def test_half_characters_in_text_are_found_too() -> None:
    """A str can hold what no UTF-8 file can."""
    assert places(read('["\ud800"]')[1]) == [("DK106", "/0")]


@pytest.mark.parametrize("bracket", ["[", '{"a":'])
def test_depth_is_limited_before_parsing(bracket: str) -> None:
    """A hundred thousand brackets cost no stack."""
    value, problems = read(bracket * 100_000)

    assert value is UNREAD
    assert places(problems) == [("DK103", "")]


def test_the_deepest_document_allowed_is_read() -> None:
    """Brackets in texts do not count, closed ones neither."""
    depth = MAXIMUM_DEPTH - 1
    text = '["[[\\"[[", ' + "[]," * 200 + "[" * depth + "]" * depth + "]"

    assert read(text)[1] == ()
    assert places(read(f"[{text}]")[1]) == [("DK103", "")]


@pytest.mark.parametrize("text", [" " * (MAXIMUM_SIZE + 1), b" " * (MAXIMUM_SIZE + 1)])
def test_size_is_limited(text: str | bytes) -> None:
    """One byte too many is refused unread."""
    assert places(read(text)[1]) == [("DK103", "")]


def test_the_first_faults_are_the_ones_that_are_listed() -> None:
    """When there are more than a list can hold."""
    findings = Findings()
    with pytest.raises(Enough):
        parse("[" + "NaN," * 2 * LISTED + "1]", findings)
    problems = findings.problems()

    assert [one.pointer for one in problems] == [*(f"/{n}" for n in range(LISTED)), ""]
    assert problems[-1].code == "DK108"
