"""The page's server: sessions, messages sent once, refusals in words, events without loss or doubles."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from bot.channels.web import limits
from bot.channels.web.chat import WebChat
from bot.channels.web.messages import after_cursor
from bot.channels.web.stream import events
from bot.channels.web.visitors import Visitor
from bot.delivery.delivery import LONGEST_WINDOW, Delivery
from store.asker import Role
from store.attachments import MAX_BYTES
from store.database import Database
from store.messages import Channel, Outgoing
from store.outbox import Letter
from store.records import Lane
from tests.echo_pipeline import EchoPipeline

HOST = "http://zhituo.test"
ID = "m-00000001"


class Page:
    """The page's server with an echo behind it, and a browser in front."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.now = now
        self.database = database
        self.pipeline = EchoPipeline(database, self.clock)
        self.chat = WebChat(
            database, self.pipeline, self.clock, topics=lambda: ("年费什么时候交", "能申请什么补贴")
        )
        self.delivery = Delivery(database, [self.chat.sender], self.clock, settled=[self.chat.sender.settled])
        app = FastAPI()
        app.include_router(self.chat.router)
        self.browser = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOST)

    def clock(self) -> datetime:
        return self.now

    async def enter(self) -> None:
        assert (await self.browser.post("/chat/session")).status_code == 200

    async def say(self, text: str, message_id: str = ID, **headers: str) -> httpx.Response:
        return await self.browser.post(
            "/chat/messages",
            content=json.dumps({"id": message_id, "text": text}),
            headers={"content-type": "application/json", **headers},
        )

    async def history(self) -> list[dict[str, object]]:
        return (await self.browser.get("/chat/history")).json()["messages"]  # type: ignore[no-any-return]

    async def visitor(self) -> Visitor:
        address = self.pipeline.received[0].address
        async with self.database.reading() as tx:
            person = await tx.people.at(Channel.WEB, address)
        assert person is not None
        return Visitor(person, address)

    async def read(self, last_event_id: str = "") -> list[tuple[str, dict[str, object]]]:
        """Return the messages that a page which connects now is given, with their event ids."""
        got = []
        self.chat._pages.closing = False
        stream = events(self.database, self.chat._pages, await self.visitor(), last_event_id)
        async for event in stream:
            fields = dict(
                line.split(": ", 1) for line in event.strip().splitlines() if not line.startswith(":")
            )
            if fields.get("event") == "working":
                break
            if fields.get("event") == "message":
                got.append((fields["id"], json.loads(fields["data"])))
        await stream.aclose()  # type: ignore[attr-defined]
        return got


@pytest.fixture
async def page(database: Database, now: datetime) -> AsyncIterator[Page]:
    page = Page(database, now)
    yield page
    await page.browser.aclose()


