"""FHIR R4 read in columns: lines are told apart by shape, a shape is parsed once, values are gathered by place.

Nothing here opens a file, follows a reference or corrects a value.
"""
