"""The records module made at run time, from the same text that would be checked in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import Any

from dalkit.records.render import render
from dalkit.schema.definition import Schema
from dalkit.schema.entity import Entity

__all__ = ["make_records", "records_module"]


def records_module(schema: Schema) -> ModuleType:
    """The module that `render` describes, executed."""
    module = ModuleType("dalkit_records")
    exec(compile(render(schema), "<dalkit records>", "exec"), module.__dict__)  # noqa: S102  # our own text: names are identifiers, the rest are literals
    return module


def make_records(schema: Schema) -> Mapping[str, Entity[Any, Any]]:
    """The handles of all entities, by the entity's name in the contract."""
    module = records_module(schema)
    handles = {one.name: getattr(module, one.handle) for one in schema.entities}
    return MappingProxyType(handles)
