"""Contract and MySQL tables resolved into entities, keys, indexes and layouts."""