async def test_the_page_is_small_and_names_no_other_host(page: Page) -> None:
    index = await page.browser.get("/")
    assert "知托" in index.text
    assert "default-src 'none'" in index.headers["content-security-policy"]
    total = len(index.content)
    for name in ("chat.css", "chat.js", "drawing.js", "seal.svg"):
        got = await page.browser.get(f"/chat/static/{name}")
        assert got.status_code == 200
        assert f"/chat/static/{name}" in index.text
        total += len(got.content)
        hosts = set(re.findall(r"[\"'(=]\s*(?:https?:)?//([a-z0-9.-]+)", got.text))
        assert hosts <= {"www.w3.org"}  # the name of SVG, never fetched
    assert total < 60_000
    again = await page.browser.get("/", headers={"if-none-match": index.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["..%2Fweb%2Fchat.py", "missing.js", "..", "%2e%2e%2ftexts.yaml"])
async def test_only_the_pages_files_are_served(page: Page, name: str) -> None:
    assert (await page.browser.get(f"/chat/static/{name}")).status_code == 404


async def test_nobody_is_made_before_they_write(page: Page, database: Database) -> None:
    await page.browser.get("/")
    past = (await page.browser.get("/chat/history")).json()
    assert (past["known"], past["messages"], past["topics"][0]) == (False, [], "年费什么时候交")
    assert (await page.browser.get("/chat/events")).status_code == 204
    async with database.reading() as tx:
        assert await tx.people.count() == 0


async def test_a_first_visitor_becomes_an_owner_with_a_company(page: Page, database: Database) -> None:
    await page.enter()
    await page.enter()
    async with database.reading() as tx:
        assert await tx.people.count() == 1
        person = await tx.people.person(1)
        assert person.role is Role.OWNER
        assert person.company_id is not None
    cookie = (await httpx_cookie(page)).lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie


async def httpx_cookie(page: Page, **headers: str) -> str:
    page.browser.cookies.clear()
    return (await page.browser.post("/chat/session", headers=headers)).headers["set-cookie"]


async def test_the_cookie_is_secure_where_the_page_is(page: Page, database: Database) -> None:
    chat = WebChat(database, page.pipeline, page.clock, public_url="https://zhituo.example")
    app = FastAPI()
    app.include_router(chat.router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOST) as browser:
        assert "secure" in (await browser.post("/chat/session")).headers["set-cookie"].lower()


async def test_a_message_sent_again_is_one_message(page: Page) -> None:
    await page.enter()
    answers = [(await page.say("你好")).json()["new"] for _ in range(3)]
    assert answers == [True, False, False]
    await page.delivery.deliver_due()
    assert [message["from"] for message in await page.history()] == ["me", "bot"]


async def test_history_has_both_directions_in_order(page: Page) -> None:
    await page.enter()
    for number in range(3):
        await page.say(f"第{number}句", f"message-{number}")
        page.now += timedelta(seconds=1)
        await page.delivery.deliver_due()
        page.now += timedelta(seconds=1)
    shown = await page.history()
    assert [entry["from"] for entry in shown] == ["me", "bot"] * 3
    assert [entry["text"] for entry in shown if entry["from"] == "me"] == ["第0句", "第1句", "第2句"]
    assert shown[1]["choices"] == ["记下这件专利", "以后再说"]


async def test_a_press_is_carried_unchanged_and_shown_by_its_words(page: Page) -> None:
    await page.enter()
    await page.say("你好")
    await page.delivery.deliver_due()
    bot = (await page.history())[1]
    answer = await page.browser.post("/chat/press", json={"id": "press-0001", "pressed": f"{bot['id']}:1"})
    assert answer.status_code == 202
    assert page.pipeline.received[-1].pressed == f"{bot['id']}:1"
    assert [entry["text"] for entry in await page.history() if entry["from"] == "me"][-1] == "以后再说"


async def test_a_press_on_another_persons_message_does_not_show_its_words(page: Page) -> None:
    """Buttons name patents and companies: whoever guesses a number must not read them."""
    await page.enter()
    await page.say("你好")
    await page.delivery.deliver_due()
    number = (await page.history())[1]["id"]
    page.browser.cookies.clear()
    await page.enter()
    for place, pressed in enumerate((f"{number}:0", f"{number}:1", "999999999999999999:0")):
        answer = await page.browser.post("/chat/press", json={"id": f"guess-00{place}", "pressed": pressed})
        assert answer.status_code == 202
    await page.delivery.deliver_due()
    mine = await page.history()
    assert [entry["text"] for entry in mine if entry["from"] == "me"] == ["", "", ""]
    assert "以后再说" not in json.dumps([entry["asked"] for entry in mine if entry["from"] == "bot"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "还没有写内容"),
        (" \n\t ", "还没有写内容"),
        ("\x00\x07\x1b", "没有能读出的文字"),
        ("\ud800", "没有能读出的文字"),
        ("\u200b\u200d", "没有能读出的文字"),
        ("字" * 20_000, "20,000字"),
    ],
)
async def test_what_nobody_can_read_is_refused_in_words(page: Page, text: str, said: str) -> None:
    await page.enter()
    answer = await page.say(text)
    assert answer.status_code == 422
    assert said in answer.json()["sentence"]
    assert page.pipeline.received == []


async def test_half_characters_and_control_characters_are_left_out(page: Page) -> None:
    await page.enter()
    assert (await page.say("年\ud83d费\x00什么时候\r\n交\u202e？")).status_code == 202
    assert page.pipeline.received[0].text == "年费什么时候\n交\u202e？"


async def test_emoji_alone_is_a_message(page: Page) -> None:
    await page.enter()
    assert (await page.say("👍🏻")).status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"id": 5, "text": "x"}',
        b'{"id": "abcdefgh"}',
        b'{"id":"abcdefgh","text":7}',
        b"[" * 100_000,
    ],
)
async def test_a_malformed_body_is_refused_in_words(page: Page, body: bytes) -> None:
    await page.enter()
    answer = await page.browser.post(
        "/chat/messages", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    assert "没有传完整" in answer.json()["sentence"]


@pytest.mark.parametrize("pressed", ["", "a:b", "1", "-1:0", "1:99999", "0:1", "9" * 30 + ":0"])
async def test_a_forged_press_is_refused(page: Page, pressed: str) -> None:
    await page.enter()
    answer = await page.browser.post("/chat/press", json={"id": "press-0001", "pressed": pressed})
    assert answer.status_code == 422


async def test_other_sites_are_refused(page: Page) -> None:
    await page.enter()
    for headers in (
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "null"},
    ):
        assert (await page.say("你好", **headers)).status_code == 403
        assert (await page.browser.post("/chat/session", headers=headers)).status_code == 403
        assert (await page.browser.post("/chat/files", content=b"x", headers=headers)).status_code == 403
    form = await page.browser.post("/chat/messages", data={"id": ID, "text": "你好"})
    assert form.status_code == 415
    assert (await page.say("你好", origin=HOST)).status_code == 202


