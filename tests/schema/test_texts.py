"""Which keys can meet and which can be read back, held against all texts of a small world."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from dalkit.kinds import Boolean, Date, DateTime, Enum, Fixed, Float, Integer, Kind, Text, Year
from dalkit.schema.definition import DateFormatted, NumberFormatted
from dalkit.schema.pieces import Piece, Pieces
from dalkit.schema.texts import ambiguous, delimiters, meet
from dalkit.source.tree import Column

WORLD: dict[str, tuple[Kind, tuple[str, ...]]] = {
    "text": (Text(9), ("", "a", "1", "#", "a#", "#a", "1#1", "##")),
    "number": (Integer(0, 99), ("0", "1", "10", "11")),
    "signed": (Integer(-99, 99), ("-1", "1", "11")),
    "flag": (Boolean(), ("0", "1")),
    "word": (Enum(("a", "a#")), ("a", "a#")),
}


def piece(kind: Kind, name: str = "x") -> Piece:
    """A value of this kind."""
    return Piece(field=name, value=Column("t", name), kind=kind)


def texts(names: tuple[str, ...]) -> dict[tuple[str, ...], str]:
    """The text for each choice of values; `#` and letters stand for themselves."""
    choices = [WORLD[name][1] if name in WORLD else (name,) for name in names]
    return {chosen: "".join(chosen) for chosen in product(*choices)}


def pieces(names: tuple[str, ...]) -> Pieces:
    """The template as pieces."""
    return tuple(piece(WORLD[n][0], f"{i}") if n in WORLD else n for i, n in enumerate(names))


templates = st.lists(st.sampled_from((*WORLD, "#", "a", "#a")), min_size=1, max_size=5).map(tuple)


@settings(max_examples=150, deadline=None)
@given(templates)
def test_what_is_not_ambiguous_is_injective(names: tuple[str, ...]) -> None:
    """Different values give different texts."""
    found = texts(names)

    if not ambiguous(pieces(names)):
        assert len(set(found.values())) == len(found)


@settings(max_examples=150, deadline=None)
@given(templates, templates)
def test_templates_that_give_one_text_meet(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Whatever the values are."""
    shared = set(texts(one).values()) & set(texts(other).values())

    assert not shared or meet(pieces(one), pieces(other))


def test_templates_with_different_beginnings_never_meet() -> None:
    """Free text comes after the literal that tells them apart."""
    text = piece(Text())

    assert not meet(("ORDER#", text), ("CART#", text))
    assert not meet((piece(Integer(0, 9)), "#", text), ("A", text))
    assert meet(("ORDER#", text), ("ORDER#", piece(Date())))


def test_forbidden_characters_part_what_free_text_would_join() -> None:
    """As escaping forbids them."""
    one, other = (piece(Text()),), ("#META",)

    assert meet(one, other)
    assert not meet(one, other, frozenset("#"))


def test_each_kind_meets_its_own_texts_alone() -> None:
    """The text of every kind, and one that it cannot be."""
    shapes: list[tuple[Kind, str, str]] = [
        (Date(), "2026-01-02", "2026-1-2"),
        (DateTime(), "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.0Z"),
        (DateTime(3), "2026-01-02T03:04:05.006Z", "2026-01-02T03:04:05Z"),
        (Fixed(5, 2), "-1.20", "1.2"),
        (Year(), "2026", "26"),
        (Float(), "-1.5E+20", "x"),
        (Integer(-5, 5), "-12", "1-2"),
        (Integer(0, 5), "12", "-12"),
        (Enum(("a", "b")), "b", "ab"),
    ]
    for kind, its, other in shapes:
        assert meet((piece(kind),), (its,)), kind
        assert not meet((piece(kind),), (other,)), kind


def test_formats_meet_their_own_texts_alone() -> None:
    """A date format by its tokens, a number format by its width."""
    day = Piece(
        field="x",
        value=Column("t", "x"),
        kind=Date(),
        step=DateFormatted((("token", "YYYY"), ("text", "/"), ("token", "MM"))),
    )
    number = Piece(
        field="x", value=Column("t", "x"), kind=Fixed(9, 4), step=NumberFormatted(3, decimals=2)
    )

    assert meet((day,), ("2026/01",))
    assert not meet((day,), ("2026-01",))
    assert meet((number,), ("-0012.50",))
    assert not meet((number,), ("12.50",))


def test_delimiters_are_neither_letters_nor_digits() -> None:
    """Of the literal texts alone."""
    assert delimiters(("USER#1", piece(Text()), "|a")) == frozenset("#|")


def test_absurdly_long_keys_are_not_compared_for_ever() -> None:
    """The answer is then the one that is asked for."""
    loop = ("".join("ab"[i % 2] for i in range(20_000)), piece(Text()))
    one, other = (piece(Text()), *loop), (piece(Text()), "#", *loop)

    assert meet(one, other, most=1_000)
    assert not meet(one, other, frozenset("ab"), most=1_000, unsure=False)
