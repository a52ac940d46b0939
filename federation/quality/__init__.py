"""Scores: what share of the questions about the rows were answered well. Pure: no file, clock or randomness."""
