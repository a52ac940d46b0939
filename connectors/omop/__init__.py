"""OMOP CDM tables, from whatever container they come in, to the shared tables; the mappings are TOML files in here."""
