"""Problem codes DK5xx: what the data in the stores is, against what the contract says."""

from __future__ import annotations

from dalkit.contract.problems import Code

__all__ = ["LIVE"]

LIVE: tuple[Code, ...] = ()
