"""What the city's sites say of themselves and sign: `sites.toml` and one contract a site, as text."""

from federation.city.sites import SITES, Site

CENTRE = "city-centre"
CLINICAL = (
    "organization",
    "patient",
    "patient_identifier",
    "encounter",
    "condition",
    "procedure",
    "observation",
    "medication",
    "followup",
    "cost",
    "quality_result",
)
# One hospital is wary: no research, no procedures, no money.
NARROW = {
    "tertiary-b": (
        "organization",
        "patient",
        "patient_identifier",
        "encounter",
        "condition",
        "observation",
        "quality_result",
    )
}
PURPOSES = ("TREAT", "PUBHLTH", "HOPERAT", "HRESCH")


def sites_toml() -> str:
    """Who the ten sites are."""
    return "# The made-up city's institutions. None exists; see federation/city/sites.py.\n" + "\n".join(
        map(_site, SITES)
    )


def _site(site: Site) -> str:
    return f"""
# {", ".join(site.writes)}; 统一社会信用代码 {site.uscc}, 医保定点机构编码 {site.nhsa_code}
[[site]]
id = "{site.id}"
name = "{site.en}"
name_zh = "{site.zh}"
tier = "{site.tier}"
level = "{site.level_code}"
region = "{site.region}"
"""


def contract_toml(site: Site) -> str:
    """What the site allows the centre, for what, until when."""
    tables = NARROW.get(site.id, CLINICAL)
    purposes = [purpose for purpose in PURPOSES if site.id not in NARROW or purpose != "HRESCH"]
    lines = "\n".join(f'{table} = ["*"]' for table in tables)
    return f"""# What {site.en} allows; every column that may leave a site at all.
id = "linchuan-{site.id}"
site = "{site.id}"
effect = "allow"
purposes = [{", ".join(f'"{purpose}"' for purpose in purposes)}]
recipients = ["{CENTRE}"]
from = 2025-01-01
until = 2035-12-31
signed_by = "{site.zh}"

[tables]
{lines}
"""
