"""What a city's health data looks like once it is joined up: shared tables, code lists, identifiers.

Nothing in this room reads a file of a hospital or opens a socket.
"""
