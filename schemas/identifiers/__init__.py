"""Identifiers of persons, institutions and drugs: their shape and their check digits, one kind a file.

Everything is a Polars expression over a String column; nothing here loops over rows or looks an identifier up.
Normalise in a step of its own (`with_columns`) before asking: an expression inside others may be computed often.
"""
