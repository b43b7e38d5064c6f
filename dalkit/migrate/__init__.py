"""Moving a whole database: export to files, load into DynamoDB, verify both stores."""
