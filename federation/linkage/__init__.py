"""The same person across sites, without names: normalised and told by keyed tokens at the site, then linked.

Pure: keys are handed in.
"""
