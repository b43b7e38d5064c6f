"""Schema -> a module of record classes: as source text to check in, or made at run time."""

from __future__ import annotations

from dalkit.records.made import make_records
from dalkit.records.render import render

__all__ = ["make_records", "render"]
