"""Checks of what an attribute's members say together: one value, said once."""

from __future__ import annotations

from dalkit.contract.findings import Findings
from dalkit.contract.indexes import each_once
from dalkit.contract.node import Node

__all__ = ["check_attribute"]

_CONSTANT = ("string-format", "template", "static")


def check_attribute(attribute: Node, findings: Findings) -> None:
    """Note what keeps the attribute from having exactly one value."""
    join, calculation = attribute.member("join"), attribute.member("calculation")
    if join and calculation and join.text("type") == "json-construction":
        text = "an array of rows is no value that a calculation could use"
        findings.add("DK116", calculation.pointer, text)
    if calculation and calculation.text("type") == "concat":
        _concat(attribute, calculation, findings)
    if calculation and calculation.text("type") == "date-math":
        _date_math(calculation, findings)
    _has_value(attribute, findings)
    _several_columns(attribute, findings)


def _has_value(attribute: Node, findings: Findings) -> None:
    calculation, transformation = (
        attribute.member("calculation"),
        attribute.member("transformation"),
    )
    on_column = calculation is not None and _operation(calculation) in ("add", "sub")
    given = attribute.member("source_column") or attribute.member("join")
    if given or (calculation and not on_column) or attribute.text("type") == "NULL":
        return
    if on_column:
        text = "adding to or subtracting from a date needs the source_column that holds it"
        findings.add("DK150", attribute.pointer, text, fix="add source_column")
    elif transformation is None or transformation.text("type") not in _CONSTANT:
        text = "it has neither a source_column nor a join, a calculation or a constant"
        findings.add("DK150", attribute.pointer, text)


def _several_columns(attribute: Node, findings: Findings) -> None:
    """Several columns with nothing that combines them are a map (M) or a list (L), or a fault."""
    columns, kind = attribute.member("source_column"), attribute.text("type")
    if columns is None or not columns.elements():
        return
    if kind == "M":
        each_once(columns.elements(), "column", findings)
    combined = attribute.member("join") or attribute.member("calculation")
    transformation = attribute.member("transformation")
    templated = transformation is not None and transformation.text("type") in _CONSTANT
    if kind and kind not in ("M", "L") and not combined and not templated:
        text = f"several columns are no single value of type {kind}"
        findings.add("DK154", columns.pointer, text)


def _concat(attribute: Node, calculation: Node, findings: Findings) -> None:
    columns, parts = calculation.member("source_column"), calculation.member("parts")
    if columns and parts:
        text = "concat takes source_column or parts, not both"
        findings.add("DK116", parts.pointer, text)
    if not columns and not parts and attribute.member("source_column") is None:
        text = "concat needs source_column or parts"
        findings.add("DK111", calculation.pointer, text, fix="list the columns in source_column")


def _date_math(calculation: Node, findings: Findings) -> None:
    operation = _operation(calculation)
    given = {name for name, _ in calculation.members()} - {"type"}
    if "expression" in given:
        needed, allowed = {"expression"}, {"expression"}
    elif operation == "diff":
        needed, allowed = {"unit", "start", "end"}, {"operation", "unit", "start", "end"}
    elif operation in ("add", "sub"):
        needed, allowed = {"unit", "amount"}, {"operation", "unit", "amount"}
    elif operation is None and calculation.member("operation") is None:
        text = "date-math needs an operation or an expression"
        fix = "add operation: diff, add or sub"
        findings.add("DK111", calculation.pointer, text, fix=fix)
        return
    else:
        return
    subject = "date-math with an expression" if "expression" in given else f"date-math {operation}"
    for name in sorted(needed - given):
        text = f'{subject} needs the member "{name}"'
        findings.add("DK111", calculation.pointer, text, fix=f"add {name}")
    known = {"operation", "unit", "start", "end", "amount"}
    for name in sorted((given & known) - allowed):
        place = f"{calculation.pointer}/{name}"
        findings.add("DK116", place, f"{subject} takes no {name}")


def _operation(calculation: Node) -> str | None:
    if calculation.text("type") != "date-math":
        return None
    return calculation.text("operation")
