"""Whether the keys of a table can coincide, from MySQL's unique keys and the templates alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from dalkit.kinds import Bits, Boolean, Date, DateTime, Enum, Float, Integer, Kind, Time, Year
from dalkit.schema.definition import Carried, Constant, Content, EntityDefinition, Part, Template
from dalkit.source.tables import Source

__all__ = ["keys_proven", "values_proven"]

_WRITTEN_WITH: tuple[tuple[type[Kind], str], ...] = (
    (Integer, "0123456789-"),
    (Bits, "0123456789"),
    (Year, "0123456789"),
    (Boolean, "01"),
    (Date, "0123456789-"),
    (DateTime, "0123456789-T:.Z"),
    (Time, "0123456789-:."),
)
"""Every character that the text of a kind can hold."""


def keys_proven(entities: Sequence[EntityDefinition], source: Source) -> bool:
    """Whether no two rows of these entities, all of one table, can have one key."""
    if any(_missing_unique(entity, source) for entity in entities):
        return False
    return all(_apart(one, other) for one, other in combinations(entities, 2))


def values_proven(entity: EntityDefinition, source: Source) -> bool:
    """Whether MySQL's keys keep every group of its unique fields so; a fold is not MySQL's."""
    table = source.table(entity.source.table)
    if table is None:
        return False
    for group, fold in entity.guarded:
        if fold:
            return False
        fields = [entity.by_field[name] for name in group]
        if any(one.transformed is not None or isinstance(one.kind, Float) for one in fields):
            return False
        if not table.identifies(one.column for one in fields if one.column is not None):
            return False
    return True


def _missing_unique(entity: EntityDefinition, source: Source) -> bool:
    """Whether the key lacks a unique key of the source, or cannot be told back into its fields."""
    table = source.table(entity.source.table)
    if table is None:
        return True
    held = {column for name in entity.key if (column := entity.by_field[name].column) is not None}
    contents = _contents(entity)
    return not table.identifies(held) or not all(_parses_back(one, entity) for one in contents)


def _parses_back(content: Content, entity: EntityDefinition) -> bool:
    """Whether different fields always give different text.

    Each part must end where the next literal begins: it cannot hold that literal's first
    character, or nothing else in the template can be of any length.
    """
    if not isinstance(content, Template):
        return True
    parts = content.parts
    open_parts = [
        position
        for position, part in enumerate(parts)
        if isinstance(part, Part) and not _ends(part, parts, position, entity, content.escape)
    ]
    if not open_parts:
        return True
    return len(open_parts) == 1 and all(
        not isinstance(part, Part) or _fixed(part, entity) or position in open_parts
        for position, part in enumerate(parts)
        if position != open_parts[0]
    )


def _ends(
    part: Part,
    parts: tuple[str | Part, ...],
    position: int,
    entity: EntityDefinition,
    escape: bool,
) -> bool:
    if _fixed(part, entity) or position + 1 == len(parts):
        return True
    following = parts[position + 1]
    if isinstance(following, Part):
        return False
    characters = _characters(entity.by_field[part.field].kind)
    if characters is not None:
        return following[0] not in characters
    return escape and following[0] == "#"


def _fixed(part: Part, entity: EntityDefinition) -> bool:
    """Whether the part's text always has one length."""
    kind = entity.by_field[part.field].kind
    if isinstance(kind, Date | DateTime | Boolean):
        return True
    digits = len(str(kind.high)) if isinstance(kind, Integer) else 0
    return isinstance(kind, Integer) and kind.low >= 0 and part.width >= digits


def _characters(kind: Kind) -> str | None:
    if isinstance(kind, Enum):
        return "".join(kind.values)
    return next((text for one, text in _WRITTEN_WITH if isinstance(kind, one)), None)


def _apart(one: EntityDefinition, other: EntityDefinition) -> bool:
    """Whether the keys of two entities of one table begin differently in the pk or in the sk."""
    pairs = zip(_contents(one), _contents(other), strict=False)
    return any(_differ(_start(left), _start(right)) for left, right in pairs)


def _differ(left: tuple[str, bool], right: tuple[str, bool]) -> bool:
    """Whether two texts, each begun as given (and ended there, if whole), are never equal."""
    (mine, mine_whole), (its, its_whole) = left, right
    shared = min(len(mine), len(its))
    if mine[:shared] != its[:shared]:
        return True
    if mine_whole and its_whole:
        return mine != its
    return (mine_whole and len(mine) < len(its)) or (its_whole and len(its) < len(mine))


def _start(content: Content) -> tuple[str, bool]:
    match content:
        case Constant(value):
            return str(value), True
        case Template(parts):
            first = parts[0] if parts and isinstance(parts[0], str) else ""
            return first, all(isinstance(part, str) for part in parts)
        case Carried():
            return "", False


def _contents(entity: EntityDefinition) -> list[Content]:
    keys = [entity.table.pk, *([entity.table.sk] if entity.table.sk else [])]
    return [entity.by_attribute[key.name].content for key in keys]
