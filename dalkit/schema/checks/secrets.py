"""Columns that look like secrets and are not declared so."""

from __future__ import annotations

import re

from dalkit.contract.problems import shown
from dalkit.schema.checks.survey import Survey, values_of
from dalkit.schema.definition import Carried
from dalkit.schema.report import Report
from dalkit.schema.subjects import Subject
from dalkit.source.tree import Column, Lookup

__all__ = ["check"]

_SECRET = re.compile(
    r"passw(or)?d|passwort|passphrase|pwd|(^|_)secret|(api|private|access)_?key|(^|_)token(_|$)"
    r"|(^|_)(otp|totp|mfa|cvv|cvc|ssn|pin)(_|$)|credential",
    re.IGNORECASE,
)


def check(survey: Survey, report: Report) -> None:
    """Attributes of password-like columns without `"secret": true`."""
    for subject in survey.subjects:
        for name, (_, place) in subject.attributes.items():
            column = _column(subject, name)
            if column is not None and _SECRET.search(column):
                report.add("DK390", place, f"{shown(name)} carries {shown(column)} in the clear")


def _column(subject: Subject, attribute: str) -> str | None:
    """The one column that an attribute carries, when its field is not secret."""
    found = subject.definition.by_attribute.get(attribute)
    if found is None or not isinstance(found.content, Carried):
        return None
    if subject.definition.by_field[found.content.field].secret:
        return None
    for value in values_of(subject, attribute):
        match value:
            case Column(_, name) | Lookup(_, Column(_, name)) if _SECRET.search(name):
                return name
            case _:
                continue
    return None
