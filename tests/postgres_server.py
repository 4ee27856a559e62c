"""A PostgreSQL server of our own for tests and benchmarks: the binaries of the `pgserver` wheel, on a Unix socket.

The wheel's own launcher is not used: as root it adds a user to the machine and opens folders, and its server outlives a
killed test run. This one is a child of ours and ends with us, however we end.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

_SECONDS_TO_START = 60
_PR_SET_PDEATHSIG = 1
# Nothing here outlives the server, so a disk that loses power may lose it. A benchmark asks for `durable`.
_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_SETTINGS = (
    "listen_addresses=",
    "max_connections=200",
    "timezone=Asia/Shanghai",
)  # not ours: nothing may depend on it

_CLUSTER = ("--auth=trust", "--encoding=utf8", "--locale=C.UTF-8", "--no-sync")
_END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# Truncating thirty tables takes a hundred times as long as deleting their few rows.
_EMPTY = """
    DO $$
    DECLARE name text;
    BEGIN
        SET LOCAL session_replication_role = replica;  -- foreign keys are not looked at
        FOR name IN SELECT tablename FROM pg_tables
            WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
            EXECUTE format('DELETE FROM %I', name);
        END LOOP;
        FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value > 0 LOOP
            PERFORM setval(quote_ident(name)::regclass, 1, false);
        END LOOP;
    END $$
"""


class PostgresServer:
    """A server with the user `postgres` and no password, in a folder that is deleted when it ends."""

    def __init__(self, *, durable: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="zhituo-pg-"))
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None  # it refuses to run as root
        self._programs = self._installed()
        self._numbers = itertools.count(1)
        self._settings = _SETTINGS if durable else (*_SETTINGS, *_FORGETFUL)
        try:
            self._make_cluster()
            self._process = self._start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def url(self, name: str) -> str:
        """Return the address of one of its databases, as `Database` takes it."""
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder}"

    def create(self) -> str:
        """Return the name of a new database without tables."""
        name = f"zhituo{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name}")
        return name

    def empty(self, name: str) -> None:
        """Bring a database back to what it was when its tables were made, whoever is still connected to it."""
        with self._connect(name) as connection:
            connection.execute(_END_OTHERS)
            connection.execute(_EMPTY)

    def stop(self) -> None:
        """End the server and delete its folder."""
        self.end()
        shutil.rmtree(self._folder)

    def end(self) -> None:
        """End the server under whoever is connected; `begin` lets it come back with what it has."""
        self._process.send_signal(signal.SIGINT)  # its "fast" end
        self._process.wait(30)

    def begin(self) -> None:
        """Start the server again."""
        self._process = self._start()

    def _execute(self, statement: str) -> None:
        with self._connect("postgres") as connection:
            connection.execute(statement.encode())

    def _connect(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self._folder), user="postgres", dbname=name, autocommit=True)

    def _installed(self) -> Path:
        found = find_spec("pgserver")
        if found is None or found.origin is None:
            raise RuntimeError("the pgserver wheel is not installed: pip install -r requirements/test.txt")
        wheel = Path(found.origin).parent
        if self._user is not None:  # another user may not reach into the folder of this checkout
            site, wheel = wheel.parent, self._folder / "wheel" / "pgserver"
            self._folder.chmod(0o755)
            for part in ("pgserver/pginstall", "pgserver.libs"):
                shutil.copytree(site / part, self._folder / "wheel" / part)
        return wheel / "pginstall" / "bin"

    def _make_cluster(self) -> None:
        data = self._folder / "data"
        data.mkdir(mode=0o700)
        if self._user is not None:
            os.chown(data, self._user.pw_uid, self._user.pw_gid)
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        made = subprocess.run(
            [self._programs / "initdb", "-D", data, "-U", "postgres", *_CLUSTER],
            capture_output=True,
            text=True,
            check=False,
            **self._as_user(),
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr or made.stdout}")

    def _start(self) -> subprocess.Popen[bytes]:
        options = [word for setting in self._settings for word in ("-c", setting)]
        log = (self._folder / "log").open("wb")
        process = subprocess.Popen(
            [self._programs / "postgres", "-D", self._folder / "data", "-k", self._folder, *options],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            preexec_fn=_end_with_parent(),
            **self._as_user(),
        )
        log.close()
        end = time.monotonic() + _SECONDS_TO_START
        while True:
            try:
                self._execute("SELECT 1")
                return process
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > end:
                    process.kill()
                    raise RuntimeError(f"no PostgreSQL: {(self._folder / 'log').read_text()}") from None
                time.sleep(0.05)

    def _as_user(self) -> dict[str, int]:
        return {} if self._user is None else {"user": self._user.pw_uid, "group": self._user.pw_gid}


def _end_with_parent() -> Callable[[], object] | None:
    """Return what lets a child get the signal of a fast end when we are killed: Linux tells it, others do not."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
