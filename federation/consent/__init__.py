"""Decisions: who may have which rows for which purpose. Pure: no file, clock or randomness."""
