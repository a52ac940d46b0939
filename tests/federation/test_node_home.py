import gc
import hmac
import os
import stat
import subprocess
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import BadInput, Tampered, Unavailable, Usage
from federation.node.home import make_home, open_home
from federation.node.reconcile import reconcile
from federation.node.sheets import Sheets
from federation.privacy.token import Tokens
from tests.federation.node_city import KEY, city, content, drawn, take


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_home_and_its_key_are_their_owners_alone(tmp_path):
    home = make_home(tmp_path / "home")
    assert {mode(home.path), *(mode(path) for path in home.path.iterdir() if path.is_dir())} == {0o700}
    assert mode(home.path / "keys" / "person.key") == 0o600


def test_a_key_is_made_once_and_never_shown(tmp_path):
    first, again, other = (make_home(tmp_path / name) for name in ("one", "one", "two"))
    assert first.tokens.key == again.tokens.key != other.tokens.key
    assert first.tokens.key.hex() not in repr(first)
    assert repr(first.tokens.key) not in repr(first)


@pytest.mark.parametrize("name", ["home[1]", "what?", "100%20", "*"])
def test_a_path_that_readers_take_for_a_pattern_is_no_home_and_nothing_is_made(tmp_path, name):
    with pytest.raises(Usage, match="Choose another"):
        make_home(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_file_where_a_folder_of_the_home_would_be_is_said_in_words(tmp_path):
    (tmp_path / "file").write_text("x")
    for home in (tmp_path / "file", tmp_path / "file" / "home"):
        with pytest.raises(Unavailable, match="a file stands where"):
            make_home(home)
    with pytest.raises(Unavailable, match="too long"):
        make_home(tmp_path / ("x" * 300))


def test_a_home_whose_key_was_exchanged_reads_nothing_and_is_not_called_balanced(tmp_path):
    home = city(tmp_path, "A")
    take(home, drawn(tmp_path / "in", "1", "k1 | p1 | | 7"))
    before = content(home)
    (home.path / "keys" / "person.key").write_bytes(bytes(32))
    other = open_home(home.path)
    with pytest.raises(Tampered, match=r"person\.key"):
        take(other, drawn(tmp_path / "in", "2", "k2 | p2 | | 7"))
    with pytest.raises(Tampered, match="Restore it from a backup"):
        reconcile(other)
    assert content(home) == before


def test_another_key_for_the_same_home_is_refused(tmp_path):
    make_home(tmp_path / "home", KEY)
    with pytest.raises(BadInput, match="another key"):
        make_home(tmp_path / "home", bytes(32))


def test_a_folder_that_is_no_home_is_not_opened(tmp_path):
    with pytest.raises(Usage, match="is not a home"):
        open_home(tmp_path)


@given(st.binary(min_size=16, max_size=100), st.text(st.characters(exclude_categories=["Cs"])))
def test_a_token_is_the_hmac_of_domain_scope_and_name(key, name):
    message = f"record\0A\0{name}".encode()
    assert Tokens(key).of_many("record", [name], "A") == [hmac.digest(key, message, "sha256").hex()[:32]]


def test_domains_and_sites_do_not_share_tokens():
    tokens = Tokens(KEY)
    made = [tokens.of_many(*where) for where in (("a", ["x"], "A"), ("b", ["x"], "A"), ("a", ["x"], "B"))]
    assert len({each for [each] in made}) == 3


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own, of 24 MB."""
    if os.geteuid() != 0:
        # in continuous integration a component that is missing is a failure
        (pytest.fail if os.environ.get("CI") else pytest.skip)("Mounting a small disk needs root.")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    made = subprocess.run(mount, capture_output=True, text=True, check=False)
    assert made.returncode == 0, f"No disk of 24 MB can be mounted, so a full disk cannot be tested: {made.stderr}"
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def lines(first: int, many: int) -> str:
    return "\n".join(f"k{n} | p{n} | | {n * 7919}" for n in range(first, first + many))


def test_a_table_that_a_full_disk_cuts_off_prints_nothing_when_it_is_collected(small_disk, capsys):
    fill(small_disk / "ballast", 64 * 1024)  # room for the cells, none for every footer
    wide = pl.DataFrame({f"column {n}": ["x"] for n in range(300)})
    with pytest.raises(OSError, match="No space"), Sheets(small_disk) as sheets:
        sheets.add_all(dict.fromkeys("abc", wide))
    del sheets
    gc.collect()
    assert capsys.readouterr().err == ""


def test_a_full_disk_is_said_and_leaves_the_pool_as_it_was(small_disk, tmp_path):
    home = city(small_disk, "A")
    take(home, drawn(tmp_path / "in", "1", lines(0, 100)))
    before, path = content(home), drawn(tmp_path / "in", "2", lines(100, 2000))
    told = []
    for free in (0, 1, 2, 4, 16, 64, 128, 256, 512, 1024):  # kB: the disk fills up at another step each time
        fill(small_disk / "ballast", free * 1024)
        try:
            take(home, path)
        except Unavailable as error:
            told.append(str(error))
        else:
            break
        finally:
            (small_disk / "ballast").unlink()
        assert content(home) == before
    assert len(told) > 3
    assert all("full" in each for each in told)
    take(home, path)
    assert content(home)["observation"] != before["observation"]
    assert [line for line in reconcile(home) if not line.agrees] == []


def fill(ballast: Path, free: int) -> None:
    left = os.statvfs(ballast.parent)
    ballast.write_bytes(bytes(max(0, left.f_bavail * left.f_frsize - free)))


def test_a_read_only_home_is_said_and_left_as_it_was(small_disk, tmp_path):
    home = city(small_disk, "A")
    take(home, drawn(tmp_path / "in", "1", lines(0, 100)))
    before = content(home)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(Unavailable, match="read-only"):
        take(home, drawn(tmp_path / "in", "2", lines(100, 100)))
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert content(home) == before
