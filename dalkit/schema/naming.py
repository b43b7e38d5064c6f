"""Names of records, handles and fields from the names that contracts and tables use."""

from __future__ import annotations

import re
from keyword import iskeyword
from unicodedata import normalize

__all__ = ["camel", "identifier", "plural", "singular", "snake"]

_SEPARATORS = re.compile(r"[\W_]+")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_IRREGULAR = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "mice": "mouse",
    "indices": "index",
    "matrices": "matrix",
    "vertices": "vertex",
    "data": "datum",
    "media": "medium",
    "criteria": "criterion",
}
_ALIKE = frozenset({"series", "species", "news"})
_UNCHANGED = _ALIKE | {"status", "bus", "analysis", "address", "gas"}
_TAKEN = frozenset({"self", "NOTHING"})
"""Words that the code of a record class uses as names of its own."""


def snake(name: str) -> str:
    """`OrderItem`, `ORDER_ITEM` and `order-item` as order_item."""
    parts = _SEPARATORS.split(normalize("NFKC", name))
    words = [hump for part in parts if part for hump in _HUMPS.split(part)]
    return "_".join(word.lower() for word in words if word)


def camel(name: str) -> str:
    """`order_items`, `ORDER-ITEM` as OrderItems, OrderItem."""
    joined = "".join(word.capitalize() for word in snake(name).split("_"))
    return joined if joined.isidentifier() and not iskeyword(joined) else f"X{joined}"


def singular(name: str) -> str:
    """The singular of a snake-case English plural; another word stays itself."""
    head, _, word = name.rpartition("_")
    changed = _singular_word(word)
    return f"{head}_{changed}" if head else changed


def plural(name: str) -> str:
    """The plural of a snake-case English word; one that is plural stays itself."""
    head, _, word = name.rpartition("_")
    many = singular(word) != word or word in _ALIKE
    changed = word if many else _plural_word(word)
    return f"{head}_{changed}" if head else changed


def identifier(name: str) -> str:
    """A field name: the name itself where Python allows it, else its nearest form."""
    written = normalize("NFKC", name)
    kept = written if written.isidentifier() else snake(written)
    if kept.startswith("_"):
        kept = f"{kept.strip('_')}_"
    if not kept.isidentifier() or kept == "_":
        kept = f"field_{kept}" if kept.strip("_") and f"field_{kept}".isidentifier() else "field"
    return f"{kept}_" if iskeyword(kept) or kept in _TAKEN else kept


def _singular_word(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _UNCHANGED or len(word) < 3 or not word.endswith("s"):
        return word
    if word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes", "uses")):
        return word[:-2]
    return word[:-1]


def _plural_word(word: str) -> str:
    for many, one in _IRREGULAR.items():
        if one == word:
            return many
    if word.endswith("y") and len(word) > 1 and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    if word.endswith(("s", "sh", "ch", "x", "z")):
        return word + "es"
    return word + "s"
