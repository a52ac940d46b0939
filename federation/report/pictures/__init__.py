"""One picture a file: each says its question, draws itself, reads itself in one sentence, and has a table twin."""
