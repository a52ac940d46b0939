"""Tokens, gates and small counts: what an answer may show. Pure: no file, clock or randomness."""
