"""The city's pool and its answers."""
