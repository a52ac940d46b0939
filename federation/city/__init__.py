"""A made-up city: ten sites, their overlapping patients, exports with known errors, and the truth about them."""

from federation.city.city import City, Manifest
from federation.city.sites import SITES, Site

__all__ = ["SITES", "City", "Manifest", "Site"]
