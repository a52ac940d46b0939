"""Databases of hospitals: asked gently and read-only, view by view, for what is new; answers land as delimited text."""
