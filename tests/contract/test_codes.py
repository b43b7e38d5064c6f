"""The table of problem codes, and how a problem prints."""

from __future__ import annotations

import re

import pytest

from dalkit.contract.codes import CODES, problem
from dalkit.contract.codes_checks import CHECKS
from dalkit.contract.codes_form import FORM
from dalkit.contract.codes_live import LIVE
from dalkit.contract.codes_names import NAMES
from dalkit.contract.codes_source import SOURCE
from dalkit.contract.problems import Code, in_order, nearest, stops

SECTIONS = [("1", FORM), ("2", NAMES), ("3", CHECKS), ("4", SOURCE), ("5", LIVE)]


def test_no_code_is_given_twice() -> None:
    """A row that another one hides would never be seen."""
    assert len(CODES) == sum(len(rows) for _, rows in SECTIONS)


@pytest.mark.parametrize(("digit", "rows"), SECTIONS)
def test_each_row_is_complete(digit: str, rows: tuple[Code, ...]) -> None:
    """A code of its section, a title, and an explanation that ends as a sentence."""
    for row in rows:
        assert re.fullmatch(rf"DK{digit}\d\d", row.code), row
        assert row.severity in ("error", "warning", "note"), row
        assert row.title, row
        assert not row.title.endswith("."), row
        assert row.explanation.endswith("."), row


def test_a_problem_has_its_rows_severity_and_fix() -> None:
    """Unless another fix is given."""
    assert problem("DK104", "/a", "twice").severity == "error"
    assert problem("DK104", "/a", "twice").fix == CODES["DK104"].fix
    assert problem("DK104", "/a", "twice", fix="").fix == ""


def test_an_unknown_code_is_misuse() -> None:
    """The message says where rows are."""
    with pytest.raises(KeyError, match="DK999.*codes_"):
        problem("DK999", "", "")


def test_a_problem_is_one_printable_line() -> None:
    """Neither names nor values reach a terminal raw."""
    hostile = "\x1b[31m\n\x00\u202e\ud800\x9b\u2028"
    line = str(problem("DK110", f"/{hostile}", hostile, fix=hostile))

    assert line.isprintable()
    assert line.startswith("error DK110 /\\x1b[31m\\n\\x00\\u202e\\ud800\\x9b\\u2028: ")


def test_a_long_pointer_is_shortened_in_print_only() -> None:
    """The problem itself keeps its exact place."""
    found = problem("DK110", "/" + "x" * 100_000, "text")

    assert len(str(found)) < 1_000
    assert len(found.pointer) == 100_001


def test_problems_are_ordered_by_place() -> None:
    """Element 10 comes after element 9, the whole before its parts, and each problem once."""
    pointers = ["/tables/10", "", "/tables/9/x", "/tables/9", "/" + "9" * 5_000, "/tables/9"]
    found = in_order(problem("DK110", pointer, "text") for pointer in pointers)

    assert [one.pointer for one in found] == [
        "",
        "/" + "9" * 5_000,
        "/tables/9",
        "/tables/9/x",
        "/tables/10",
    ]


def test_only_errors_stop() -> None:
    """Warnings and notes go on."""
    assert not stops([problem("DK133", "", ""), problem("DK117", "", "")])
    assert stops([problem("DK133", "", ""), problem("DK102", "", "")])


def test_the_nearest_name_is_suggested() -> None:
    """In its own spelling; nothing where none is near."""
    assert nearest("TRANSFOMATION", ["transformation", "type"]) == 'did you mean "transformation"?'
    assert nearest("zzz", ["transformation"]) == ""
