"""What names and texts of a contract may be, before anything is looked up."""

from __future__ import annotations

import re
from keyword import iskeyword

from dalkit.contract.findings import Fault
from dalkit.contract.formats import (
    date_parts,
    template_parts,
    unit,
)
from dalkit.contract.problems import nearest, shown

__all__ = [
    "attribute_fault",
    "date_format_fault",
    "fragment_fault",
    "key_fault",
    "label_fault",
    "python_fault",
    "source_fault",
    "table_fault",
    "template_fault",
    "unit_fault",
]

_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_SPACE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ODD = re.compile("[\"'`\\\\]|^\\s|\\s$")


def table_fault(name: str) -> Fault | None:
    """Why this is no name of a DynamoDB table or index, if it is none."""
    if _TABLE.fullmatch(name):
        return None
    if not 3 <= len(name) <= 255:
        return Fault("DK120", f"the name {shown(name)} has {len(name):,} characters, not 3 to 255")
    return Fault("DK120", f"the name {shown(name)} has characters other than A-Z a-z 0-9 _ . -")


def attribute_fault(name: str) -> Fault | None:
    """Why this is no name of a DynamoDB attribute, if it is none."""
    return _attribute(name, 65_535)


def key_fault(name: str) -> Fault | None:
    """Why this is no name of a key attribute, if it is none."""
    return _attribute(name, 255)


def _attribute(name: str, most: int) -> Fault | None:
    size = len(name.encode("utf-8", "surrogatepass"))
    if size > most:
        return Fault("DK120", f"the name {shown(name)} has {size:,} bytes, more than {most:,}")
    return label_fault(name)


def source_fault(name: str) -> Fault | None:
    """Why this is no name of a MySQL table or column, if it is none."""
    longest = max(map(len, name.split(".")))
    if longest > 64:
        return Fault("DK121", f"the name {shown(name)} has {longest:,} characters, more than 64")
    if name.endswith(" "):
        return Fault("DK121", f"the name {shown(name)} ends in a space")
    return label_fault(name)


def label_fault(name: str) -> Fault | None:
    """Why this is no name of anything, if it is none."""
    if _CONTROL.search(name):
        return Fault("DK107", f"the name {shown(name)} has a control character")
    if _ODD.search(name):
        said = "has quotes, backticks, backslashes or outer spaces"
        return Fault("DK124", f"the name {shown(name)} {said}")
    return None


def fragment_fault(text: str) -> Fault | None:
    """Why this can be no SQL fragment, if it can be none; it is parsed later."""
    if _CONTROL_BUT_SPACE.search(text):
        return Fault("DK107", f"{shown(text)} has a control character")
    return None


def python_fault(name: str) -> Fault | None:
    """Why this is no Python identifier, if it is none."""
    if name.isidentifier() and not iskeyword(name):
        return None
    said = "a keyword of Python" if iskeyword(name) else "no Python identifier"
    return Fault("DK123", f"{shown(name)} is {said}")


def template_fault(text: str) -> Fault | None:
    """What is wrong with a template, if anything."""
    parts = template_parts(text)
    return parts if isinstance(parts, Fault) else fragment_fault(text)


def date_format_fault(text: str) -> Fault | None:
    """What is wrong with a date format, if anything."""
    parts = date_parts(text)
    return parts if isinstance(parts, Fault) else fragment_fault(text)


def unit_fault(text: str) -> Fault | None:
    """Why this names no unit of time, if it names none."""
    if unit(text):
        return None
    words = ("seconds", "minutes", "hours", "days", "weeks", "months", "quarters", "years")
    fix = nearest(text, words) or f"use one of {', '.join(words)}"
    return Fault("DK113", f"{shown(text)} is no unit of time", fix)
