"""Linkage in clear text, for a centre that lawfully holds identifiers: probabilities by Fellegi and Sunter, no labels.

Splink does the counting (extra `linkage`); what is compared, and how, is written in a model file.
"""

from federation.linkage.clear.link import clear, linked
from federation.linkage.clear.model import Model, city_model
from federation.linkage.clear.people import people

__all__ = ["Model", "city_model", "clear", "linked", "people"]