async def test_without_a_session_nothing_is_taken(page: Page, database: Database) -> None:
    assert (await page.say("你好")).status_code == 401
    async with database.transaction() as tx:
        staff = await tx.people.add_person(Role.AGENCY, page.now, agency_id="a")
        token = await tx.sessions.open(staff.id, page.now, page.now + timedelta(days=1))
    page.browser.cookies.set("zhituo_chat", token)
    assert (await page.say("你好")).status_code == 401


async def test_a_file_is_kept_and_given_back_to_its_owner_only(page: Page) -> None:
    await page.enter()
    picture = b"\x89PNG\r\n\x1a\n" + bytes(50)
    answer = await page.browser.post(
        "/chat/files",
        content=picture,
        headers={"content-type": "image/png", "x-message-id": ID, "x-filename": "%E5%8F%91%E7%A5%A8.png"},
    )
    number = answer.json()["file"]
    assert (answer.status_code, page.pipeline.received[0].attachment_id) == (202, number)
    got = await page.browser.get(f"/chat/files/{number}")
    assert (got.content, got.headers["content-type"]) == (picture, "image/png")
    page.browser.cookies.clear()
    assert (await page.browser.get(f"/chat/files/{number}")).status_code == 404
    await page.enter()
    assert (await page.browser.get(f"/chat/files/{number}")).status_code == 404


async def test_a_files_name_has_no_folders(page: Page) -> None:
    await page.enter()
    for place, name in enumerate(("..%2F..%2Fetc%2Fpasswd", "C%3A%5Cpasswd", "passwd")):
        headers = {"content-type": "text/plain", "x-message-id": f"{ID}{place}", "x-filename": name}
        answer = await page.browser.post("/chat/files", content=b"x", headers=headers)
        got = await page.browser.get(f"/chat/files/{answer.json()['file']}")
        assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''passwd"
    assert (await page.browser.get("/chat/files/99999999999999999")).status_code == 404


async def test_a_page_in_a_file_is_never_shown_as_a_page(page: Page) -> None:
    await page.enter()
    answer = await page.browser.post(
        "/chat/files",
        content=b"<script>alert(1)</script>",
        headers={"content-type": "text/html", "x-message-id": ID, "x-filename": "a.html"},
    )
    got = await page.browser.get(f"/chat/files/{answer.json()['file']}")
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment")


