"""The contract's text to its values, with every problem of its form at once."""

from __future__ import annotations

from contextlib import suppress

from dalkit.contract.bearers import is_multi
from dalkit.contract.document import Contract
from dalkit.contract.findings import Enough, Findings
from dalkit.contract.form import Form
from dalkit.contract.grammar import TABLE, Listing, Member, Object, Text
from dalkit.contract.indexes import check_indexes, check_names, check_tables
from dalkit.contract.json_text import UNREAD, Json, parse
from dalkit.contract.keys import check_keys
from dalkit.contract.node import Node
from dalkit.contract.problems import Problem, stops
from dalkit.contract.structure import common_source, structure
from dalkit.contract.values import check_attribute

__all__ = ["read_contract", "read_sound_tables"]

_TABLES = Listing(of=TABLE)
_DOCUMENT = Object(
    what="the document",
    members={
        "tables": Member(rule=_TABLES, needed=True),
        "$schema": Member(rule=Text(empty=True)),
    },
)


def read_contract(text: str | bytes) -> tuple[Contract | None, tuple[Problem, ...]]:
    """The contract, or None when a problem is an error; and all problems, ordered by place.

    Only the document's form is judged; whatever needs the MySQL schema is not.
    """
    value, problems = _read(text)
    return (None if stops(problems) else structure(value)), problems


def read_sound_tables(text: str | bytes) -> tuple[Contract | None, tuple[Problem, ...]]:
    """The contract of the tables whose form has no error, or None when no table is sound.

    With all problems, ordered by place. It is the whole contract when none of them is an error.
    """
    value, problems = _read(text)
    if not stops(problems):
        return structure(value), problems
    places = _sound_places(value, problems)
    return (structure(value, places) if places else None), problems


def _sound_places(value: Json, problems: tuple[Problem, ...]) -> tuple[int, ...]:
    """The positions of the tables that no error is in; none when one is in all of them."""
    bare = isinstance(value, list)
    tables = Node({"tables": value} if bare else value, "").listed("tables")
    above = "" if bare else "/tables"
    errors = [one.pointer for one in problems if one.severity == "error"]
    if "" in errors or above in errors:
        return ()
    inside = (one.removeprefix(f"{above}/") for one in errors if one.startswith(f"{above}/"))
    broken = {one.partition("/")[0] for one in inside}
    return tuple(place for place in range(len(tables)) if str(place) not in broken)


def _read(text: str | bytes) -> tuple[Json, tuple[Problem, ...]]:
    findings = Findings()
    value: Json = UNREAD
    with suppress(Enough):
        value = parse(text, findings)
        if value is not UNREAD:
            _check(Node(value, ""), findings)
    return value, findings.problems()


def _check(document: Node, findings: Findings) -> None:
    bare = isinstance(document.value, list)
    Form(findings).hold(document, _TABLES if bare else _DOCUMENT)
    tables = document.elements() if bare else document.listed("tables")
    tables = tuple(table for table in tables if isinstance(table.value, dict))
    check_tables(tables, findings)
    for table in tables:
        _check_table(table, findings)


def _check_table(table: Node, findings: Findings) -> None:
    check_names(table, findings)
    check_keys(table, findings)
    check_indexes(table, findings)
    patterns = table.member("satisfies")
    if patterns is None or patterns.value == []:
        findings.add("DK117", table.pointer, "satisfies names no access pattern")
    holders = table.listed("entities") if is_multi(table) else (table,)
    for holder in holders:
        if isinstance(holder.value, dict):
            _check_source(holder, table, findings)
        for attribute in holder.listed("attributes"):
            if isinstance(attribute.value, dict):
                check_attribute(attribute, findings)


def _check_source(holder: Node, table: Node, findings: Findings) -> None:
    """A source table is given, or follows from the attributes or the table."""
    known = holder.member("source_table") or common_source(holder) or table.member("source_table")
    if not known:
        text = "source_table is missing, and the attributes do not agree on one"
        findings.add("DK111", holder.pointer, text, fix="add source_table")
