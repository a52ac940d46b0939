"""Which single cells of a table are likely wrong, from what the table itself says. Knows no table's meaning."""
