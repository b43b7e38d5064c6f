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

__all__ = ["read_contract"]

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
    findings = Findings()
    value: Json = UNREAD
    with suppress(Enough):
        value = parse(text, findings)
        if value is not UNREAD:
            _check(Node(value, ""), findings)
    problems = findings.problems()
    return (None if stops(problems) else structure(value)), problems


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
