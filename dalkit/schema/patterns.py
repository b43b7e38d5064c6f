"""A string-format that is one text value: literal texts and places for cells."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from dalkit.kinds import Text
from dalkit.schema.definition import JsonParsed
from dalkit.schema.meaning import Meaning, Pattern, Place, Wanted
from dalkit.schema.report import Report

__all__ = ["flat"]

_MOST_PARTS = 1_000


def flat(pattern: Pattern, report: Report, pointer: str) -> Meaning:
    """A string-format as one text value over the cells of its placeholders."""
    cells: list[Wanted] = []
    parts: list[str | Place] = []
    for part in pattern.parts:
        if isinstance(part, str):
            parts.append(part)
            continue
        meant, width = part
        parts += _places(meant, width, len(cells), report, pointer)
        cells += meant.cells
        if len(parts) > _MOST_PARTS:
            raise report.stop("DK204", pointer, f"the text would have over {_MOST_PARTS:,} parts")
    nullable = any(cell.nullable for cell in cells)
    return Meaning(cells=tuple(cells), kind=Text(), nullable=nullable, pattern=tuple(parts))


def _places(
    meant: Meaning, width: int, shift: int, report: Report, pointer: str
) -> Iterator[str | Place]:
    """A placeholder's value as parts of a text, its cells standing from `shift` on."""
    if meant.pattern and not width:
        for one in meant.pattern:
            yield one if isinstance(one, str) else evolve(one, cell=shift + one.cell)
    elif (
        len(meant.cells) == 1
        and not meant.pattern
        and not isinstance(meant.transformed, JsonParsed)
    ):
        yield Place(shift, width, meant.transformed)
    else:
        raise report.stop("DK204", pointer, "a placeholder names a value that has no text")
