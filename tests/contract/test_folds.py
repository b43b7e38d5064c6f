"""Folds of text: what each takes as one, for ever and on every Python."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalkit.contract.folds import FOLDS, fold_of, folded, takes_accents

SCRIPTS = (range(0x3400), range(0xA000, 0xAC10), range(0xF900, 0x11000), range(0x1D000, 0x1FC00))
"""Where Unicode has letters with case or marks."""


@pytest.mark.parametrize(
    ("fold", "frozen"), [("case-1", "e9291e8a6938eb3f"), ("case-accent-1", "6be911136cbfa7d0")]
)
def test_a_fold_is_frozen(fold: str, frozen: str) -> None:
    """Every character folds as it did when the name was given; stored keys rely on it."""
    every = (chr(n) for script in SCRIPTS for n in script)
    told = "\n".join(folded(fold, f"A{one}") for one in every)

    assert sha256(told.encode()).hexdigest()[:16] == frozen


@pytest.mark.parametrize(
    ("one", "other", "case", "accent"),
    [
        ("ADA@X", "ada@x", True, True),
        ("É", "é", True, True),
        ("é", "e\u0301", True, True),
        ("é", "e", False, True),
        ("ЙОД", "иод", False, True),
        ("İ", "i", False, True),
        ("groß", "GROSS", True, True),
        ("Σ", "ς", True, True),
        ("が", "か", False, True),
        ("कु", "क", False, False),
        ("ที่", "ที", False, True),
        ("กุ", "ก", False, False),
        ("ı", "i", False, False),
        ("ø", "o", False, False),
        ("\U0001c89a", "\U0001c89b", False, False),
        ("a", "a ", False, False),
        (" a", "a", False, False),
        ("a\t", "a", False, False),
    ],
)
def test_what_is_one(one: str, other: str, case: bool, accent: bool) -> None:
    """Case alone, or accents too; vowels that Unicode writes as marks are letters."""
    assert (folded("case-1", one) == folded("case-1", other)) is case
    assert (folded("case-accent-1", one) == folded("case-accent-1", other)) is accent


@pytest.mark.parametrize("fold", FOLDS)
def test_only_a_padding_fold_drops_spaces_at_the_end(fold: str) -> None:
    """And no others."""
    one = folded(fold, "Ada  ") == folded(fold, "ada")

    assert one is fold.endswith("-pad-1")
    assert folded(fold, "a  b") != folded(fold, "a b")


@given(st.text(), st.sampled_from(FOLDS))
def test_what_is_folded_stays(text: str, fold: str) -> None:
    """Folding twice is folding once; without a fold a text is itself."""
    once = folded(fold, text)

    assert folded(fold, once) == once
    assert folded("", text) == text


@given(st.text(), st.text(st.characters(max_codepoint=127)), st.sampled_from(FOLDS))
def test_ascii_folds_beside_other_characters_as_alone(text: str, plain: str, fold: str) -> None:
    """The quick way for ASCII gives what the long one does."""
    assert folded(fold, plain + "ж" + text).startswith(plain.lower())


def test_an_unknown_fold_is_named() -> None:
    """With those that there are."""
    with pytest.raises(ValueError, match="no fold 'case-9'; there are case-1, "):
        folded("case-9", "a")


@pytest.mark.parametrize(
    ("collation", "fold"),
    [
        ("utf8mb4_general_ci", "case-accent-1"),
        ("utf8mb4_0900_ai_ci", "case-accent-1"),
        ("utf8mb4_0900_as_ci", "case-1"),
        ("utf8mb4_0900_as_cs", ""),
        ("utf8mb4_bin", ""),
        ("latin1_general_cs", ""),
        (None, "case-accent-1"),
    ],
)
def test_the_fold_nearest_to_a_collation(collation: str | None, fold: str) -> None:
    """By its name; one that is not known may fold all."""
    assert fold_of(collation) == fold
    assert takes_accents(fold) is fold.startswith("case-accent")
