"""Proposes a mapping for a table nobody has mapped, from its columns' names and the shapes of their values. Pure."""
