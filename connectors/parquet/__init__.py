"""Parquet as rows of strings with their places: a container for tables with a header, like delimited text."""
