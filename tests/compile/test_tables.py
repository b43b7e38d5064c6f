"""A table of the schema becomes the request that makes it, and is known again when described."""

from __future__ import annotations

import boto3
from attrs import evolve

from dalkit.compile.tables import create_table_request, mismatches
from dalkit.schema.definition import IndexDefinition, KeyAttribute, TableDefinition
from dalkit.testing.services import DynamoDBLocal

USERS = TableDefinition(
    name="Users",
    pk=KeyAttribute("PK"),
    sk=KeyAttribute("SK", "N"),
    indexes=(
        IndexDefinition(name="GSI1", pk=KeyAttribute("GSI1PK"), sk=KeyAttribute("SK", "N")),
        IndexDefinition(name="GSI2", pk=KeyAttribute("PK"), projection="KEYS_ONLY"),
        IndexDefinition(
            name="GSI3",
            pk=KeyAttribute("GSI1PK"),
            projection="INCLUDE",
            projected=("name", "PK", "name", "email"),
        ),
    ),
)


def test_the_request_of_a_table() -> None:
    """Each key attribute is defined once, with its type; projections name no key again."""
    request = create_table_request(USERS, prefix="test-")

    assert request == {
        "TableName": "test-Users",
        "AttributeDefinitions": [
            {"AttributeName": "PK", "AttributeType": "S"},
            {"AttributeName": "SK", "AttributeType": "N"},
            {"AttributeName": "GSI1PK", "AttributeType": "S"},
        ],
        "KeySchema": [
            {"AttributeName": "PK", "KeyType": "HASH"},
            {"AttributeName": "SK", "KeyType": "RANGE"},
        ],
        "BillingMode": "PAY_PER_REQUEST",
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "GSI1",
                "KeySchema": [
                    {"AttributeName": "GSI1PK", "KeyType": "HASH"},
                    {"AttributeName": "SK", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            },
            {
                "IndexName": "GSI2",
                "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
            {
                "IndexName": "GSI3",
                "KeySchema": [{"AttributeName": "GSI1PK", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["name", "email"]},
            },
        ],
    }


def test_a_table_without_indexes_asks_for_none() -> None:
    """An empty list of indexes would be refused by DynamoDB."""
    request = create_table_request(TableDefinition(name="Carts", pk=KeyAttribute("id", "B")))

    assert "GlobalSecondaryIndexes" not in request
    assert request["AttributeDefinitions"] == [{"AttributeName": "id", "AttributeType": "B"}]


def test_dynamodb_takes_the_request_and_describes_the_same_table(
    dynamodb_local: DynamoDBLocal, dalkit_dynamodb_prefix: str
) -> None:
    """What the store describes after the request has no mismatch; other tables have."""
    client = boto3.client(
        "dynamodb",
        endpoint_url=dynamodb_local.endpoint_url,
        region_name=dynamodb_local.region,
        aws_access_key_id="x",
        aws_secret_access_key="y",
    )
    described = client.create_table(**create_table_request(USERS, prefix=dalkit_dynamodb_prefix))
    table = described["TableDescription"]
    client.delete_table(TableName=table["TableName"])
    client.close()
    one, two, three = USERS.indexes

    assert mismatches(USERS, table) == ()
    assert mismatches(evolve(USERS, indexes=(one,)), table) == ()
    assert mismatches(evolve(USERS, pk=KeyAttribute("id")), table)[0] == (
        "the key is (PK, SK), in the contract (id, SK)"
    )
    assert mismatches(evolve(USERS, indexes=(), sk=KeyAttribute("SK")), table) == (
        "SK is of type N, in the contract S",
    )
    assert mismatches(evolve(USERS, indexes=(evolve(one, name="GSI9"),)), table) == (
        "the index GSI9 is missing",
    )
    assert mismatches(evolve(USERS, indexes=(evolve(two, projection="ALL"),)), table) == (
        "the index GSI2 projects KEYS_ONLY, in the contract ALL",
    )
    assert mismatches(evolve(USERS, indexes=(evolve(three, projected=("age",)),)), table) == (
        "the index GSI3 does not project age",
    )
    assert mismatches(evolve(USERS, indexes=(evolve(one, sk=None),)), table) == (
        "the key of GSI1 is (GSI1PK, SK), in the contract (GSI1PK)",
    )
