"""Landing tables of platforms that stand in a database: no mapping and no profile is named, the header tells."""

from tests.federation.test_feed_database import guantong
from tests.servers.asked import Site

TABLES = """
[[table]]
name = "visits"
view = "ws_visits"
key = ["ws01_00_014_01"]

[[table]]
name = "drugs"
view = "HLHT_MJZCF_XYCF"
key = ["YJLXH"]
profile = "hlht_mjzcf_xycf"
"""


def test_the_header_of_a_view_tells_how_it_is_read(postgres, tmp_path):
    from connectors.profiles import profiles

    postgres.run("DROP DATABASE IF EXISTS platform WITH (FORCE)", "CREATE DATABASE platform")
    names = profiles()["hlht_mjzcf_xycf"].about.detect.most
    cells = {"yjlxh": "1", "patid": "P1", "jzlsh": "V1", "ywmc": "drug"}
    postgres.run(
        "CREATE TABLE ws_visits (WS01_00_014_01 text, WS02_01_040_01 text, WS06_00_092_01 timestamp, WS09_99_001_01 text)",
        "INSERT INTO ws_visits VALUES ('Z1', '2', '2026-01-02 03:04', 'kept'), ('Z2', '1', NULL, NULL)",
        f'CREATE TABLE "HLHT_MJZCF_XYCF" ({", ".join(chr(34) + name.upper() + chr(34) + " text" for name in names)})',
        'INSERT INTO "HLHT_MJZCF_XYCF" VALUES ('
        + ", ".join(f"'{cells[name]}'" if name in cells else "NULL" for name in names) + ")",
        database="platform",
    )  # fmt: skip
    path, home = Site(tmp_path / "site", postgres.url("platform")).describe(TABLES), tmp_path / "home"
    done = guantong(home, "ingest", str(path), "--site", "A")
    assert (done.returncode, "accepted 接收 3" in done.stdout) == (0, True), done.stdout + done.stderr
    assert "region_ws" in done.stdout, done.stdout
    assert guantong(home, "reconcile").returncode == 0
    landed = next(each for each in sorted((home / "landing").rglob("*.csv*")) if "visits" in each.name)
    told = guantong(None, "sniff", str(landed))
    assert "region_ws" in told.stdout, told.stdout
