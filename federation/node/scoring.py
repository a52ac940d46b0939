"""By which standard a home scores: the shipped one, with what the home's own `scoring.toml` says instead."""

from federation.node.home import Home
from federation.quality.standard import Standard, standard

OWN = "scoring.toml"


def standard_of(home: Home) -> Standard:
    """Raises BadInput where the home's own file cannot be used."""
    return standard(home.path / OWN)
