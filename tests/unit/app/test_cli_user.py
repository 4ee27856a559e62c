"""`zhituo user`: people of the desk come and go."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli_user import user_app
from app.settings import Settings
from desk.login import SESSION
from store.database import Database


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHITUO_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("ZHITUO_DATABASE_URL", raising=False)


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(user_app, list(words))
    return result.exit_code, result.output


async def _sign_in(login: str) -> str:
    from app.wiring import utc_now

    database = Database(Settings().database)
    async with database.transaction() as tx:
        person = await tx.people.of_login(login)
        assert person is not None
        token = await tx.sessions.open(person.id, utc_now(), utc_now() + SESSION)
    await database.close()
    return token


async def _whose(token: str) -> str | None:
    from app.wiring import utc_now

    database = Database(Settings().database)
    async with database.reading() as tx:
        person = await tx.sessions.person(token, utc_now())
    await database.close()
    return None if person is None else person.login


def test_who_leaves_is_out_at_once_and_can_come_back() -> None:
    code, said = run("add", "zhou", "--role", "agency", "--agency", "one", "--name", "小周")
    assert (code, "one-time password" in said) == (0, True)
    token = asyncio.run(_sign_in("zhou"))
    assert asyncio.run(_whose(token)) == "zhou"
    assert run("disable", "zhou") == (0, "zhou: disabled\n")
    assert asyncio.run(_whose(token)) is None
    assert "disabled" in run("list")[1]
    code, said = run("add", "zhou", "--role", "editor")
    assert (code, "user enable zhou" in said) == (2, True)
    assert run("password", "zhou")[0] == 2
    assert run("enable", "zhou") == (0, "zhou: enabled\n")
    assert run("password", "zhou")[0] == 0
    assert "disabled" not in run("list")[1]


@pytest.mark.parametrize("step", ["disable", "enable", "password"])
def test_nobody_of_that_login(step: str) -> None:
    code, said = run(step, "nobody")
    assert (code, "nobody" in said, "Traceback" in said) == (2, True, False)
