"""The transformations of one value: date-format, number-format, json-parse."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import evolve

from dalkit.contract import document as doc
from dalkit.contract.findings import Fault
from dalkit.contract.formats import DateToken, date_parts, number_format_fault
from dalkit.kinds import Bits, Date, DateTime, Fixed, Float, Integer, Json, Kind, Text, Year
from dalkit.schema.definition import DateFormatted, JsonParsed, NumberFormatted
from dalkit.schema.meaning import Meaning, Place
from dalkit.schema.report import Report

__all__ = ["transformed"]

_Step: TypeAlias = tuple[DateFormatted | NumberFormatted | JsonParsed, Kind]


def transformed(
    plain: Meaning,
    transformation: doc.DateFormat | doc.NumberFormat | doc.JsonParse,
    pointer: str,
    report: Report,
) -> Meaning:
    """The value with the step applied, or an error where it does not fit the value's kind."""
    match transformation:
        case doc.DateFormat(format=text):
            _fits(plain.kind, (Date, DateTime), "date-format", "a date or time", pointer, report)
            if text == "ISO8601":  # as an attribute of type S is written
                return evolve(plain, kind=Text(), pattern=(Place(0),))
            step, kind = _dated(text, f"{pointer}/format", report)
        case doc.NumberFormat(format=text):
            numbers = (Integer, Fixed, Float, Year, Bits)
            _fits(plain.kind, numbers, "number-format", "a number", pointer, report)
            step, kind = _numbered(text, f"{pointer}/format", report)
        case doc.JsonParse():
            _fits(plain.kind, (Text, Json), "json-parse", "JSON text", pointer, report)
            if isinstance(plain.kind, Json):
                return plain
            # A JSON null is NULL, so that no NOT NULL of the column helps.
            return evolve(plain, kind=Json(), transformed=JsonParsed(), nullable=True)
    return evolve(plain, kind=kind, transformed=step)


def _fits(
    kind: Kind, kinds: tuple[type, ...], what: str, needs: str, pointer: str, report: Report
) -> None:
    if not isinstance(kind, kinds):
        raise report.stop("DK218", pointer, f"{what} needs {needs}, not {type(kind).__name__}")


def _numbered(text: str, pointer: str, report: Report) -> _Step:
    fault = number_format_fault(text)
    if fault is not None:
        raise report.stop("DK218", pointer, fault.text)
    whole, _, decimals = text.partition(".")
    return NumberFormatted(len(whole), len(decimals)), Text()


def _dated(text: str, pointer: str, report: Report) -> _Step:
    if text == "epoch":
        return DateFormatted(epoch="seconds"), Integer()
    if text == "epoch-millis":
        return DateFormatted(epoch="milliseconds"), Integer()
    parts = date_parts(text)
    if isinstance(parts, Fault):
        raise report.stop("DK218", pointer, parts.text)
    return DateFormatted(tuple(_part(part) for part in parts)), Text()


def _part(part: str | DateToken) -> tuple[Literal["token", "text"], str]:
    return ("token", part.name) if isinstance(part, DateToken) else ("text", part)
