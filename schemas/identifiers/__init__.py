"""Identifiers of persons, institutions and drugs: their shape and their check digits, one kind a file.

Everything is a Polars expression over a String column; nothing here loops over rows or looks an identifier up.
"""
