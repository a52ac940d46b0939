"""The listener: HL7 v2 messages over MLLP, on disk before they are acknowledged, and from there into the tables.

It loads neither Polars nor the registry, so that it starts at once and stays small beside a hospital's own programs.
"""
