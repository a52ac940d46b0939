"""Heights and weights: how far from everybody else's of that age and sex, and from the same person's other ones."""
