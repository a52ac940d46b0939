"""Landing tables whose columns are called after data elements of WS/T 363: a mapping is made from the header alone.

Never from a value; what an element means is said in connectors/elements.py.
"""
