"""Access patterns: the names that tables satisfy against the names that are declared."""

from __future__ import annotations

from dalkit.contract.problems import nearest, shown
from dalkit.schema.checks.survey import Survey
from dalkit.schema.report import Report

__all__ = ["check"]


def check(survey: Survey, report: Report) -> None:
    """Names that no declared pattern bears, and declared patterns that no table satisfies."""
    declared = survey.patterns
    if declared is None:
        return
    satisfied: set[str] = set()
    for position, table in enumerate(survey.contract.tables):
        satisfied.update(table.satisfies)
        for i, name in enumerate(table.satisfies):
            if name not in declared:
                place = f"{survey.contract.pointer(position)}/satisfies/{i}"
                fix = nearest(name, sorted(declared)) or None
                report.add("DK350", place, f"no access pattern is called {shown(name)}", fix=fix)
    for name in sorted(declared - satisfied):
        report.add("DK351", "", f"no table satisfies the access pattern {shown(name)}")
