"""Problem codes DK5xx: what the data in MySQL is, against what the contract says."""

from __future__ import annotations

from dalkit.contract.problems import Code

__all__ = ["LIVE"]

_ROWS = (
    Code(
        "DK501",
        "error",
        "Rows with NULL in the table's key",
        "An item cannot be without its key, so a row whose key part is NULL becomes no item. "
        "Export and load leave such rows out, and say so.",
        "build the key of columns that are NOT NULL, fill the column, or leave the rows out by "
        '"dalkit": {"where": …}',
    ),
    Code(
        "DK502",
        "error",
        "Rows with an empty key",
        "DynamoDB refuses an item whose key attribute is empty text, in the table's key and in an "
        "index's alike. MySQL holds such rows.",
        "fill the column, or put a literal text before it in a template",
    ),
    Code(
        "DK503",
        "error",
        "Rows whose key is too long",
        "A partition key has up to 2,048 bytes and a sort key up to 1,024. These rows have more "
        "and become no items.",
        "build the key of shorter columns, or shorten the values",
    ),
    Code(
        "DK504",
        "error",
        "Rows that share a key",
        "Two rows give one key, so one item would replace the other. Nothing is written while "
        "such rows are there.",
        "add a column to the sort key that tells the rows apart",
    ),
    Code(
        "DK505",
        "error",
        "Rows whose item is too large",
        "An item has up to 409,600 bytes, the names of its attributes and the child rows of its "
        "arrays included.",
        "give the child rows items of their own, limit the array, or keep the large value "
        "elsewhere",
    ),
    Code(
        "DK507",
        "error",
        "Numbers that DynamoDB cannot hold",
        "A number has up to 38 digits and an exponent from -130 to 125. A number beyond is never "
        "rounded: its row is refused.",
        "use type S, which holds every value",
    ),
    Code(
        "DK508",
        "error",
        "Zero dates, and dates that no calendar has",
        "MySQL stores 0000-00-00 and, in some modes, days such as 2026-02-31. They are no dates "
        "and are never turned into one.",
        "set the column to NULL in these rows, or correct it",
    ),
    Code(
        "DK509",
        "error",
        "Values other than 0 and 1 under BOOL",
        "TINYINT(1) holds -128 to 127. A value other than 0 and 1 is neither true nor false.",
        "use type N, or correct the rows",
    ),
    Code(
        "DK510",
        "error",
        "Texts under N that are no numbers",
        "An attribute of type N takes ASCII digits with a sign, a point and an exponent, and "
        "nothing else.",
        "use type S, or correct the rows",
    ),
    Code(
        "DK511",
        "error",
        "Other rows that are refused",
        "These rows hold a value that cannot become the attribute that the contract asks for. "
        "Export and load leave them out.",
        "correct the rows, or choose an attribute type that holds the value",
    ),
)

_REMARKS = (
    Code(
        "DK520",
        "warning",
        "Items near the limit",
        "These items have more than 350 KB of the 400 KB that DynamoDB takes, so they may soon "
        "grow over it.",
        "limit the array, or give its rows items of their own",
    ),
    Code(
        "DK521",
        "warning",
        "Few partition key values hold many items",
        "One partition takes 1,000 writes and 3,000 reads a second, however large the table is. "
        "Where one value of the partition key has a quarter of the items or more, that is the "
        "limit of them all.",
        "add a column that spreads the items to the partition key",
    ),
    Code(
        "DK522",
        "warning",
        "Joins that find several rows",
        "No unique key keeps this join to one match, and in the data it finds several. The one "
        "with the least primary key is taken.",
        "join over a unique key, or say by json-construction that there are several",
    ),
    Code(
        "DK523",
        "warning",
        "Conditions that hold without a target row",
        "A conditional join's condition is true, but there is no row to take the value from, so "
        "the attribute is absent.",
        "add the missing rows, or make the condition narrower",
    ),
    Code(
        "DK524",
        "note",
        "Items of another size than estimated",
        "The average of the items seen differs from estimated_item_size_bytes by more than a "
        "factor of two, and costs are planned with the estimate.",
        "write the size seen into the contract",
    ),
    Code(
        "DK525",
        "warning",
        "Unique characters that MySQL and a fold do not compare alike",
        "The fold of a guard is frozen in the contract, and no fold is a collation's exact copy. "
        "These characters of the data are one to MySQL and two to the guard, or the other way "
        "round, so a value may be taken in one store and free in the other. Under "
        "utf8mb4_general_ci, ß is s, and the fold takes it for ss, as utf8mb4_0900_ai_ci does; "
        "this takes ø for o and æ for ae, which no fold does. Rows that a fold takes as one are "
        "named by DK504.",
        "choose the fold that is nearest to the collation, or correct these rows before the move",
    ),
    Code(
        "DK530",
        "note",
        "How many rows there are",
        "Every row was read and turned into an item, as an export would; nothing was written.",
    ),
)

LIVE: tuple[Code, ...] = (*_ROWS, *_REMARKS)
