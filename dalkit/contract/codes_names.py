"""Problem codes DK2xx: names, fragments and templates that cannot be resolved."""

from __future__ import annotations

from dalkit.contract.problems import Code

__all__ = ["NAMES"]

_REFERENCES = (
    Code(
        "DK201",
        "error",
        "A table or alias does not exist",
        "The contract names a MySQL table, or a fragment an alias, that the schema does not have "
        "and that no join brings into reach.",
    ),
    Code(
        "DK202",
        "error",
        "A column does not exist",
        "The table is there, the column is not; nothing could be read for it.",
    ),
    Code(
        "DK203",
        "error",
        "A fragment is refused",
        "A SQL fragment is outside the closed grammar, or does not fit its place. Fragments are "
        "data: columns, literals, comparisons and a fixed list of functions, never statements.",
    ),
    Code(
        "DK204",
        "error",
        "A placeholder stands for nothing",
        "A placeholder of a template is no column of the source table, no attribute of the entity "
        "and no `<singular table>_<column>` of a joined table, or what it names has no text.",
    ),
    Code(
        "DK207",
        "error",
        "An attribute of another table has no join",
        "The attribute's source_table is not the entity's own, and nothing says which of its rows "
        "is meant.",
        "declare a join, or name a column of the entity's own table",
    ),
    Code(
        "DK210",
        "error",
        "A join condition leaves its target out",
        "A condition that never names the target's columns is true for every row of it, or for "
        "none.",
        "compare a column of the target with one of the source",
    ),
    Code(
        "DK217",
        "error",
        "Placeholders refer in a circle",
        "The value of one attribute is made of another that is made of the first.",
    ),
    Code(
        "DK222",
        "error",
        "An option names no field",
        "An option of dalkit's own names a field that the entity does not have.",
    ),
)

_KINDS = (
    Code(
        "DK205",
        "error",
        "An attribute type cannot hold the value",
        "The column's kind and the attribute's type have no exact crossing, so rows would be lost "
        "or changed.",
    ),
    Code(
        "DK206",
        "warning",
        "An attribute type narrows the value",
        "Most values cross exactly, but not every value that the column allows; rows with one of "
        "the others are refused by name.",
    ),
    Code(
        "DK212",
        "error",
        "A column type is not carried",
        "Spatial and unknown column types have no exact form in DynamoDB that dalkit knows.",
        "leave the column out, or convert it to text in MySQL",
    ),
    Code(
        "DK214",
        "error",
        "A calculation does not fit its column",
        "SUM and AVG need a number, date-math a date; MySQL would turn text into a guess or NULL.",
        "name a numeric column, or use COUNT, MIN or MAX",
    ),
    Code(
        "DK218",
        "error",
        "A transformation does not fit the value",
        "The format cannot be applied to values of this kind, or is no such format.",
    ),
)

_READINGS = (
    Code(
        "DK208",
        "warning",
        "A doubtful name, and how it is read",
        "The fragment can be read in two ways; the text says which was taken.",
        "qualify the name to settle it",
    ),
    Code(
        "DK209",
        "warning",
        "A word that is also a column",
        "An unquoted word in null_value or else_value is text unless it names a column.",
        "put it in single quotes if text is meant",
    ),
    Code(
        "DK211",
        "warning",
        "A join that does not depend on the row",
        "The condition never names the source, so every row sees the same match.",
    ),
    Code(
        "DK215",
        "error",
        "Two fields of one name",
        "Two different values of a record would have one name.",
        'name one of them: "dalkit": {"name": "…"} on the attribute',
    ),
    Code(
        "DK220",
        "warning",
        "A template and its attribute differ",
        "The entity gives a key twice, and not equally; the attribute defines the value.",
        "make both say the same, or remove one",
    ),
    Code(
        "DK221",
        "warning",
        "A key part may be NULL",
        "A row in which it is NULL has no key and cannot become an item.",
        "make the column NOT NULL, or expect such rows to be refused by name",
    ),
    Code(
        "DK224",
        "error",
        "Two classes of one name",
        "Record classes, key classes and handles share one module.",
        'name one of them: "dalkit": {"class": "…", "handle": "…"} on the entity',
    ),
    Code(
        "DK225",
        "error",
        "A chain that leads back",
        "A hop arrives by the columns that the chain left the same table by, so it ends where it "
        "was: at a row that is at hand without any join.",
        "leave the last hop out, or join by the columns that lead further",
    ),
    Code(
        "DK226",
        "warning",
        "A name that was taken",
        "A class, a handle or a field that only keys hold would have had the name of another one, "
        "and got a name of its own.",
        'name it: "dalkit": {"class": "…", "handle": "…"} on the entity, {"name": "…"} on the '
        "attribute",
    ),
    Code(
        "DK227",
        "warning",
        "A source format that the column contradicts",
        "A column of a date or time says itself what its values are; source_format is for texts "
        "and numbers, and has no effect here.",
        "leave source_format out, or name the column's own type",
    ),
)

NAMES: tuple[Code, ...] = (*_REFERENCES, *_KINDS, *_READINGS)
