"""Score, decide, release, pool, ask and record: everything between the site's tables and the city's answers."""
