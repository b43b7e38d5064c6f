"""A field: the typed name of one value of a record."""

from __future__ import annotations

from typing import Generic, TypeVar, final

from attrs import frozen

__all__ = ["Field"]

R = TypeVar("R")
T = TypeVar("T")


@final
@frozen
class Field(Generic[R, T]):
    """The field `name` of records of type R, holding a T."""

    name: str

    def __str__(self) -> str:
        return self.name
