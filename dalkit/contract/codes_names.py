"""Problem codes DK2xx: names, fragments and templates that cannot be resolved."""

from __future__ import annotations

from dalkit.contract.problems import Code

__all__ = ["NAMES"]

NAMES: tuple[Code, ...] = ()
