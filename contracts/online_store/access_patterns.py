"""The 48 access patterns of the online store: what is asked, how often, and what serves it.

`satisfies` in `migrationContract.json` lists, table by table, the names declared here.
`peak` is requests a second at the busiest time; the peaks add up to about 3,250.
"""

from __future__ import annotations

from typing import Final, final

from attrs import frozen

__all__ = ["PATTERNS", "AccessPattern"]


@final
@frozen
class AccessPattern:
    """One way in which the store is used."""

    name: str
    """Stable: `AP`, two digits, a few words."""
    peak: float
    """Requests a second."""
    tables: tuple[str, ...]
    """The DynamoDB tables it reads or writes; none when it does no database work."""
    served_by: str
    what: str


_USERS: Final = ("Users",)
_PRODUCTS: Final = ("Products",)
_CATEGORIES: Final = ("Categories",)
_CATALOG: Final = ("Products", "Categories")
_ORDERING: Final = ("Users", "Products")

PATTERNS: Final[tuple[AccessPattern, ...]] = (
    AccessPattern(
        "AP01 register",
        10,
        _USERS,
        "transaction: the user and two guards, after an id from the counter item",
        "A new user, whose username and email nobody else bears.",
    ),
    AccessPattern(
        "AP02 log in by username",
        250,
        _USERS,
        "query GSI2; cached",
        "The user with this username, password hash included.",
    ),
    AccessPattern("AP03 own profile", 5, _USERS, "get by key", "The user with this id."),
    AccessPattern(
        "AP04 update own profile",
        0.3,
        _USERS,
        "update; transaction with both guards when the email changes",
        "New first name, last name or email.",
    ),
    AccessPattern(
        "AP05 become a seller",
        0.1,
        _USERS,
        "conditional update",
        "A user who may sell from now on.",
    ),
    AccessPattern("AP06 log out", 250, (), "no database work", "The client forgets its token."),
    AccessPattern(
        "AP07 check a token", 250, _USERS, "get by key; cached", "The user whom a token names."
    ),
    AccessPattern(
        "AP08 list products",
        420,
        _CATALOG,
        "query GSI1 of Products per category (direct children by GSI1 of Categories), or GSI2 for "
        "a seller, and filter; a scan, allowed and costed, when neither is given",
        "Products by category, seller, text, price and stock, newest first, by page, with a total.",
    ),
    AccessPattern(
        "AP09 search products",
        420,
        _PRODUCTS,
        "an external search; a budgeted scan with a filter stands in for it",
        "Products with this text in their name or description.",
    ),
    AccessPattern(
        "AP10 products of a category", 100, _PRODUCTS, "query GSI1", "By name, page by page."
    ),
    AccessPattern(
        "AP11 one product with details",
        200,
        ("Products", "Categories", "Users"),
        "get by key, then a batch get of its category and seller",
        "A product, its category's name, its seller's username and email.",
    ),
    AccessPattern(
        "AP12 create a product",
        0.01,
        _CATALOG,
        "transaction: the product, and its category's count if the category exists",
        "A new product of a seller in a category.",
    ),
    AccessPattern(
        "AP13 update a product",
        0.01,
        ("Products", "Categories", "Users"),
        "write conditional on the owner, both counts when it moves, then the carts' copies",
        "New values for a product, by its owner alone.",
    ),
    AccessPattern(
        "AP14 delete a product",
        0.01,
        ("Products", "Categories", "Users"),
        "transaction conditional on the owner, refused when ordered; then its cart lines",
        "A product gone, by its owner alone.",
    ),
    AccessPattern(
        "AP15 products of a seller", 0.1, _PRODUCTS, "query GSI2", "By name, page by page."
    ),
    AccessPattern(
        "AP16 set inventory",
        0.02,
        _PRODUCTS,
        "conditional update",
        "How many of a product there are, said by its owner.",
    ),
    AccessPattern(
        "AP17 seller statistics",
        0.05,
        _PRODUCTS,
        "query GSI2, all pages, and aggregate",
        "A seller's number of products, stock, and what the stock is worth.",
    ),
    AccessPattern(
        "AP18 upload a product image",
        0.01,
        (),
        "no database work",
        "The file goes to a file store; its address is saved with the product (AP13).",
    ),
    AccessPattern(
        "AP19 search categories",
        10,
        _CATEGORIES,
        "budgeted scan of a small table, filtered; cached",
        "Categories with this text in their name.",
    ),
    AccessPattern(
        "AP20 list categories",
        50,
        _CATEGORIES,
        "budgeted scan of a small table; cached",
        "Every category, by name.",
    ),
    AccessPattern("AP21 root categories", 50, _CATEGORIES, "query GSI1 (PARENT#ROOT)", "By name."),
    AccessPattern(
        "AP22 children of a category", 30, _CATEGORIES, "query GSI1 (PARENT#id)", "By name."
    ),
    AccessPattern(
        "AP23 category breadcrumb",
        20,
        _CATEGORIES,
        "get by key, once for each level",
        "The path from the root to a category.",
    ),
    AccessPattern("AP24 one category", 20, _CATEGORIES, "get by key", "The category with this id."),
    AccessPattern(
        "AP25 tree of categories",
        30,
        _CATEGORIES,
        "budgeted scan of a small table; cached",
        "Every category under its parent.",
    ),
    AccessPattern(
        "AP26 create a category",
        0.001,
        _CATEGORIES,
        "transaction: the category, and its parent's count if the parent exists",
        "A new category, a root or under a parent.",
    ),
    AccessPattern(
        "AP27 update a category",
        0.001,
        _CATEGORIES,
        "transaction: the category, both parents' counts, its children's copies of its name",
        "A category renamed or moved, never under itself.",
    ),
    AccessPattern(
        "AP28 delete a category",
        0.001,
        _CATEGORIES,
        "transaction: delete if it has neither children nor products, and its parent's count",
        "A category gone.",
    ),
    AccessPattern(
        "AP29 check out",
        200,
        _ORDERING,
        "one transaction: the order, a conditional stock reduction and a deletion per cart line",
        "The cart becomes an order, of 49 lines at most.",
    ),
    AccessPattern(
        "AP30 order history",
        50,
        _USERS,
        "query by key, SK begins ORDER#, backwards",
        "A user's orders, newest first, page by page.",
    ),
    AccessPattern(
        "AP31 one order",
        30,
        _ORDERING,
        "query GSI3, then a batch get of its products",
        "The order with this id, its items with product details.",
    ),
    AccessPattern(
        "AP32 cancel an order",
        5,
        _ORDERING,
        "transaction: the order if it is pending, and every item's stock back",
        "A pending order cancelled.",
    ),
    AccessPattern(
        "AP33 order summary",
        10,
        _USERS,
        "query by key, SK begins ORDER#, all pages, and aggregate",
        "How many orders a user has, by status, and what they come to.",
    ),
    AccessPattern(
        "AP34 set the status of an order",
        10,
        _USERS,
        "query GSI3, then a conditional update",
        "An order that is in another state from now on; by status they are found in GSI4.",
    ),
    AccessPattern(
        "AP35 recent orders",
        20,
        _USERS,
        "query by key, SK begins ORDER#, backwards, limited",
        "A user's last few orders.",
    ),
    AccessPattern(
        "AP36 search own orders",
        5,
        _USERS,
        "query by key, SK begins ORDER#, and filter",
        "A user's orders by status, amount or time.",
    ),
    AccessPattern(
        "AP37 may check out",
        200,
        _ORDERING,
        "query by key, SK begins CART#, then a batch get of the products",
        "Whether the cart has lines and every line can be had.",
    ),
    AccessPattern(
        "AP38 cart",
        100,
        _ORDERING,
        "query by key, SK begins CART#, then a batch get of the products",
        "A user's cart lines with product details.",
    ),
    AccessPattern(
        "AP39 add to cart",
        175,
        _ORDERING,
        "get the product for its copies, then an upsert that adds the quantity up",
        "A product in the cart, or more of it.",
    ),
    AccessPattern(
        "AP40 change a cart line", 100, _USERS, "conditional update", "Another quantity; 0 removes."
    ),
    AccessPattern("AP41 remove a cart line", 50, _USERS, "delete by key", "A line gone."),
    AccessPattern(
        "AP42 clear the cart",
        25,
        _USERS,
        "query by key, SK begins CART#, then batch deletes",
        "Every line gone.",
    ),
    AccessPattern(
        "AP43 cart summary",
        50,
        _ORDERING,
        "query by key, SK begins CART#, a batch get of the products, and aggregate",
        "How many lines and pieces a cart has, and what they come to.",
    ),
    AccessPattern(
        "AP44 validate the cart",
        100,
        _ORDERING,
        "query by key, SK begins CART#, then a batch get of the products",
        "Each line that asks for more than there is.",
    ),
    AccessPattern(
        "AP45 upgrade a user to seller",
        0.1,
        _USERS,
        "conditional update",
        "As AP05, asked for from the seller's pages.",
    ),
    AccessPattern("AP46 seller profile", 0.1, _USERS, "get by key", "A seller by the user's id."),
    AccessPattern(
        "AP47 seller dashboard",
        0.1,
        _PRODUCTS,
        "query GSI2, all pages, and aggregate (as AP17)",
        "A seller's products and their statistics at one glance.",
    ),
    AccessPattern(
        "AP48 update seller profile",
        0.05,
        _USERS,
        "update; transaction with both guards when the email changes",
        "As AP04, asked for from the seller's pages.",
    ),
)
