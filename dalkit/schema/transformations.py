"""The transformations of one value: date-format, number-format, json-parse."""

from __future__ import annotations

from attrs import evolve

from dalkit.contract import document as doc
from dalkit.contract.formats import number_format_fault
from dalkit.kinds import Bits, Fixed, Float, Integer, Json, Kind, Text, Year
from dalkit.schema.dates import dated
from dalkit.schema.definition import JsonParsed, NumberFormatted
from dalkit.schema.meaning import Meaning
from dalkit.schema.report import Report

__all__ = ["transformed"]


def transformed(
    plain: Meaning,
    transformation: doc.DateFormat | doc.NumberFormat | doc.JsonParse,
    pointer: str,
    report: Report,
) -> Meaning:
    """The value with the step applied, or an error where it does not fit the value's kind."""
    match transformation:
        case doc.DateFormat():
            return dated(plain, transformation, pointer, report)
        case doc.NumberFormat(format=text):
            numbers = (Integer, Fixed, Float, Year, Bits)
            _fits(plain.kind, numbers, "number-format", "a number", pointer, report)
            step = _numbered(text, f"{pointer}/format", report)
            return evolve(plain, kind=Text(), transformed=step)
        case doc.JsonParse():
            _fits(plain.kind, (Text, Json), "json-parse", "JSON text", pointer, report)
            if isinstance(plain.kind, Json):
                return plain
            # A JSON null is NULL, so that no NOT NULL of the column helps.
            return evolve(plain, kind=Json(), transformed=JsonParsed(), nullable=True)


def _fits(
    kind: Kind, kinds: tuple[type, ...], what: str, needs: str, pointer: str, report: Report
) -> None:
    if not isinstance(kind, kinds):
        raise report.stop("DK218", pointer, f"{what} needs {needs}, not {type(kind).__name__}")


def _numbered(text: str, pointer: str, report: Report) -> NumberFormatted:
    fault = number_format_fault(text)
    if fault is not None:
        raise report.stop("DK218", pointer, fault.text)
    whole, _, decimals = text.partition(".")
    return NumberFormatted(len(whole), len(decimals))
