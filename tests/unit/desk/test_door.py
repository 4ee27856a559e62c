"""Signing in and out, changing the password, fetching files: through whole requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from desk.door import COOKIE
from desk.guessing import IN_KNOWN_BROWSER, KNOWN_FOR, OF_LOGIN, OF_LOGIN_FROM_ADDRESS, lift, mark, recognised
from desk.passwords import hash_password
from store.asker import Role
from tests.unit.desk.conftest import PASSWORD, Office


@asynccontextmanager
async def browser_at(app: FastAPI, address: str) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a browser without cookies at an address."""
    transport: Any = httpx.ASGITransport(app, client=(address, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def enter(door: httpx.AsyncClient, login: str, password: str = PASSWORD) -> httpx.Response:
    return await door.post("/desk/login", data={"login": login, "password": password})


async def test_the_way_in_and_out(office: Office, door: httpx.AsyncClient) -> None:
    assert (await door.get("/desk/")).headers["location"] == "/desk/login"
    assert "请登录" in (await door.get("/desk/login")).text
    response = await enter(door, "zhou")
    assert (response.status_code, response.headers["location"]) == (303, "/desk/")
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert (await door.get("/desk/")).headers["location"] == "/desk/queue"
    assert (await door.get("/desk/queue")).status_code == 200
    token = door.cookies[COOKIE]
    await door.post("/desk/logout")
    door.cookies.set(COOKIE, token, path="/desk")  # an old cookie that somebody kept
    assert (await door.get("/desk/queue")).headers["location"] == "/desk/login"


async def test_a_wrong_password_and_an_unknown_login_read_the_same(
    office: Office, door: httpx.AsyncClient
) -> None:
    wrong = await enter(door, "zhou", "wrong")
    unknown = await enter(door, "nobody", "wrong")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("zhou", "") == unknown.text.replace("nobody", "")
    assert COOKIE not in door.cookies


async def test_guessing_is_stopped_and_allowed_again_later(office: Office, door: httpx.AsyncClient) -> None:
    for _ in range(OF_LOGIN_FROM_ADDRESS.at_most):
        assert (await enter(door, "zhou", "wrong")).status_code == 401
        office.now += timedelta(seconds=10)
    barred = await enter(door, "zhou")
    assert barred.status_code == 429
    assert "请在2026年11月20日 10:15之后再试" in barred.text  # when the first failure no longer counts
    async with office.database.transaction() as tx:  # what senders tidy up does not let the guesser in
        await tx.limits.forget(office.now)
    assert (await enter(door, "ZHOU ")).status_code == 429
    office.now = office.now.replace(minute=15, second=1)
    assert (await enter(door, "zhou")).status_code == 303


async def test_signing_in_is_not_counted_as_a_failure(office: Office, app: FastAPI) -> None:
    for _ in range(OF_LOGIN_FROM_ADDRESS.at_most + 1):
        async with browser_at(app, "198.51.100.1") as fresh:
            assert (await enter(fresh, "zhou")).status_code == 303


async def test_a_stranger_keeps_nobody_out(office: Office, app: FastAPI) -> None:
    """Not at another address, and, however many addresses they have, not of a browser that has signed in before."""
    async with browser_at(app, "198.51.100.1") as known:
        assert (await enter(known, "zhou")).status_code == 303
        await known.post("/desk/logout")
        for number in range(OF_LOGIN_FROM_ADDRESS.at_most):
            async with browser_at(app, f"2001:db8::{number:x}") as stranger:  # one network: one place
                assert (await enter(stranger, "zhou", "wrong")).status_code == 401
        async with browser_at(app, "2001:db8::ffff") as stranger:
            assert (await enter(stranger, "zhou", "wrong")).status_code == 429
        async with browser_at(app, "198.51.100.2") as new:
            assert (await enter(new, "zhou")).status_code == 303
        for number in range(OF_LOGIN.at_most - OF_LOGIN_FROM_ADDRESS.at_most):
            async with browser_at(app, f"203.0.113.{number}") as stranger:
                assert (await enter(stranger, "zhou", "wrong")).status_code == 401
        async with browser_at(app, "203.0.113.200") as stranger:  # guessing stays bounded
            barred = await enter(stranger, "zhou")
            assert barred.status_code == 429
            assert "请在2026年11月20日 16:00之后再试。以前登录过的浏览器不受影响" in barred.text
            assert barred.headers["retry-after"] == str(6 * 60 * 60)
        assert (await enter(known, "zhou")).status_code == 303


async def test_a_new_password_by_the_operator_lets_in_at_once(office: Office, app: FastAPI) -> None:
    await office.hire("wang", Role.EDITOR)
    async with browser_at(app, "198.51.100.1") as there:
        for _ in range(OF_LOGIN_FROM_ADDRESS.at_most):
            await enter(there, "zhou", "wrong")
            await enter(there, "wang", "wrong")
        assert (await enter(there, "zhou")).status_code == 429
        async with office.database.transaction() as tx:
            await lift(tx.limits, "Zhou")
        assert (await enter(there, "zhou")).status_code == 303
        assert (await enter(there, "wang")).status_code == 429  # and nobody else


async def test_a_known_browser_may_not_guess_either(office: Office, app: FastAPI) -> None:
    await office.hire("wang", Role.EDITOR)
    async with browser_at(app, "198.51.100.1") as known:
        await enter(known, "zhou")
        for _ in range(IN_KNOWN_BROWSER.at_most):
            assert (await enter(known, "zhou", "wrong")).status_code == 401
        barred = await enter(known, "zhou")
        assert barred.status_code == 429
        assert "以前登录过的浏览器" not in barred.text
        assert (await enter(known, "wang")).status_code == 303


async def test_a_browser_is_known_for_one_person_one_password_and_not_for_ever(
    office: Office, now: datetime
) -> None:
    await office.hire("wang", Role.EDITOR)
    async with office.database.reading() as tx:
        zhou, wang = await tx.people.credentials("zhou"), await tx.people.credentials("wang")
    assert zhou is not None
    cookie = mark(*zhou, now)
    assert recognised(cookie, zhou, now + KNOWN_FOR) == recognised(cookie, zhou, now) != None  # noqa: E711
    assert recognised(cookie, zhou, now + KNOWN_FOR + timedelta(seconds=1)) is None
    assert recognised(cookie, wang, now) is None
    assert recognised(cookie, None, now) is None
    assert recognised(cookie, (zhou[0], hash_password("another password")), now) is None
    number, since, nonce, signature = cookie.split(".")
    for forged in (
        None,
        "",
        "...",
        f"{number}.{since}.x.{signature}",
        f"{number}.{int(since) + 1}.{nonce}.{signature}",
        f"{number}.{since}.{nonce}.",
        f"{number}.{since}.{nonce}.{signature[:-1]}é",
        "x" * 5000,
    ):
        assert recognised(forged, zhou, now) is None, forged


async def test_a_login_is_shown_back_without_becoming_markup(office: Office, door: httpx.AsyncClient) -> None:
    page = (await enter(door, '"><script>alert(1)</script>', "x")).text
    assert "<script>" not in page


async def test_an_owner_has_no_desk(office: Office, door: httpx.AsyncClient) -> None:
    await office.hire("boss", Role.OWNER)
    response = await enter(door, "boss")
    assert "没有工作台权限" in response.text
    assert COOKIE not in door.cookies


async def test_a_one_time_password_must_be_changed_first(office: Office, door: httpx.AsyncClient) -> None:
    await office.hire("wang", Role.EDITOR, must_change=True)
    assert (await enter(door, "wang")).headers["location"] == "/desk/password"
    assert (await door.get("/desk/library")).headers["location"] == "/desk/password"
    new = "a quite new password"
    wrong = await door.post("/desk/password", data={"old": "no", "new": new, "again": new})
    assert "原密码不对" in wrong.text
    differs = await door.post("/desk/password", data={"old": PASSWORD, "new": new, "again": new + "x"})
    assert "不一样" in differs.text
    done = await door.post("/desk/password", data={"old": PASSWORD, "new": new, "again": new})
    assert done.headers["location"] == "/desk/login?said=changed"
    assert (await enter(door, "wang")).status_code == 401
    assert (await enter(door, "wang", new)).headers["location"] == "/desk/"


async def test_a_session_ends_by_itself(office: Office, door: httpx.AsyncClient) -> None:
    await enter(door, "zhou")
    office.now += timedelta(hours=13)
    assert (await door.get("/desk/queue")).headers["location"] == "/desk/login"


async def test_the_cookie_is_secure_where_the_outside_address_is(
    office: Office, door: httpx.AsyncClient
) -> None:
    """A proxy in front may end TLS without telling: the address that people are given says that there is one."""
    assert "Secure" not in (await enter(door, "zhou")).headers["set-cookie"]
    office.doors.page = "https://zhituo.test"
    assert "Secure" in (await enter(door, "zhou")).headers["set-cookie"]


async def test_an_address_that_is_not_there_leads_back_to_the_desk(door: httpx.AsyncClient) -> None:
    answer = await door.get("/desk/nothing")
    assert answer.status_code == 404
    assert "找不到" in answer.text
    assert 'href="/desk/"' in answer.text
