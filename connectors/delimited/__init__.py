"""Delimited text, from bytes to rows of strings with their places; what the rows mean is not decided here."""
