"""Does the score find real errors, and linkage real people? `make evidence` measures both and writes docs/*-evidence.md."""
