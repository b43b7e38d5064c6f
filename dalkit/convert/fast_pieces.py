"""The parts that generated item code is put together from, as wire dict and as JSON text."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from json.encoder import encode_basestring
from typing import Any, Literal, TypeAlias, final

from attrs import evolve, frozen

from dalkit import kinds
from dalkit.convert.code import Writer, interpolated
from dalkit.convert.fast_scalars import PLAIN
from dalkit.convert.size import item_size

__all__ = [
    "Piece",
    "Sink",
    "bound_of",
    "constant",
    "entries",
    "escapes",
    "json_of",
    "members",
    "optional_entry",
    "size_lines",
]

Sink: TypeAlias = Literal["dict", "json"]


@final
@frozen(kw_only=True)
class Piece:
    """One attribute or member: its name and the variable of what it holds.

    `tag` is the attribute type around the variable, empty where the variable is the whole value.
    """

    name: str
    held: str
    tag: str
    optional: bool = False
    escaped: bool = False
    bound: int | None = None
    """How many bytes the value has at most; None where that takes measuring."""
    measure: str = ""
    """Where `bound` is None, an expression that is never less than the value's bytes, or ''."""


def json_of(wire: Any) -> str:
    """An attribute value in the client's form as JSON text, bytes as base64."""
    tag, held = next(iter(wire.items()))
    return f"{{{encode_basestring(tag)}:{_json_held(tag, held)}}}"


def constant(wire: dict[str, Any], name: str, sink: Sink, w: Writer) -> Piece:
    """An attribute that is the same in every item."""
    held = w.bind(wire if sink == "dict" else json_of(wire), "constant")
    return Piece(name=name, held=held, tag="", bound=item_size({"": wire}))


def escapes(kind: kinds.Kind, type: str) -> bool:
    """Whether the text needs JSON's escapes."""
    return type == "S" and not isinstance(kind, PLAIN)


def bound_of(kind: kinds.Kind) -> int | None:
    """How many bytes a scalar has at most as text."""
    match kind:
        case kinds.Text(length=length):
            return 4 * length if length is not None and length <= 1_000 else None
        case kinds.Enum(values=values):
            return max((len(one.encode("utf-8", "replace")) * 3 for one in values), default=0)
        case kinds.Members() | kinds.Bytes() | kinds.Json() | kinds.Nested() | kinds.Listed():
            return None
        case _:
            return 500


def entries(
    pieces: Sequence[Piece], sink: Sink, w: Writer, lines: list[str], *, nulls: bool
) -> str:
    """Write what must come first to `lines`; the expression of the map (or its JSON text).

    Without `nulls` every piece is there; with them None is DynamoDB's NULL.
    """
    if sink == "dict":
        written = ", ".join(f"{one.name!r}: {_dict_value(one, nulls)}" for one in pieces)
        return f"{{{written}}}"
    return interpolated("{", *members(pieces, w, lines, nulls=nulls), "}")


def members(
    pieces: Sequence[Piece], w: Writer, lines: list[str], *, nulls: bool
) -> list[str | tuple[str]]:
    """The parts of the JSON text of a map, without its braces."""
    parts: list[str | tuple[str]] = []
    for at, one in enumerate(pieces):
        parts += ["," if at else "", f"{encode_basestring(one.name)}:"]
        parts += _json_value(one, nulls, w, lines)
    return parts


def optional_entry(piece: Piece, w: Writer, lines: list[str]) -> str:
    """The variable of `,"name":value`, or of nothing where the piece is None."""
    inner: list[str] = []
    parts = [",", *members([_sure(piece)], w, inner, nulls=False)]
    name = f"o_{piece.held}"
    lines.append(f"if {piece.held} is None: {name} = ''")
    lines.append("else:")
    lines += [f"    {one}" for one in inner]
    lines.append(f"    {name} = {interpolated(*parts)}")
    return name


def size_lines(
    pieces: Sequence[Piece], largest: int, whole: str, lines: list[str], w: Writer
) -> None:
    """Refuse to answer for an item that may be too large, by bounds first and then exactly."""
    fixed = sum(len(one.name.encode("utf-8", "replace")) for one in pieces)
    fixed += sum(one.bound for one in pieces if one.bound is not None)
    loose = [one for one in pieces if one.bound is None]
    if not loose and fixed <= largest:
        return
    exact = w.bind(item_size, "item_size", "item_size")
    over = f"{exact}({whole}) > {largest}"
    if all(one.measure for one in loose) and fixed <= largest:
        measured = " + ".join(
            f"({one.measure} if {one.held} is not None else 0)" if one.optional else one.measure
            for one in loose
        )
        over = f"{measured} > {largest - fixed} and {over}"
    lines.append(f"if {over}: raise Doubt")


def _dict_value(piece: Piece, nulls: bool) -> str:
    value = f"{{{piece.tag!r}: {piece.held}}}" if piece.tag else piece.held
    if piece.optional and nulls:
        return f"{{'NULL': True}} if {piece.held} is None else {value}"
    return value


def _json_value(piece: Piece, nulls: bool, w: Writer, lines: list[str]) -> list[str | tuple[str]]:
    if piece.optional and nulls:
        inner: list[str] = []
        text = interpolated(*_json_value(_sure(piece), False, w, inner))
        name = f"j_{piece.held}"
        lines.append(f"if {piece.held} is None: {name} = '{{\"NULL\":true}}'")
        lines.append("else:")
        lines += [f"    {one}" for one in inner]
        lines.append(f"    {name} = {text}")
        return [(name,)]
    if not piece.tag:
        return [(piece.held,)]
    if piece.tag == "BOOL":
        lines.append(f"e_{piece.held} = 'true' if {piece.held} else 'false'")
        return ['{"BOOL":', (f"e_{piece.held}",), "}"]
    if piece.escaped:
        escape = w.bind(encode_basestring, "quoted", "quoted")
        lines.append(f"e_{piece.held} = {escape}({piece.held})")
        return [f'{{"{piece.tag}":', (f"e_{piece.held}",), "}"]
    return [f'{{"{piece.tag}":"', (piece.held,), '"}']


def _sure(piece: Piece) -> Piece:
    return evolve(piece, optional=False)


def _json_held(tag: str, held: Any) -> str:
    match tag:
        case "S" | "N":
            return encode_basestring(held)
        case "B":
            return f'"{b64encode(held).decode("ascii")}"'
        case "BOOL" | "NULL":
            return "true" if held else "false"
        case "L":
            return f"[{','.join(map(json_of, held))}]"
        case "M":
            members = (f"{encode_basestring(name)}:{json_of(one)}" for name, one in held.items())
            return f"{{{','.join(members)}}}"
        case _:
            return f"[{','.join(_json_held(tag[0], one) for one in held)}]"
