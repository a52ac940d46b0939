"""Registry, contracts and ledger."""
