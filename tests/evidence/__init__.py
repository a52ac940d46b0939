"""Does the score find real errors? `make evidence` measures it and writes docs/quality-evidence.md."""
