"""Two registers of a made-up city that hold the same people, with known errors: what linkage is measured on."""

from federation.city.doubles.rates import COMMUNITY, TERTIARY, Rates
from federation.city.doubles.registers import Doubles, Register, doubles

__all__ = ["COMMUNITY", "TERTIARY", "Doubles", "Rates", "Register", "doubles"]
