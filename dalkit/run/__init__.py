"""Where queries are run: the stores' clients, retries as data, each store's errors in one table."""
