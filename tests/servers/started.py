"""Real database servers on 127.0.0.1, started by the tests in a folder of their own and ended by their process id."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pymysql
import pytest

PASSWORD = "canary-4711-%-:@/"
POSTGRES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), Path("/usr/lib/postgresql"))


def free_port() -> int:
    """A port that nobody listens at now."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def as_user(name: str) -> list[str]:
    """These servers refuse to run as root."""
    if os.geteuid():
        return []
    about = pwd.getpwnam(name)
    return ["setpriv", f"--reuid={about.pw_uid}", f"--regid={about.pw_gid}", "--clear-groups"]


def own(folder: Path, name: str) -> Path:
    """An empty folder that the server may write."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if not os.geteuid():
        shutil.chown(folder, name, name)
    return folder


def running(command: list, log: Path, folder: Path) -> subprocess.Popen:
    """The server's process, whose id is written down for whoever has to end it."""
    with log.open("a") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=folder)
    with (folder.parent / "running").open("a") as ids:
        ids.write(f"{process.pid}\n")
    return process


def ended(process: subprocess.Popen, sign: signal.Signals) -> None:
    """Asked to end, and made to where it does not."""
    process.send_signal(sign)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(20)


def wait_for(try_it, process: subprocess.Popen, log: Path):
    """What `try_it` gives once it does not raise."""
    until = time.monotonic() + 30
    while True:
        try:
            return try_it()
        except (psycopg.OperationalError, pymysql.err.OperationalError, OSError):
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(log.read_text(errors="replace")[-2000:])
            time.sleep(0.05)


class Postgres:
    """A server with a superuser and a user `his` who may read; `run` is for the test, `url` for what is tested."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = own(folder, "postgres"), free_port()
        secret, self.log = folder / "pw", folder / "log"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self.log.touch()
        if not os.geteuid():
            shutil.chown(self.log, "postgres")
        subprocess.run(
            [*as_user("postgres"), POSTGRES / "initdb", "-D", folder / "data", "-U", "boss", "-A", "scram-sha-256", f"--pwfile={secret}",
             "-E", "UTF8", "--no-sync", "--locale=C"], check=True, capture_output=True, cwd=folder,
        )  # fmt: skip
        self.process = self.start()
        self.run(f"CREATE USER his PASSWORD '{PASSWORD}'", "GRANT pg_read_all_data TO his")

    def start(self) -> subprocess.Popen:
        options = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", "fsync": "off",
                   "max_connections": 20, "shared_buffers": "32MB", "max_wal_size": "2GB"}  # fmt: skip
        command = [*as_user("postgres"), POSTGRES / "postgres", "-D", self.folder / "data"]
        command += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        self.process = process = running(command, self.log, self.folder)
        wait_for(lambda: self.connect().close(), process, self.log)
        return process

    def connect(self, database: str = "postgres", **more):
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="boss", password=PASSWORD, dbname=database, autocommit=True, **more
        )

    def run(self, *statements: str, database: str = "postgres") -> list[tuple]:
        """The rows of the last statement."""
        with self.connect(database) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def url(self, database: str = "postgres", password: str = PASSWORD) -> str:
        from sqlalchemy.engine import URL

        made = URL.create("postgresql", "his", password, "127.0.0.1", self.port, database)
        return made.render_as_string(hide_password=False)

    def end(self) -> None:
        ended(self.process, signal.SIGINT)  # does not wait for clients that are idle


class MariaDB:
    """A server with a superuser and a user `his` who may read."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.socket = own(folder, "mysql"), free_port(), folder / "s"
        self.log = folder / "log"
        self.log.touch()
        if not os.geteuid():
            shutil.chown(self.log, "mysql")
        who = ["--user=mysql"] if not os.geteuid() else []
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", *who, f"--datadir={folder / 'data'}", "--skip-test-db", "--auth-root-authentication-method=normal"],
            check=True, capture_output=True, cwd=folder,
        )  # fmt: skip
        command = ["mariadbd", "--no-defaults", *who, f"--datadir={folder / 'data'}", f"--port={self.port}", "--bind-address=127.0.0.1",
                   f"--socket={self.socket}", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--skip-log-bin",
                   "--character-set-server=utf8mb4", f"--pid-file={folder / 'pid'}"]  # fmt: skip
        self.process = running(command, self.log, folder)
        wait_for(self._answers, self.process, self.log)
        self.run(
            "CREATE DATABASE his",
            f"CREATE USER his@'%' IDENTIFIED BY '{PASSWORD}'",
            "GRANT SELECT ON *.* TO his@'%'",
            database=None,
        )

    def _answers(self) -> None:
        """A driver that fails to connect leaves its socket open: it is asked once the server greets."""
        with closing(socket.socket(socket.AF_UNIX)) as knock:
            knock.settimeout(5)
            knock.connect(str(self.socket))
            if knock.recv(5)[4:] != b"\x0a":  # the greeting's protocol version; an error begins otherwise
                raise ConnectionRefusedError
        self.connect(None).close()

    def connect(self, database: str | None = "his", **more):
        return pymysql.connect(
            unix_socket=str(self.socket), user="root", database=database, autocommit=True, charset="utf8mb4", **more
        )

    def run(self, *statements: str, database: str | None = "his") -> list[tuple]:
        """The rows of the last statement."""
        with closing(self.connect(database)) as connection, closing(connection.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())

    def url(self, database: str = "his", password: str = PASSWORD) -> str:
        from sqlalchemy.engine import URL

        return URL.create("mysql", "his", password, "127.0.0.1", self.port, database).render_as_string(
            hide_password=False
        )

    def end(self) -> None:
        ended(self.process, signal.SIGTERM)


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server for the whole session."""
    if not (POSTGRES / "initdb").exists():
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    yield from _serving(Postgres)


@pytest.fixture(scope="session")
def mariadb():
    """A MariaDB server for the whole session."""
    if not shutil.which("mariadbd"):
        pytest.skip("MariaDB is not installed: apt-get install mariadb-server")
    yield from _serving(MariaDB)


# Ends the servers and takes the folder away once its standard input is closed: also where the tests were killed.
_GUARD = """
read -r _
touch "$1/running"
while read -r pid; do kill -QUIT "$pid"; done < "$1/running"
for _ in $(seq 100); do
  left=; while read -r pid; do kill -0 "$pid" && left=1; done < "$1/running"
  [ -z "$left" ] && break
  sleep 0.1
done
while read -r pid; do kill -KILL "$pid"; done < "$1/running"
rm -rf "$1"
"""


def _serving(kind):
    folder = Path(tempfile.mkdtemp(prefix="server-"))  # pytest's own folders are root's alone, and their paths too long
    folder.chmod(0o755)
    guard = subprocess.Popen(
        ["sh", "-c", _GUARD, "guard", folder], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        server = kind(folder / kind.__name__.lower())
        try:
            yield server
        finally:
            server.end()
            (folder / "running").unlink(missing_ok=True)  # their process ids may be another's by now
    finally:
        guard.stdin.close()
        guard.wait(30)
