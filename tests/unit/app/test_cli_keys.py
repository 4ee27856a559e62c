"""`zhituo key`: printed once, listed without the secret, revoked for good."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli_keys import key_app
from app.wiring import utc_now
from store.api_keys import ApiKey
from store.database import Database


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database that the command uses."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'zhituo.sqlite3'}"
    monkeypatch.setenv("ZHITUO_DATABASE_URL", url)
    return url


def _run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(key_app, list(words))
    return result.exit_code, result.output


async def _find(url: str, secret: str) -> ApiKey | None:
    database = Database(url)
    async with database.reading() as tx:
        key = await tx.api_keys.find(secret, utc_now())
    await database.close()
    return key


def test_a_key_from_its_making_to_its_end(address: str) -> None:
    code, secret = _run("add", "统计系统", "--scope", "assess", "--scope", "rules:read", "--days", "30")
    assert code == 0
    secret = secret.strip()
    key = asyncio.run(_find(address, secret))
    assert key is not None
    assert key.expires_at is not None
    code, listed = _run("list")
    assert "统计系统\tassess,rules:read\tvalid until" in listed
    assert secret not in listed
    assert _run("revoke", "统计系统")[0] == 0
    assert asyncio.run(_find(address, secret)) is None
    assert "revoked" in _run("list")[1]
    code, words = _run("revoke", "统计系统")
    assert (code, "no key named" in words) == (2, True)


def test_a_key_wants_a_scope_that_exists_and_a_new_name(address: str) -> None:
    assert _run("add", "甲")[0] == 2
    assert _run("add", "甲", "--scope", "everything")[0] == 2
    assert _run("add", " ", "--scope", "assess")[0] == 2
    assert _run("add", "甲", "--scope", "assess")[0] == 0
    code, words = _run("add", "甲", "--scope", "assess")
    assert (code, "Traceback" in words) == (2, False)
