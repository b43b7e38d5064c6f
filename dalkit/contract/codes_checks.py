"""Problem codes DK3xx: checks of what a contract that can be resolved would do."""

from __future__ import annotations

from dalkit.contract.problems import Code

__all__ = ["CHECKS"]

_LOSS = (
    Code(
        "DK301",
        "warning",
        "Columns that nothing carries",
        "An entity reads the table, but no attribute of any entity of it holds these columns. "
        "Their values stay behind in MySQL, and the way back is lost.",
        "carry them, or accept the loss",
    ),
    Code(
        "DK302",
        "warning",
        "Child columns that nothing carries",
        "A json-construction takes some columns of its child rows, and no entity of its own holds "
        "the others.",
        "name them in select_columns, or accept the loss",
    ),
    Code(
        "DK303",
        "warning",
        "Child rows that nothing carries",
        "An object takes one child row, and a limit the first few; no entity holds the others.",
        "drop the limit, or give the child table an entity of its own",
    ),
    Code(
        "DK304",
        "note",
        "Tables that nothing reads",
        "The MySQL schema has tables that the contract never mentions.",
        "add entities for them, or leave them out of the schema given",
    ),
    Code(
        "DK305",
        "note",
        "A column is carried only in part",
        "The one attribute that holds the column went through a format, an aggregate or a "
        "selection of rows that cannot be undone, so the column's own value cannot be told "
        "from it.",
        "carry the column itself in another attribute as well",
    ),
    Code(
        "DK306",
        "warning",
        "A type narrows the values",
        "DynamoDB's numbers have 38 digits and exponents from -130 to 125. Rows with a value "
        "beyond are refused by name, never rounded.",
        "use type S, which holds every value, or make sure that none is beyond",
    ),
    Code(
        "DK307",
        "note",
        "A DATETIME is read as UTC",
        "A DATETIME says no time zone, a TIMESTAMP does. Values that mean another zone would be "
        "moved by hours.",
        "make sure that the values are in UTC, or use TIMESTAMP",
    ),
)

_KEYS = (
    Code(
        "DK310",
        "warning",
        "A key that two rows can share",
        "The columns that the key tells contain no unique key of the source table, so nothing in "
        "MySQL keeps two rows from having one key; the second would replace the first.",
        "add a unique column to the sort key; `check --mysql` finds the rows that share a key now",
    ),
    Code(
        "DK311",
        "error",
        "Entities whose keys can coincide",
        "Items of two entities of one table can have one key, so that one would replace the other "
        "and neither could be told by its key.",
        "begin the sort keys with different literal texts, such as ORDER# and CART#",
    ),
    Code(
        "DK312",
        "warning",
        "Entities whose keys could coincide by a delimiter in a text",
        "For ordinary values the keys differ, but a text that holds the delimiter of the templates "
        "can make them equal.",
        'escape it: "dalkit": {"key_escape": true} on the table',
    ),
    Code(
        "DK313",
        "warning",
        "Key parts that a delimiter can mix up",
        "Two texts stand side by side in a key, and each may hold the delimiter between them: "
        '"a#b" and "c" give the same text as "a" and "b#c".',
        'escape it: "dalkit": {"key_escape": true} on the table',
    ),
    Code(
        "DK314",
        "warning",
        "A key that can be too long",
        "A partition key has up to 2,048 bytes and a sort key up to 1,024; a character of utf8mb4 "
        "takes up to four. Longer keys are refused by name.",
        "build the key of shorter columns",
    ),
    Code(
        "DK315",
        "note",
        "A key that can be empty text",
        "DynamoDB takes no empty text in a key of a table or an index; such a row is refused by "
        "name.",
        "put a literal text before it, such as NAME#",
    ),
)

_UNIQUE = (
    Code(
        "DK320",
        "warning",
        "A unique key that DynamoDB will not enforce",
        "DynamoDB keeps only an item's own key unique. Two writers could give one value to two "
        "items.",
        'declare a guard: "dalkit": {"unique": [...]}',
    ),
    Code(
        "DK321",
        "warning",
        "A key that MySQL compares without regard to case",
        "Under a case-insensitive collation two spellings are one value for MySQL, in joins and "
        "look-ups too; as DynamoDB keys they are two.",
        "key by an id, or hold the text in one spelling",
    ),
    Code(
        "DK322",
        "note",
        "A unique text that MySQL and its guard do not compare alike",
        "Without a fold, the guard of a unique field tells texts apart by code point: spellings "
        "that MySQL takes as one value can both be written to DynamoDB. A fold takes spellings as "
        "one, so it should be the one nearest to the column's collation. A look-up by key or index "
        "finds the exact spelling only, with a fold too.",
        "give the unique field the fold that is nearest to its collation, or none under one that "
        "tells cases apart",
    ),
)

