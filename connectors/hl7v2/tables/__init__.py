"""Rows of the shared tables from segments, one module a table. Each says what it used; `extra` keeps the rest."""
