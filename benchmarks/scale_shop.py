"""A shop of any size: its tables, how they are filled by the server itself, and its contracts.

Every construct whose cost could grow faster than its rows is in it: child rows as arrays, declared
foreign keys, aggregates, look-ups and aggregates over a table without an index, and text keys whose
uniqueness no DDL proves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["fill", "plain_contract", "schema", "sizes", "whole_contract"]

SHARES = {"customers": 0.1, "orders": 0.3, "order_lines": 0.4, "shipments": 0.1, "visits": 0.1}
"""What part of all rows each table has; products are as many as one in a hundred customers."""

_CHUNK = 200_000

_TABLES = """
CREATE TABLE digits (n INT PRIMARY KEY);
CREATE TABLE products (
  id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(80) NOT NULL, price DECIMAL(10,2) NOT NULL
);
CREATE TABLE customers (
  id INT PRIMARY KEY AUTO_INCREMENT, email VARCHAR(100) NOT NULL UNIQUE, name VARCHAR(80) NOT NULL,
  city VARCHAR(60), created_at DATETIME NOT NULL
);
CREATE TABLE orders (
  id INT PRIMARY KEY AUTO_INCREMENT, customer_id INT NOT NULL, number VARCHAR(20) NOT NULL,
  status ENUM('pending','completed','cancelled') NOT NULL, total DECIMAL(10,2) NOT NULL,
  tax DECIMAL(10,2) NOT NULL, discount DECIMAL(10,2), weight INT NOT NULL, note VARCHAR(200),
  paid TINYINT(1) NOT NULL, created_at DATETIME NOT NULL, updated_at DATETIME(6) NOT NULL,
  shipped_at DATETIME, UNIQUE KEY (number), FOREIGN KEY (customer_id) REFERENCES customers (id)
);
CREATE TABLE order_lines (
  order_id INT NOT NULL, line_no INT NOT NULL, product_id INT NOT NULL, quantity INT NOT NULL,
  price DECIMAL(10,2) NOT NULL, gift TINYINT(1) NOT NULL, PRIMARY KEY (order_id, line_no),
  FOREIGN KEY (order_id) REFERENCES orders (id), FOREIGN KEY (product_id) REFERENCES products (id)
);
CREATE TABLE shipments (
  id INT PRIMARY KEY AUTO_INCREMENT, order_number VARCHAR(20) NOT NULL,
  carrier VARCHAR(20) NOT NULL, parcels INT NOT NULL
);
CREATE TABLE visits (
  id INT PRIMARY KEY AUTO_INCREMENT, code VARCHAR(60) NOT NULL, page VARCHAR(100) NOT NULL,
  seconds INT NOT NULL, seen_at DATETIME NOT NULL
)
"""

_ROWS = {
    "products": "n, CONCAT('Product ', n), (n % 9000) / 100 + 1",
    "customers": (
        "n, CONCAT('customer', n, '@example.com'), CONCAT('Customer ', n, ' Müller'), "
        "IF(n % 7, CONCAT('City ', n % 500), NULL), '2024-01-01' + INTERVAL n SECOND"
    ),
    "orders": (
        "n, 1 + n % {customers}, CONCAT('N-', n * 7), ELT(1 + n % 3, 'pending', 'completed', "
        "'cancelled'), (n % 99999) / 100 + 5, (n % 999) / 100, IF(n % 4, NULL, 1.5), n % 5000, "
        "IF(n % 3, CONCAT('Leave it \"at the door\" of house ', n, '; ring twice, please'), NULL), "
        "n % 2, '2024-01-01' + INTERVAL n SECOND, "
        "'2024-02-01' + INTERVAL n SECOND + INTERVAL n % 999 MICROSECOND, "
        "IF(n % 2, '2024-03-01' + INTERVAL n SECOND, NULL)"
    ),
    # two of three orders have two lines, as many as there are rows for
    "order_lines": (
        "1 + ((n - 1) DIV 2) * 3 DIV 2, 1 + (n - 1) % 2, 1 + n * 31 % {products}, 1 + n % 9, "
        "(n % 9000) / 100 + 1, n % 11 = 0"
    ),
    "shipments": (
        "n, CONCAT('N-', (1 + n * 2 % {orders}) * 7), ELT(1 + n % 2, 'Swift', 'Snail'), n % 4"
    ),
    "visits": (
        "n, CONCAT('visit-', HEX(n * 2654435761 % 4294967296), '-', n), "
        "CONCAT('/products/', n % 977), n % 600, '2024-05-01' + INTERVAL n SECOND"
    ),
}


def schema() -> tuple[str, ...]:
    """The CREATE TABLE statements."""
    return tuple(_TABLES.strip().split(";\n"))


def sizes(rows: int) -> dict[str, int]:
    """How many rows each table gets of so many in all."""
    counts = {name: max(1, int(rows * share)) for name, share in SHARES.items()}
    return {"products": max(1, counts["customers"] // 100), **counts}


def fill(rows: int) -> Iterator[str]:
    """The statements that fill the tables with so many rows in all, made on the server."""
    counts = sizes(rows)
    yield "INSERT INTO digits VALUES " + ", ".join(f"({n})" for n in range(1000))
    for table, made in _ROWS.items():
        values, count = made.format(**counts), counts[table]
        for start in range(0, count, _CHUNK):
            size = min(_CHUNK, count - start)
            numbers = (
                f"SELECT {start} + a.n * 1000 + b.n + 1 AS n FROM digits a JOIN digits b "
                f"WHERE a.n * 1000 + b.n < {size} ORDER BY a.n, b.n"
            )
            yield f"INSERT INTO {table} SELECT {values} FROM ({numbers}) AS numbers"
    yield "DROP TABLE digits"
    for table in _ROWS:
        yield f"ANALYZE TABLE {table}"


def plain_contract() -> str:
    """Orders alone, their own thirteen columns."""
    table = {
        "table": "PlainOrders",
        "type": "single-entity",
        "source_table": "orders",
        "pk": "id",
        "sk": None,
        "attributes": _own_orders("id"),
        "satisfies": [],
        "estimated_item_size_bytes": 400,
    }
    return json.dumps({"tables": [table]})


def whole_contract() -> str:
    """Every table, with everything whose cost could grow."""
    return json.dumps({"tables": [_customers(), _orders(), _visits()]})


def _attribute(table: str, name: str, type_: str = "S", column: str = "", **more: Any) -> Any:
    base = {"name": name, "type": type_, "source_table": table, "source_column": column or name}
    return base | more


def _own_orders(key: str) -> list[Any]:
    types = {
        "customer_id": "N",
        "number": "S",
        "status": "S",
        "total": "N",
        "tax": "N",
        "discount": "N",
        "weight": "N",
        "note": "S",
        "paid": "BOOL",
        "created_at": "S",
        "updated_at": "S",
        "shipped_at": "S",
    }
    own = [_attribute("orders", name, type_) for name, type_ in types.items()]
    return [_attribute("orders", key, "N", "id"), *own]


def _customers() -> Any:
    def orders(name: str, operation: str, column: str) -> Any:
        calculation = {
            "type": "aggregate",
            "target_table": "orders",
            "join_condition": "orders.customer_id = customers.id",
            "operation": operation,
            "select_column": column,
        }
        return _attribute("customers", name, "N", "id", calculation=calculation)

    return {
        "table": "Customers",
        "type": "single-entity",
        "source_table": "customers",
        "pk": "customer_id",
        "sk": None,
        "attributes": [
            _attribute("customers", "customer_id", "N", "id"),
            _attribute("customers", "email"),
            _attribute("customers", "name"),
            _attribute("customers", "city"),
            _attribute("customers", "created_at"),
            orders("order_count", "COUNT", "orders.id"),
            orders("order_total", "SUM", "orders.total"),
            orders("last_order_at", "MAX", "orders.created_at") | {"type": "S"},
        ],
        "satisfies": [],
        "estimated_item_size_bytes": 300,
    }


def _orders() -> Any:
    def joined(table: str, name: str, target: str, on: str, column: str) -> Any:
        join = {
            "type": "foreign-key",
            "target_table": target,
            "join_condition": on,
            "select_column": column,
        }
        return _attribute(table, name, "S", "id" if table == "orders" else "product_id", join=join)

    lines = {
        "type": "json-construction",
        "target_table": "order_lines",
        "join_condition": "order_lines.order_id = orders.id",
        "construction": {
            "type": "array",
            "select_columns": {
                name: f"order_lines.{name}"
                for name in ("line_no", "product_id", "quantity", "price", "gift")
            },
            "order_by": "order_lines.line_no",
            "limit": 50,
        },
    }
    parcels = {
        "type": "aggregate",
        "target_table": "shipments",
        "join_condition": "shipments.order_number = orders.number",
        "operation": "SUM",
        "select_column": "shipments.parcels",
    }
    shipped = "orders.number = shipments.order_number"
    bought = "orders.customer_id = customers.id"
    return {
        "table": "Orders",
        "type": "multi-entity",
        "source_table": "orders",
        "pk": "PK",
        "sk": "SK",
        "entities": [
            {
                "entity_type": "ORDER",
                "source_table": "orders",
                "pk_template": "ORDER#{id}",
                "sk_template": "#META",
                "attributes": [
                    *_own_orders("order_id"),
                    joined("orders", "customer_email", "customers", bought, "customers.email"),
                    joined("orders", "customer_name", "customers", bought, "customers.name"),
                    joined("orders", "carrier", "shipments", shipped, "shipments.carrier"),
                    _attribute("orders", "parcels", "N", "id", calculation=parcels),
                    _attribute("orders", "lines", "L", "id", join=lines),
                ],
            },
            {
                "entity_type": "LINE",
                "source_table": "order_lines",
                "pk_template": "ORDER#{order_id}",
                "sk_template": "LINE#{line_no:05}",
                "attributes": [
                    *(
                        _attribute("order_lines", name, type_)
                        for name, type_ in (
                            ("order_id", "N"),
                            ("line_no", "N"),
                            ("product_id", "N"),
                            ("quantity", "N"),
                            ("price", "N"),
                            ("gift", "BOOL"),
                        )
                    ),
                    joined(
                        "order_lines",
                        "product_name",
                        "products",
                        "order_lines.product_id = products.id",
                        "products.name",
                    ),
                ],
            },
        ],
        "satisfies": [],
        "estimated_item_size_bytes": 900,
    }


def _visits() -> Any:
    return {
        "table": "Visits",
        "type": "single-entity",
        "source_table": "visits",
        "pk": "code",
        "sk": None,
        "attributes": [
            _attribute("visits", "visit_id", "N", "id"),
            _attribute("visits", "code"),
            _attribute("visits", "page"),
            _attribute("visits", "seconds", "N"),
            _attribute("visits", "seen_at"),
        ],
        "satisfies": [],
        "estimated_item_size_bytes": 200,
    }
