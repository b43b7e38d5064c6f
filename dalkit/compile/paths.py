"""Where a place of a record is found inside an item, and how its values are stored there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

from attrs import frozen

from dalkit import kinds
from dalkit.compile.refused import refuse
from dalkit.convert.attributes import attribute_of, json_attribute
from dalkit.convert.nested import checked_value, to_wire
from dalkit.convert.numbers import normal_number
from dalkit.convert.refusal import refuse as refuse_value
from dalkit.fields.places import Place
from dalkit.kinds import Kind
from dalkit.schema.definition import AttributeDefinition, Carried
from dalkit.schema.entity import Entity, definition_of, nested_class_of

__all__ = ["Path", "Wire", "path_of", "paths_of", "stored"]

Wire = dict[str, Any]


@final
@frozen(kw_only=True)
class Path:
    """A value inside an item: the attribute's name, then names and indexes."""

    place: Place
    steps: tuple[str | int, ...]
    kind: Kind
    type: str
    """The attribute type there; of a value in JSON any."""
    nullable: bool

    @property
    def empty_is_absent(self) -> bool:
        """Whether no attribute means the empty set."""
        return isinstance(self.kind, kinds.Members) and self.type == "SS" and not self.nullable


def path_of(
    entity: Entity[Any, Any], place: Place, *, avoiding: frozenset[str] = frozenset()
) -> Path:
    """The first attribute that carries the place, none of those to avoid."""
    for path in paths_of(entity, place):
        if path.steps[0] not in avoiding:
            return path
    definition = definition_of(entity)
    keys = [one.name for one in definition.attributes if _carries(one, place.name)]
    if keys:
        refuse(
            f"{place} is carried by {keys[0]} alone, a key of what is read, which no filter sees",
            f"carry {place.name} in an attribute of its own",
        )
    refuse(
        f"no attribute of its own carries {place.name}",
        f"carry {place.name} in an attribute of its own",
    )


def paths_of(entity: Entity[Any, Any], place: Place) -> Iterator[Path]:
    """Every attribute that carries the place."""
    definition = definition_of(entity)
    field = definition.by_field[place.name]
    for attribute in definition.attributes:
        if _carries(attribute, place.name) and attribute.type != "NULL":
            yield _inside(
                Path(
                    place=place,
                    steps=(attribute.name,),
                    kind=field.kind,
                    type=attribute.type,
                    nullable=field.nullable or isinstance(field.kind, kinds.Json),
                )
            )


def stored(entity: Entity[Any, Any], path: Path, value: Any) -> Wire:
    """The attribute value of a value at a path; what it cannot hold raises convert's Refusal."""
    if isinstance(path.kind, kinds.Json):
        return json_attribute(value)
    if path.type == "N":
        if isinstance(path.kind, kinds.Text) and normal_number(value) != value:
            refuse_value("not how DynamoDB writes a number", value)
        return attribute_of(path.kind, "N", value)
    classes = {name: nested_class_of(entity, name) for name in _records(path.kind)}
    return to_wire(path.kind, path.type, checked_value(path.kind, value, classes))


def _carries(attribute: AttributeDefinition, field: str) -> bool:
    return isinstance(attribute.content, Carried) and attribute.content.field == field


def _inside(path: Path) -> Path:
    """The path with the steps of its place; they were checked when the query was made."""
    for step in path.place.steps:
        kind = path.kind
        if path.type == "S":
            refuse(f"{path.place} is inside JSON text, of attribute type S, which no store reads")
        steps: tuple[str | int, ...] = (*path.steps, step)
        nullable, type_ = True, path.type
        if isinstance(kind, kinds.Nested) and kind.array:
            kind, type_ = kinds.Nested(kind.record, kind.members), "M"
        elif isinstance(kind, (kinds.Nested, kinds.Listed)):
            member = _member(kind, step)
            kind, type_ = member.kind, member.type
            nullable = path.nullable or member.nullable or isinstance(kind, kinds.Json)
            if isinstance(step, str):
                steps = (*path.steps, member.name)
        path = Path(place=path.place, steps=steps, kind=kind, type=type_, nullable=nullable)
    return path


def _member(kind: kinds.Nested | kinds.Listed, step: str | int) -> kinds.Member:
    if isinstance(kind, kinds.Listed):
        return kind.items[int(step)]
    return next(one for one in kind.members if one.field == step)


def _records(kind: Kind) -> Iterator[str]:
    if isinstance(kind, kinds.Nested):
        yield kind.record
    if isinstance(kind, (kinds.Nested, kinds.Listed)):
        members = kind.items if isinstance(kind, kinds.Listed) else kind.members
        for member in members:
            yield from _records(member.kind)
