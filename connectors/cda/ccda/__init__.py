"""The clinical sections of C-CDA R1.1 and R2.1, one kind of entry a module; what is not read is not guessed at."""
