"""date-format: what a value is read as, and the format that is written."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import evolve

from dalkit.contract import document as doc
from dalkit.contract.findings import Fault
from dalkit.contract.formats import DateToken, date_parts
from dalkit.kinds import Date, DateTime, Integer, Text
from dalkit.schema.definition import DateFormatted
from dalkit.schema.meaning import Meaning, Place
from dalkit.schema.report import Report

__all__ = ["dated"]

_Source: TypeAlias = Literal["date", "datetime", "seconds"]
_Part: TypeAlias = tuple[Literal["token", "text"], str]

_FIRST, _LAST = -62_135_596_800, 253_402_300_799
"""The seconds of the epoch from year 1 to year 9999."""


def dated(plain: Meaning, how: doc.DateFormat, pointer: str, report: Report) -> Meaning:
    """The value with the format applied, or an error where it is no date or time."""
    source = _source(plain, how, pointer, report)
    if how.format == "ISO8601" and source is None:  # as an attribute of type S is written
        return evolve(plain, kind=Text(), pattern=(Place(0),))
    step = _step(how.format, source, f"{pointer}/format", report)
    kind = Integer() if step.epoch else Text()
    return evolve(plain, kind=kind, transformed=evolve(step, source=source or ""))


def _source(plain: Meaning, how: doc.DateFormat, pointer: str, report: Report) -> _Source | None:
    """What a value that is no date or time by its own type is read as."""
    given, place = how.source_format, f"{pointer}/source_format"
    match plain.kind:
        case Date() | DateTime():
            _tell_contradicted(plain, given, place, report)
            return None
        case Text() if given is not None:
            form = "YYYY-MM-DD" if given == "date" else "YYYY-MM-DD HH:MM:SS"
            text = f"text is read as {form}: rows with any other text are refused"
            report.add("DK206", place, text)
            return "date" if given == "date" else "datetime"
        case Integer(low, high) if given == "timestamp":
            if low < _FIRST or high > _LAST:
                text = (
                    "numbers are read as seconds of the epoch: those beyond year 9999 are refused"
                )
                report.add("DK206", place, text)
            return "seconds"
        case _:
            raise _misfit(plain, given, pointer, report)


def _misfit(plain: Meaning, given: str | None, pointer: str, report: Report) -> Exception:
    text = f"date-format needs a date or time, not {type(plain.kind).__name__}"
    fix = ""
    if isinstance(plain.kind, Text):
        fix = "say by source_format (date, datetime) how the text is to be read"
    elif isinstance(plain.kind, Integer):
        text += f" read as {given}" if given else ""
        fix = "source_format timestamp reads whole numbers as seconds of the epoch"
    return report.stop("DK218", pointer, text, fix=fix)


def _tell_contradicted(plain: Meaning, given: str | None, place: str, report: Report) -> None:
    if given is not None and (given == "date") is not isinstance(plain.kind, Date):
        held = "dates" if isinstance(plain.kind, Date) else "dates with times"
        report.add("DK227", place, f'the values are {held}, not "{given}": their own type is taken')


def _step(text: str, source: _Source | None, pointer: str, report: Report) -> DateFormatted:
    if text == "epoch":
        return DateFormatted(epoch="seconds")
    if text == "epoch-millis":
        return DateFormatted(epoch="milliseconds")
    if text == "ISO8601":
        return DateFormatted(_iso(source))
    parts = date_parts(text)
    if isinstance(parts, Fault):
        raise report.stop("DK218", pointer, parts.text)
    return DateFormatted(tuple(_part(part) for part in parts))


def _iso(source: _Source | None) -> tuple[_Part, ...]:
    """Of texts with every fraction digit that one can have, so that all have one width."""
    day = ("YYYY", "-", "MM", "-", "DD")
    time = (
        "T",
        "HH",
        ":",
        "mm",
        ":",
        "ss",
        *((".", "SSSSSS") if source == "datetime" else ()),
        "Z",
    )
    return tuple(
        ("token" if len(one) > 1 else "text", one)
        for one in (day if source == "date" else (*day, *time))
    )


def _part(part: str | DateToken) -> _Part:
    return ("token", part.name) if isinstance(part, DateToken) else ("text", part)
