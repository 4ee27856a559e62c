"""Signing in and out, changing the password, fetching files: through whole requests."""

from __future__ import annotations

from datetime import timedelta

import httpx

from desk.door import COOKIE
from desk.login import BARRED_FOR, MAX_FAILURES_OF_LOGIN
from store.asker import SYSTEM, Role
from tests.unit.desk.conftest import PASSWORD, Office


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
    for _ in range(MAX_FAILURES_OF_LOGIN):
        assert (await enter(door, "zhou", "wrong")).status_code == 401
    barred = await enter(door, "zhou")
    assert barred.status_code == 429
    assert "2026年11月20日 10:15" in barred.text
    async with office.database.transaction() as tx:  # what senders tidy up does not let the guesser in
        await tx.limits.forget(office.now)
    assert (await enter(door, "ZHOU ")).status_code == 429
    office.now += BARRED_FOR + timedelta(seconds=1)
    assert (await enter(door, "zhou")).status_code == 303


async def test_signing_in_is_not_counted_as_a_failure(office: Office, door: httpx.AsyncClient) -> None:
    for _ in range(MAX_FAILURES_OF_LOGIN + 1):
        assert (await enter(door, "zhou")).status_code == 303


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


async def test_files_are_given_only_to_those_who_see_the_company(
    office: Office, door: httpx.AsyncClient
) -> None:
    owner = office.people["海天试验"]
    async with office.database.transaction() as tx:
        keep = tx.attachments(SYSTEM).keep
        picture = await keep(b"\x89PNG", "回执.png", "image/png", owner.id, office.now)
        page = await keep(b"<script>", "x.html", "text/html", owner.id, office.now)
    await enter(door, "zhou")
    assert (await door.get(f"/desk/files/{picture.id}")).status_code == 404
    await office.case("海天试验")
    given = await door.get(f"/desk/files/{picture.id}")
    assert (given.status_code, given.content) == (200, b"\x89PNG")
    assert given.headers["x-content-type-options"] == "nosniff"
    risky = await door.get(f"/desk/files/{page.id}")
    assert risky.headers["content-type"] == "application/octet-stream"
    assert risky.headers["content-disposition"].startswith("attachment")
    await office.hire("zheng", Role.AGENCY, agency_id="two")
    await enter(door, "zheng")
    assert (await door.get(f"/desk/files/{picture.id}")).status_code == 404


async def test_the_cookie_is_secure_where_the_outside_address_is(
    office: Office, door: httpx.AsyncClient
) -> None:
    """A proxy in front may end TLS without telling: the address that people are given says that there is one."""
    assert "Secure" not in (await enter(door, "zhou")).headers["set-cookie"]
    office.doors.page = "https://zhituo.test"
    assert "Secure" in (await enter(door, "zhou")).headers["set-cookie"]


async def test_a_file_that_no_number_has_is_a_page_that_says_so(
    office: Office, door: httpx.AsyncClient
) -> None:
    await enter(door, "zhou")
    for name in ("99999999999999999999", "2147483648", "abc", "%00", "-1"):
        answer = await door.get(f"/desk/files/{name}")
        assert (answer.status_code, "找不到" in answer.text) == (404, True), name


async def test_an_address_that_is_not_there_leads_back_to_the_desk(door: httpx.AsyncClient) -> None:
    answer = await door.get("/desk/nothing")
    assert answer.status_code == 404
    assert "找不到" in answer.text
    assert 'href="/desk/"' in answer.text
