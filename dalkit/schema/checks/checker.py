"""All checks in one run, each a function over the survey."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dalkit.contract import document as doc
from dalkit.contract.problems import Problem, in_order
from dalkit.schema.checks import (
    collisions,
    growth,
    heat,
    indexes,
    joins,
    lengths,
    losses,
    order,
    patterns,
    secrets,
    twice,
    uniqueness,
)
from dalkit.schema.checks.survey import Survey
from dalkit.schema.definition import Schema
from dalkit.schema.report import Report
from dalkit.schema.subjects import subjects_of
from dalkit.source.tables import Source

__all__ = ["checks"]

_CHECKS: Final[tuple[Callable[[Survey, Report], None], ...]] = (
    losses.check,
    collisions.check,
    uniqueness.check,
    order.check,
    heat.check,
    growth.check,
    lengths.check,
    patterns.check,
    twice.check,
    joins.check,
    indexes.check,
    secrets.check,
)


def checks(
    contract: doc.Contract,
    source: Source,
    schema: Schema,
    *,
    patterns: frozenset[str] | None = None,
) -> tuple[Problem, ...]:
    """What the contract would lose, collide, slow down or let grow, ordered by place.

    `schema` is what the contract and the source resolve to; `patterns` are the names of the
    declared access patterns, None when none are declared.
    """
    survey = Survey(
        contract=contract,
        source=source,
        schema=schema,
        subjects=subjects_of(contract, source, schema),
        patterns=patterns,
    )
    report = Report()
    for check in _CHECKS:
        check(survey, report)
    return in_order(report.problems)
