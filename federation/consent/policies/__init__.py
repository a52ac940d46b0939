"""One policy a file; each answers with objections only. `decide` names them in the order in which they speak."""
