"""Files and their previews, to staff who may see whose they are."""

from __future__ import annotations

import httpx
import pytest

from desk.files import may_be_picture
from store.asker import SYSTEM, Role
from store.records import Attachment
from tests.unit.desk.conftest import PASSWORD, Office
from tests.unit.desk.test_previews import picture


async def enter(door: httpx.AsyncClient, login: str) -> None:
    answer = await door.post("/desk/login", data={"login": login, "password": PASSWORD})
    assert answer.status_code == 303


async def kept(office: Office, data: bytes, name: str, media_type: str) -> Attachment:
    async with office.database.transaction() as tx:
        owner = office.people["海天试验"]
        return await tx.attachments(SYSTEM).keep(data, name, media_type, owner.id, office.now)


async def test_files_are_given_only_to_those_who_see_the_company(
    office: Office, door: httpx.AsyncClient
) -> None:
    photo = picture("JPEG", (1200, 900))
    file = await kept(office, photo, "回执.jpg", "image/jpeg")
    whole, small = f"/desk/files/{file.id}", f"/desk/files/{file.id}/preview"
    assert (await door.get(whole)).headers["location"] == "/desk/login"
    assert (await door.get(small)).status_code == 401
    await enter(door, "zhou")
    for address in (whole, small):
        assert (await door.get(address)).status_code == 404
    await office.case("海天试验")
    assert (await door.get(whole)).content == photo
    given = await door.get(small)
    assert (given.status_code, given.headers["content-type"]) == (200, "image/jpeg")
    assert 0 < len(given.content) < len(photo)
    for address in (whole, small):
        headers = (await door.get(address)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
    await office.hire("zheng", Role.AGENCY, agency_id="two")
    await enter(door, "zheng")
    for address in (whole, small):  # the preview is kept by now, and is still not theirs
        assert (await door.get(address)).status_code == 404


@pytest.mark.parametrize(
    ("data", "said", "given", "how"),
    [
        (picture("PNG", (9, 9)), "application/octet-stream", "image/png", "inline"),
        (picture("WEBP", (9, 9)), "image/webp", "image/webp", "inline"),
        (b"<svg onload='alert(1)'/>", "image/svg+xml", "application/octet-stream", "attachment"),
        (b"<script>alert(1)</script>", "text/html", "application/octet-stream", "attachment"),
        (b"<script>alert(1)</script>", "image/png", "application/octet-stream", "attachment"),
        (b"GIF8<script>alert(1)</script>", "image/gif", "application/octet-stream", "attachment"),
    ],
)
async def test_a_file_is_shown_as_what_it_is_and_not_as_what_it_is_said_to_be(
    office: Office, door: httpx.AsyncClient, data: bytes, said: str, given: str, how: str
) -> None:
    file = await kept(office, data, "图.png", said)
    await office.case("海天试验")
    await enter(door, "zhou")
    answer = await door.get(f"/desk/files/{file.id}")
    assert answer.headers["content-type"] == given
    assert answer.headers["content-disposition"].startswith(how)
    if how == "attachment":
        assert (await door.get(f"/desk/files/{file.id}/preview")).status_code == 404


async def test_a_file_that_no_number_has_is_a_page_that_says_so(
    office: Office, door: httpx.AsyncClient
) -> None:
    await enter(door, "zhou")
    for name in ("99999999999999999999", "2147483648", "999999999", "abc", "%00", "-1", "²"):
        answer = await door.get(f"/desk/files/{name}")
        assert (answer.status_code, "找不到" in answer.text) == (404, True), name
        assert (await door.get(f"/desk/files/{name}/preview")).status_code == 404, name


@pytest.mark.parametrize(
    ("name", "media_type", "may_be"),
    [
        ("photo", "image/jpeg", True),
        ("截图.PNG", "application/octet-stream", True),
        ("图.svg", "image/svg+xml", False),
        ("委托书.pdf", "application/pdf", False),
    ],
)
def test_of_which_files_a_preview_is_asked_for(name: str, media_type: str, may_be: bool) -> None:
    file = Attachment(id=1, person_id=1, sha256="", filename=name, media_type=media_type, size=1)
    assert may_be_picture(file) is may_be
