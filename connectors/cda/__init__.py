"""CDA R2 documents, C-CDA and WS/T 500-2016: one record is one document, its statements are rows."""
