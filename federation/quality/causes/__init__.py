"""What failing rows have in common: where they come from, since when, and how what they say is written."""
