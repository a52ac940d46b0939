"""ZIP archives: each file inside is unpacked within bounds, and read by whichever kind knows it."""
