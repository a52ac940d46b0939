"""Rows of the shared tables from segments, one module a table. Each says which fields it used; `extra` keeps the rest."""
