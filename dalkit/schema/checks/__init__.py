"""What a contract that can be resolved would do to the data, judged from the schema alone."""

from __future__ import annotations

from dalkit.schema.checks.checker import checks

__all__ = ["checks"]
