"""A field, and what can be said of it: predicates, orders and changes as values."""

from __future__ import annotations

from dalkit.fields.field import Field
from dalkit.fields.predicates import Predicate

__all__ = ["Field", "Predicate"]