async def test_files_too_large_or_empty_are_refused_in_words(page: Page) -> None:
    await page.enter()

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(MAX_BYTES // 65536 + 2):
            yield bytes(65536)

    headers = {"x-message-id": ID, "content-type": "application/pdf"}
    large = await page.browser.post("/chat/files", content=endless(), headers=headers)
    assert (large.status_code, "10MB" in large.json()["sentence"]) == (413, True)
    empty = await page.browser.post("/chat/files", content=b"", headers=headers)
    assert (empty.status_code, "空的" in empty.json()["sentence"]) == (422, True)


async def test_a_failure_inside_is_a_sentence_and_no_stack_trace(page: Page) -> None:
    await page.enter()

    async def broken(_: object) -> bool:
        raise RuntimeError("secret inside")

    page.pipeline.receive = broken  # type: ignore[method-assign,assignment]
    answer = await page.say("你好")
    assert answer.status_code == 500
    assert "没有丢" in answer.json()["sentence"]
    assert "secret" not in answer.text


async def test_events_go_on_after_the_last_one_without_loss_or_doubles(page: Page) -> None:
    await page.enter()
    for number in range(5):
        await page.say(f"第{number}句", f"message-{number}")
        await page.delivery.deliver_due()
    everything = await page.read()
    assert [event[1]["asked"]["text"] for event in everything] == [f"第{n}句" for n in range(5)]  # type: ignore[index]
    for position, (event_id, _) in enumerate(everything):
        assert await page.read(event_id) == everything[position + 1 :]
    assert len(await page.read("rubbish")) == 5


async def test_what_was_written_earlier_and_sent_later_is_not_missed(page: Page, database: Database) -> None:
    """A reminder written yesterday for this morning has a smaller number than last night's answer."""
    await page.enter()
    await page.say("你好")
    address = page.pipeline.received[0].address
    async with database.transaction() as tx:
        await tx.outbox.write(
            Letter(
                dedupe_key="reminder",
                channel=Channel.WEB,
                address=address,
                content=Outgoing.say("该缴年费了"),
                lane=Lane.BULK,
                not_before=page.now + timedelta(hours=10),
            ),
            page.now,
        )
    await page.say("再问一句", "message-2")
    await page.delivery.deliver_due()
    last = (await page.read())[-1][0]
    page.now += timedelta(hours=11)
    await page.delivery.deliver_due()
    assert [event[1]["parts"][0]["text"] for event in await page.read(last)] == ["该缴年费了"]  # type: ignore[index]


async def test_what_is_not_sent_is_not_shown(page: Page, database: Database) -> None:
    await page.enter()
    await page.say("你好")
    assert await page.read() == []
    assert [entry["from"] for entry in await page.history()] == ["me"]


def test_a_cursor_that_is_not_ours_begins_at_the_beginning() -> None:
    for rubbish in ("", "-5", "١٢", "1e9", "9" * 40, "null"):
        assert after_cursor(rubbish) == datetime(1970, 1, 1, tzinfo=UTC)


def test_the_page_holds_no_machine_path_or_foreign_address() -> None:
    folder = Path(WebChat.__init__.__code__.co_filename).parent.parent / "web_page"
    assert {path.name for path in folder.iterdir()} == {
        "index.html",
        "chat.css",
        "chat.js",
        "drawing.js",
        "seal.svg",
    }


async def test_who_sends_too_fast_is_asked_to_wait_and_then_goes_on(page: Page) -> None:
    await page.enter()
    for number in range(limits.MESSAGES):
        assert (await page.say("年费", f"message-{number}")).status_code == 202
        page.now += timedelta(seconds=1)
    refused = await page.say("年费", "message-too-many")
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "40"
    assert refused.json()["sentence"] == "您发得比我看得快，请稍等。没发出的都留着，40秒后自动接着发。"
    assert len(page.pipeline.received) == limits.MESSAGES, "what was refused was not taken"
    page.now += timedelta(seconds=40)
    assert (await page.say("年费", "message-too-many")).json()["new"] is True


async def test_one_who_sends_too_fast_delays_nobody_else(page: Page) -> None:
    await page.enter()
    for number in range(limits.MESSAGES):
        await page.say("年费", f"message-{number}")
    assert (await page.say("年费", "message-too-many")).status_code == 429
    page.browser.cookies.clear()
    await page.enter()
    assert (await page.say("年费", "somebody-else")).status_code == 202


async def test_files_are_counted_too_and_the_one_too_many_is_not_kept(page: Page) -> None:
    await page.enter()
    statuses = []
    for number in range(limits.FILES + 1):
        sent = await page.browser.post(
            "/chat/files",
            content=b"%PDF",
            headers={"content-type": "application/pdf", "x-message-id": f"file-000{number}"},
        )
        statuses.append(sent.status_code)
        page.now += timedelta(seconds=20)
    assert statuses == [202] * limits.FILES + [429]
    assert "6分钟后自动接着发" in sent.json()["sentence"]
    assert len(page.pipeline.received) == limits.FILES


async def test_one_address_opens_only_so_many_new_pages_in_a_while(page: Page) -> None:
    for _ in range(limits.NEW_VISITORS):
        page.browser.cookies.clear()
        await page.enter()
    kept = page.browser.cookies.get("zhituo_chat")
    page.browser.cookies.clear()
    refused = await page.browser.post("/chat/session")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "600")
    assert "10分钟后自动再试" in refused.json()["sentence"]
    page.browser.cookies.set("zhituo_chat", str(kept))
    await page.enter()  # who is known already is let in
    page.browser.cookies.clear()
    page.now += limits.NEW_VISITORS_PERIOD
    await page.enter()


@pytest.mark.parametrize(
    ("host", "customer"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_whose_address_it_is(host: str, customer: str) -> None:
    assert limits._customer(host) == customer


def test_the_numbers() -> None:
    assert (20, timedelta(minutes=1)) == (limits.MESSAGES, limits.MESSAGES_PERIOD)
    assert (12, timedelta(minutes=10)) == (limits.FILES, limits.FILES_PERIOD)
    assert (60, timedelta(minutes=10)) == (limits.NEW_VISITORS, limits.NEW_VISITORS_PERIOD)
    assert max(limits.FILES_PERIOD, limits.NEW_VISITORS_PERIOD) <= LONGEST_WINDOW, "counts are kept so long"
