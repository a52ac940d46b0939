"""How what hospitals really export becomes shared tables: one kind of source a file, one known format a folder.

Connectors read; they never write, never hold a key, and never guess.
"""
