"""Items and item collections that can outgrow what DynamoDB takes."""

from __future__ import annotations

from collections.abc import Sequence

from dalkit.contract.problems import shown
from dalkit.schema.checks.survey import Survey, hops_of, key_pieces, listed, values_of
from dalkit.schema.pieces import determined
from dalkit.schema.report import Report
from dalkit.schema.sizes import Bounds, attribute_bounds, item_bounds
from dalkit.schema.subjects import Subject
from dalkit.source.tree import Children

__all__ = ["LARGEST", "check"]

LARGEST = 409_600
"""Bytes of an item."""


def check(survey: Survey, report: Report) -> None:
    """Arrays without a limit, items beyond 400 KB, collections, and the estimated sizes."""
    for subject in survey.subjects:
        _check_arrays(subject, report)
        _check_largest(subject, report)
    for together in survey.by_table:
        _check_collections(together, report)
        _check_estimate(together, report)


def _check_arrays(subject: Subject, report: Report) -> None:
    for name in subject.definition.by_attribute:
        for value in values_of(subject, name):
            for node, _ in hops_of(value):
                if isinstance(node, Children) and node.array and node.limit is None:
                    report.add(
                        "DK341",
                        subject.place(name),
                        f"{shown(name)} holds every matching row of {shown(node.hop.table)}, "
                        "however many there are, in one item of at most 400 KB",
                    )


def _check_largest(subject: Subject, report: Report) -> None:
    sizes = [
        (a.name, attribute_bounds(a, subject).high or 0) for a in subject.definition.attributes
    ]
    total = sum(size for _, size in sizes)
    if total <= LARGEST:
        return
    large = [name for name, size in sizes if size > LARGEST // 8] or [max(sizes, key=_size)[0]]
    report.add(
        "DK343",
        subject.place(large[0]),
        f"an item of {shown(subject.definition.name)} can reach {_human(total)} through "
        f"{listed(large)}; DynamoDB takes 400 KB",
    )


def _size(pair: tuple[str, int]) -> int:
    return pair[1]


def _human(size: int) -> str:
    for unit, scale in (("GB", 2**30), ("MB", 2**20)):
        if size >= scale:
            return f"{size / scale:.0f} {unit}"
    return f"{size // 1024} KB"


def _check_collections(together: Sequence[Subject], report: Report) -> None:
    """Entities of which one partition key can have any number of items."""
    table = together[0].definition.table
    if table.sk is None:
        return
    growing = [
        subject.definition.name
        for subject in together
        if not subject.own.identifies(determined(key_pieces(subject, table.pk.name) or (), subject))
    ]
    if growing:
        report.add(
            "DK342",
            together[0].table_pointer,
            f"nothing bounds how many items of {listed(growing)} share one partition key of "
            f"{shown(table.name)}",
        )


def _check_estimate(together: Sequence[Subject], report: Report) -> None:
    first = together[0]
    given = first.table.estimated_item_size_bytes
    if given is None:
        return
    bounds = [item_bounds(subject) for subject in together]
    said = _estimate_fault(float(given), bounds)
    if said is not None:
        report.add("DK344", f"{first.table_pointer}/estimated_item_size_bytes", said)


def _estimate_fault(given: float, bounds: Sequence[Bounds]) -> str | None:
    low = min(one.low for one in bounds)
    highs = [one.high for one in bounds]
    if given > LARGEST:
        return f"{given:,.0f} bytes is more than the {LARGEST:,} that an item can have"
    if given < low:
        return f"{given:,.0f} bytes is less than the smallest possible item, {low:,} bytes"
    if all(one is not None and given > one for one in highs):
        most = max(one for one in highs if one is not None)
        return f"{given:,.0f} bytes is more than the largest possible item, {most:,} bytes"
    return None
