"""Problem codes DK3xx: checks of what a contract that can be resolved would do."""

from __future__ import annotations

from dalkit.contract.problems import Code

__all__ = ["CHECKS"]

CHECKS: tuple[Code, ...] = ()
