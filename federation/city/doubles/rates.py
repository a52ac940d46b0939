"""How often each register gets something wrong: shares of records (or of those it can happen to), stated once."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Rates:
    """Shares, 0 to 1. Beside each group: of which records."""

    # Resident id: of all records; of ids that are there; of those under 14; of those born before 1984.
    id_missing: float
    id_placeholder: float
    id_one_digit: float
    id_two_swapped: float
    id_of_spouse: float
    id_of_parent: float
    id_fifteen: float
    id_blanks: float
    # Insurance number, the same in both registers: of all records. None by default, so that nothing leans on it.
    insurance: float
    # Names: of all records; of names that can be so.
    name_by_ear: float
    name_careless: float
    name_by_eye: float
    name_anyhow: float
    name_cut: float
    name_swapped: float
    name_changed: float
    name_latin: float
    name_rare: float
    name_blanks: float
    name_dot: float
    newborn: float
    # Birth dates: of all records; lunar of those born before 1975.
    born_swapped: float
    born_one_digit: float
    born_year_off: float
    born_first_of_january: float
    born_only_year: float
    born_only_month: float
    born_lunar: float
    born_missing: float
    # The rest: of all records.
    sex_wrong: float
    sex_missing: float
    phone_changed: float
    phone_of_family: float
    phone_one_digit: float
    phone_missing: float
    phone_placeholder: float
    phone_written: float
    address_moved: float
    address_cut: float
    address_missing: float
    division_missing: float
    again: float = 0.0  # of persons with a second record in the same register

    def times(self, factor: float) -> "Rates":
        """Every error so many times as frequent, half of all records at most; what is missing of ids stays."""
        more = {name: min(0.5, share * factor) for name, share in asdict(self).items() if name not in _NO_ERRORS}
        return Rates(**{**asdict(self), **more})


# Habits and gaps, not errors.
_NO_ERRORS = ("id_missing", "insurance", "newborn", "name_rare", "name_dot", "phone_missing", "phone_written",
              "id_blanks", "again")  # fmt: skip


TERTIARY = Rates(
    id_missing=0.05, id_placeholder=0.003, id_one_digit=0.003, id_two_swapped=0.001, id_of_spouse=0.001,
    id_of_parent=0.03, id_fifteen=0.002, id_blanks=0.002, insurance=0.0,
    name_by_ear=0.006, name_careless=0.002, name_by_eye=0.003, name_anyhow=0.003, name_cut=0.001, name_swapped=0.0005,
    name_changed=0.002, name_latin=0.0005, name_rare=0.2, name_blanks=0.004, name_dot=0.2, newborn=0.6,
    born_swapped=0.003, born_one_digit=0.006, born_year_off=0.002, born_first_of_january=0.001, born_only_year=0.001,
    born_only_month=0.0005, born_lunar=0.005, born_missing=0.001,
    sex_wrong=0.002, sex_missing=0.001,
    phone_changed=0.05, phone_of_family=0.03, phone_one_digit=0.005, phone_missing=0.03, phone_placeholder=0.003,
    phone_written=0.02, address_moved=0.03, address_cut=0.05, address_missing=0.01, division_missing=0.02,
)  # fmt: skip
COMMUNITY = Rates(
    id_missing=0.50, id_placeholder=0.01, id_one_digit=0.01, id_two_swapped=0.004, id_of_spouse=0.004,
    id_of_parent=0.10, id_fifteen=0.03, id_blanks=0.01, insurance=0.0,
    name_by_ear=0.03, name_careless=0.01, name_by_eye=0.01, name_anyhow=0.008, name_cut=0.004, name_swapped=0.002,
    name_changed=0.006, name_latin=0.001, name_rare=0.5, name_blanks=0.02, name_dot=0.4, newborn=0.05,
    born_swapped=0.008, born_one_digit=0.015, born_year_off=0.006, born_first_of_january=0.006, born_only_year=0.006,
    born_only_month=0.003, born_lunar=0.03, born_missing=0.005,
    sex_wrong=0.005, sex_missing=0.004,
    phone_changed=0.12, phone_of_family=0.06, phone_one_digit=0.01, phone_missing=0.12, phone_placeholder=0.01,
    phone_written=0.06, address_moved=0.08, address_cut=0.12, address_missing=0.04, division_missing=0.10,
)  # fmt: skip
