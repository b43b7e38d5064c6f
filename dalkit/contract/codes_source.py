"""Problem codes DK4xx: the MySQL schema itself: DDL text or information_schema."""

from __future__ import annotations

from dalkit.contract.problems import Code

__all__ = ["SOURCE"]

SOURCE: tuple[Code, ...] = ()
