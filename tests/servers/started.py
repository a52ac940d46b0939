"""Real database servers on 127.0.0.1, started by the tests in a folder of their own and ended by their process id."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
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
        with self.log.open("a") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        self.process = process
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
        self.process.send_signal(signal.SIGINT)  # does not wait for clients that are idle
        self.process.wait(20)


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
        with self.log.open("a") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        wait_for(self._answers, self.process, self.log)
        self.run(
            "CREATE DATABASE his",
            f"CREATE USER his@'%' IDENTIFIED BY '{PASSWORD}'",
            "GRANT SELECT ON *.* TO his@'%'",
            database=None,
        )

    def _answers(self) -> None:
        """A driver that fails to connect leaves its socket open; this one does not."""
        with closing(socket.socket(socket.AF_UNIX)) as knock:
            knock.connect(str(self.socket))
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
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A PostgreSQL server for the whole session."""
    if not (POSTGRES / "initdb").exists():
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    yield from _serving(Postgres, tmp_path_factory)


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory):
    """A MariaDB server for the whole session."""
    if not shutil.which("mariadbd"):
        pytest.skip("MariaDB is not installed: apt-get install mariadb-server")
    yield from _serving(MariaDB, tmp_path_factory)


def _serving(kind, factory):
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="server-"))  # pytest's own folders are root's alone, and their paths too long
    folder.chmod(0o755)
    try:
        server = kind(folder / kind.__name__.lower())
        try:
            yield server
        finally:
            server.end()
    finally:
        shutil.rmtree(folder)
