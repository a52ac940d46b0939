"""The shared tables for other programs: Arrow, JSON Schema, SQL and a data dictionary for people.

Everything is derived from the tables; nothing here adds a meaning of its own.
"""
