"""Problem codes DK1xx: the document's form, which needs no MySQL schema to be judged."""

from __future__ import annotations

from dalkit.contract.problems import Code

__all__ = ["FORM"]

_TEXT = (
    Code(
        "DK101",
        "error",
        "The document is not UTF-8",
        "A contract is JSON text in UTF-8. Read in another encoding its names and literals would "
        "change silently.",
        "save the file as UTF-8",
    ),
    Code(
        "DK102",
        "error",
        "The document is not JSON",
        "The text ends too early or has a character where JSON allows none; nothing after that "
        "place could be read.",
    ),
    Code(
        "DK103",
        "error",
        "The document is beyond a limit",
        "Its size, its depth or the length of one number is beyond what a contract needs; such a "
        "document is refused before it costs memory or time.",
    ),
    Code(
        "DK104",
        "error",
        "A member is given twice",
        "JSON leaves open which of two members of one name counts, so one of them would be lost.",
        "remove one of the two",
    ),
    Code(
        "DK105",
        "error",
        "NaN or Infinity",
        "These words are no JSON numbers, and neither store can hold them.",
    ),
    Code(
        "DK106",
        "error",
        "Half of a character",
        "A \\uD800 to \\uDFFF escape without its other half is no character and cannot be stored "
        "as UTF-8.",
        "write the character itself",
    ),
    Code(
        "DK107",
        "error",
        "A control character in a text",
        "Names, fragments and templates hold printable text; fragments may also hold tabs and line "
        "breaks.",
        "remove the character",
    ),
    Code(
        "DK108",
        "error",
        "More problems than are listed",
        "The list of problems is cut so that it stays readable.",
        "mend the listed ones and check again",
    ),
)

_MEMBERS = (
    Code(
        "DK110",
        "error",
        "An unknown member",
        "The format has no member of this name here. It is often misspelt, and would have no "
        "effect.",
        "remove it, or correct its name",
    ),
    Code(
        "DK111",
        "error",
        "A member is missing",
        "The format needs this member here and it cannot be derived from the others.",
        "add it",
    ),
    Code(
        "DK112",
        "error",
        "The wrong kind of JSON value",
        'The member takes another kind of value. Nothing is converted: 5 is no text and "no" is '
        "no boolean.",
    ),
    Code(
        "DK113",
        "error",
        "An unknown word",
        "The member takes one of a fixed set of words, and this is none of them.",
    ),
    Code(
        "DK114",
        "error",
        "An empty text, list or object",
        "The member must say something; an empty one would make the construct mean nothing.",
        "fill it, or remove what it belongs to",
    ),
    Code(
        "DK115",
        "error",
        "A number out of range",
        "Sizes and limits are counted from one.",
        "give a number above zero, or leave the member out",
    ),
    Code(
        "DK116",
        "error",
        "Members that exclude each other",
        "Two members say different things about one matter, or a member belongs to another type, "
        "so one of them would have no effect.",
        "keep the one that is meant",
    ),
    Code(
        "DK117",
        "note",
        "No access pattern is named",
        "`satisfies` names the access patterns that the table exists for. Without it no check can "
        "tell whether each pattern is served.",
        "list the patterns in satisfies",
    ),
)

_NAMES = (
    Code(
        "DK120",
        "error",
        "A name that DynamoDB refuses",
        "Tables and indexes have 3 to 255 of the characters A-Z a-z 0-9 _ . and -; attributes have "
        "up to 65,535 bytes, key attributes up to 255.",
        "choose another name",
    ),
    Code(
        "DK121",
        "error",
        "A name that MySQL cannot have",
        "Tables and columns have 1 to 64 characters and do not end in a space.",
        "correct the name",
    ),
    Code(
        "DK122",
        "error",
        "One name twice",
        "Tables, the indexes of a table, the entities of a table and the attributes of an entity "
        "are told apart by name alone.",
        "rename or remove one",
    ),
    Code(
        "DK123",
        "error",
        "No Python name",
        "Classes, handles and fields of the records module are Python identifiers and no keywords.",
        "use letters, digits and _, not starting with a digit",
    ),
    Code(
        "DK124",
        "warning",
        "A name with unusual characters",
        "Quotes, backticks, backslashes and outer spaces are legal in the stores but mostly mean "
        "that SQL or another language slipped into the name.",
        "check that the name is meant so",
    ),
)

_KEYS = (
    Code(
        "DK130",
        "error",
        "No attribute bears the key",
        "The table's pk or sk names an attribute that does not exist, so no item could have it.",
        "add the attribute, or correct the name",
    ),
    Code(
        "DK131",
        "error",
        "No attribute bears the index key",
        "An index whose key no entity carries would always be empty.",
        "add the attribute, or correct the name",
    ),
    Code(
        "DK132",
        "error",
        "A type that no key can have",
        "A key of a table or an index is a string, a number or bytes (S, N or B).",
        "give the attribute type S, N or B",
    ),
    Code(
        "DK133",
        "warning",
        "A key read as several attributes",
        "The key names several attributes joined by #. It is read as one attribute of that literal "
        "name that holds their values joined by #.",
        "declare the key as an attribute with a string-format of its own",
    ),
    Code(
        "DK134",
        "error",
        "One attribute as both keys",
        "A partition key and a sort key are two attributes.",
        "leave sk out, or name another attribute",
    ),
    Code(
        "DK135",
        "error",
        "An entity without a key",
        "Each entity of a table with several gives each key by a template or by an attribute of "
        "the key's name.",
    ),
    Code(
        "DK136",
        "error",
        "A key with two types",
        "DynamoDB declares one type for each key attribute of a table, so entities cannot differ.",
        "give the attribute the same type in every entity",
    ),
    Code(
        "DK137",
        "error",
        "Projected attributes and projection disagree",
        "INCLUDE needs the names of the attributes that it adds; ALL and KEYS_ONLY take none.",
    ),
    Code(
        "DK138",
        "error",
        "No attribute bears the projected name",
        "An index can only carry attributes that some entity of the table has.",
        "add the attribute, or correct the name",
    ),
    Code(
        "DK139",
        "error",
        "Beyond a limit of DynamoDB",
        "A table has up to 20 global indexes, an index projects up to 20 named attributes, and "
        "those of all indexes of a table are up to 100.",
    ),
)

_VALUES = (
    Code(
        "DK150",
        "error",
        "An attribute without a value",
        "No source column, calculation or transformation says what the attribute holds.",
        "add source_column, or a calculation",
    ),
    Code(
        "DK151",
        "error",
        "A template that cannot be read",
        "A template is literal text and placeholders: {column}, {table.column}, or {column:010} "
        "with a width; braces come in pairs and are not nested.",
    ),
    Code(
        "DK152",
        "error",
        "A date format that cannot be read",
        "A date format is ISO8601, epoch, epoch-millis, or the tokens YYYY MM DD HH mm ss SSS with "
        "literal text; of the letters only T and Z stand for themselves.",
    ),
    Code(
        "DK153",
        "error",
        "A number format that cannot be read",
        "A number format is zeros with at most one point inside them, such as 0.00 or 000000.",
    ),
    Code(
        "DK154",
        "error",
        "Several columns for one value",
        "Several source columns make a map (M), a list (L), or the input of a join, calculation or "
        "template; of themselves they are no single value.",
        "name one column, or say how they are combined",
    ),
)

FORM: tuple[Code, ...] = (*_TEXT, *_MEMBERS, *_NAMES, *_KEYS, *_VALUES)
