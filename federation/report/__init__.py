"""One self-contained page with pictures of what a home holds."""
