"""Arithmetic as MySQL does it: BIGINT with its range, DECIMAL with its scales, doubles."""

from __future__ import annotations

import operator as python
from collections.abc import Callable
from decimal import Context, Decimal
from math import fmod, isfinite
from typing import Any, TypeAlias

from dalkit.source.casts import as_decimal, as_double
from dalkit.source.comparing import Server
from dalkit.source.typed import Typed
from dalkit.source.values import Refused, divide, in_decimal, rounded, whole

__all__ = ["Binary", "arithmetic", "negative"]

Binary: TypeAlias = Callable[[Any, Any], Any]
"""Two values, neither None, to one; division by zero is None."""

_CONTEXT = Context(prec=400, Emax=99_999, Emin=-99_999)
_DEEPEST_SCALE = 30


def arithmetic(operator: str, left: Typed, right: Typed, made: Typed, server: Server) -> Binary:
    """The operation on values of these types."""
    if operator == "DIV":
        return _whole_division(as_decimal(left), as_decimal(right), made.type.unsigned)
    if made.family == "real":
        return _on_doubles(operator, as_double(left), as_double(right))
    if made.family == "decimal":
        scale = made.scale if server == "mysql" else None
        return _on_decimals(operator, as_decimal(left), as_decimal(right), scale)
    return _on_wholes(operator, made.type.unsigned)


def negative(held: Typed, made: Typed) -> Callable[[Any], Any]:
    """Unary minus."""
    if made.family == "real":
        number = as_double(held)
        return lambda value: -number(value)
    if made.family == "decimal":
        return lambda value: in_decimal(value.copy_negate())
    return lambda value: whole(-int(value), False)


def _on_wholes(operator: str, unsigned: bool) -> Binary:
    if operator == "%":
        return lambda left, right: _remainder(int(left), int(right)) if right else None
    function = {"+": python.add, "-": python.sub, "*": python.mul}[operator]
    return lambda left, right: whole(function(int(left), int(right)), unsigned)


def _remainder(left: int, right: int) -> int:
    """With the sign of the dividend."""
    rest = abs(left) % abs(right)
    return rest if left >= 0 else -rest


def _whole_division(
    low: Callable[[Any], Any], high: Callable[[Any], Any], unsigned: bool
) -> Binary:
    def compute(left: Any, right: Any) -> int | None:
        divisor = high(right)
        if divisor == 0:
            return None
        quotient = _CONTEXT.divide_int(low(left), divisor)
        return whole(int(quotient), unsigned)

    return compute


def _on_decimals(
    operator: str, low: Callable[[Any], Any], high: Callable[[Any], Any], scale: int | None
) -> Binary:
    """`scale` is that of the result in MySQL, which rounds a quotient at once; MariaDB does not."""
    functions: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
        "+": _CONTEXT.add, "-": _CONTEXT.subtract, "*": _CONTEXT.multiply,
        "/": lambda left, right: _quotient(left, right, scale), "%": _CONTEXT.remainder,
    }  # fmt: skip
    function = functions[operator]
    divides, rests = operator in ("/", "%"), operator == "%"

    def compute(left: Any, right: Any) -> Decimal | None:
        one, other = low(left), high(right)
        if divides and other == 0:
            return None
        made = in_decimal(function(one, other))
        if rests and made == 0 and one < 0 and scale is None:
            raise Refused("a negative zero, which MariaDB takes for more than zero")
        if -int(made.as_tuple().exponent) > _DEEPEST_SCALE:
            raise Refused("a decimal with over 30 inner digits after the point")
        return made

    return compute


def _quotient(left: Decimal, right: Decimal, scale: int | None) -> Decimal:
    held = divide(left, right)
    return held if scale is None else rounded(held, scale)


def _on_doubles(operator: str, low: Callable[[Any], Any], high: Callable[[Any], Any]) -> Binary:
    functions: dict[str, Callable[[float, float], float]] = {
        "+": python.add, "-": python.sub, "*": python.mul, "/": python.truediv, "%": fmod,
    }  # fmt: skip
    function = functions[operator]
    divides = operator in ("/", "%")

    def compute(left: Any, right: Any) -> float | None:
        one, other = low(left), high(right)
        if divides and other == 0:
            return None
        made = function(one, other)
        if not isfinite(made):
            raise Refused("a double out of range")
        return made

    return compute