_ORDER = (
    Code(
        "DK330",
        "warning",
        "A number in a sort key that does not sort as a number",
        "Sort keys of type S sort as text: without a fixed width 10 comes before 9.",
        "give it a width, such as {id:010}, or make the sort key of type N",
    ),
    Code(
        "DK331",
        "warning",
        "A padded number that may be negative",
        "Among negative numbers text order is the reverse of theirs, and all of them come "
        "together at one end.",
        "declare the column UNSIGNED, or do not rely on the order",
    ),
    Code(
        "DK332",
        "note",
        "A padded number that may be wider",
        "A number wider than its padding is kept whole, and then sorts among the short ones.",
        "pad to the column's widest value",
    ),
    Code(
        "DK333",
        "warning",
        "A date format that does not sort by time",
        "Text order is time order only from the year down to the smallest unit.",
        "write the year first: YYYY-MM-DD",
    ),
    Code(
        "DK334",
        "note",
        "An ENUM in a sort key",
        "MySQL sorts an ENUM by the position of its members, DynamoDB by their letters.",
        "do not rely on its order",
    ),
)

_GROWTH = (
    Code(
        "DK340",
        "warning",
        "A partition key with few values",
        "All items with one partition key share one partition's throughput, so a key with few "
        "values cannot be spread.",
        "add something with many values to the partition key, or keep the load small",
    ),
    Code(
        "DK341",
        "warning",
        "An array without a limit",
        "An item has at most 400 KB. An array of child rows grows with them, and a row whose item "
        "is too large is refused.",
        "give construction a limit, or make the child rows items of their own",
    ),
    Code(
        "DK342",
        "note",
        "Item collections without a bound",
        "Items that share a partition key share its throughput of 1,000 writes and 3,000 reads a "
        "second, and are read page by page.",
        "read them with a limit",
    ),
    Code(
        "DK343",
        "warning",
        "Items that can exceed 400 KB",
        "The columns allow more than an item can hold; such rows are refused by name.",
        "keep large values elsewhere, or check the data with `check --mysql`",
    ),
    Code(
        "DK344",
        "warning",
        "An estimated size that cannot be",
        "estimated_item_size_bytes is outside what the columns or DynamoDB allow, so whatever is "
        "computed from it is wrong.",
        "correct estimated_item_size_bytes",
    ),
)

_MEANING = (
    Code(
        "DK350",
        "warning",
        "An access pattern that is not declared",
        "satisfies names a pattern that no declaration has, often by a slip of spelling.",
        "correct the name, or declare the pattern",
    ),
    Code(
        "DK351",
        "warning",
        "An access pattern that no table satisfies",
        "A declared pattern is in no table's satisfies, so nothing may serve it.",
        "name it in satisfies of the table that serves it",
    ),
    Code(
        "DK360",
        "warning",
        "One definition under two names",
        "Two attributes always hold the same value. Probably one was meant otherwise.",
        "correct one of them, or remove it",
    ),
    Code(
        "DK370",
        "warning",
        "A join that may find several rows",
        "No unique key of the target guarantees a single match, so of several one is taken and "
        "the others are not seen.",
        "join over a unique key, or declare one",
    ),
    Code(
        "DK371",
        "note",
        "A join without a foreign key",
        "MySQL does not vouch for a match, so the value may be absent for some rows.",
        "declare the foreign key, if there is one",
    ),
    Code(
        "DK380",
        "note",
        "A sparse index",
        "An item without one of the index's key attributes is not in the index; a query of it "
        "does not find the item.",
    ),
    Code(
        "DK381",
        "warning",
        "An index with the table's own keys",
        "It finds nothing that the table itself does not, and every write pays for it.",
        "remove the index",
    ),
    Code(
        "DK382",
        "note",
        "A sort key that repeats the partition key",
        "The sort key adds nothing: each partition key has one item of this entity.",
        "leave it, if other entities share the partition key; else leave the sort key out",
    ),
    Code(
        "DK390",
        "warning",
        "A column that looks like a secret",
        "Fields declared secret are left out of repr, logs, errors and reports; this one is not.",
        'declare it: "dalkit": {"secret": true} on the attribute',
    ),
)

CHECKS: tuple[Code, ...] = (*_LOSS, *_KEYS, *_UNIQUE, *_ORDER, *_GROWTH, *_MEANING)
