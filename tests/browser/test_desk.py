"""The desk in a real Chromium, on a laptop and on a phone."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime

import pytest
import uvicorn
from fastapi import FastAPI
from nicegui.testing.general import nicegui_reset_globals
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.handoff import flows, staff
from desk.setup import mount
from scheduler import broadcasts
from store.asker import SYSTEM, Role
from store.broadcast_records import Draft
from store.case_records import CaseEventKind, CaseState
from store.database import Database
from store.messages import Channel, Incoming, IncomingKind
from tests.unit.desk.conftest import PASSWORD, Office
from tests.unit.desk.test_previews import picture

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@pytest.fixture
async def office(database: Database, now: datetime) -> Office:
    office = Office(database, now)
    await office.hire("zhou", Role.AGENCY, agency_id="one")
    await office.company("海天试验")
    return office


@pytest.fixture
async def served(office: Office) -> AsyncIterator[str]:
    """Serve the desk and return its address."""
    modules = dict(sys.modules)
    with nicegui_reset_globals():
        app = FastAPI()
        mount(app, office.deps)
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            config = uvicorn.Config(app, log_config=None, ws="websockets-sansio", timeout_graceful_shutdown=1)
            server = uvicorn.Server(config)
            running = asyncio.create_task(server.serve([listening]))
            while not server.started:  # noqa: ASYNC110 - the server has no event to wait for
                await asyncio.sleep(0.02)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
            server.should_exit = True
            await running
    sys.modules.update(modules)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield started
        await started.close()


@asynccontextmanager
async def signed_in(browser: Browser, served: str, login: str, size: dict[str, int]) -> AsyncIterator[Page]:
    """Open a page and sign in; fail when the page reports an error of its scripts."""
    page = await browser.new_page(viewport={"width": size["width"], "height": size["height"]}, locale="zh-CN")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(f"{served}/desk/")
    await page.get_by_label("账号").fill(login)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    yield page
    assert errors == []
    await page.close()


async def nothing_wider_than_the_screen(page: Page) -> bool:
    return bool(
        await page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1"
        )
    )


def said(office: Office, text: str) -> Incoming:
    return Incoming(
        channel=Channel.WEB,
        address="browser",
        update_id=text,
        kind=IncomingKind.TEXT,
        received_at=office.now,
        text=text,
    )


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
async def test_a_case_from_the_queue_to_its_end(
    office: Office, served: str, browser: Browser, size: dict[str, int]
) -> None:
    async with signed_in(browser, served, "zhou", size) as page:
        await expect(page.get_by_text("现在没有等待接手的工单")).to_be_visible()
        async with office.database.transaction() as tx:
            await tx.assets(SYSTEM).put(
                office.companies["海天试验"].id,
                "invention",
                "202010293847.9",
                office.now,
                name="一种模具冷却结构",
                dates={"filing": date(2020, 4, 15)},
            )
        await office.case("海天试验", summary="年费忘了交，还能恢复吗")
        await page.get_by_text("年费忘了交，还能恢复吗").click()  # it came without loading the page again
        await expect(page.get_by_text("一种模具冷却结构")).to_be_visible()
        assert await nothing_wider_than_the_screen(page)
        await page.get_by_role("button", name="接手").click()
        await page.get_by_label("回复客户").fill("您好，请发缴费回执")
        await page.locator("input[type=file]").set_input_files(
            {"name": "委托书.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
        )
        await expect(page.get_by_text("已添加附件：委托书.pdf")).to_be_visible()
        await page.get_by_role("button", name="发送").click()
        await expect(page.locator(".desk-said.ours")).to_contain_text("您好，请发缴费回执")
        await expect(page.locator(".desk-said.ours").get_by_role("link", name="委托书.pdf")).to_be_visible()
        await page.get_by_label("回复客户").fill("写了一半的话")
        async with office.database.transaction() as tx:
            await flows.customer_said(tx, office.people["海天试验"], said(office, "马上就发"), office.now)
        await expect(page.locator(".desk-said").get_by_text("马上就发")).to_be_visible()
        await expect(page.get_by_label("回复客户")).to_have_value("写了一半的话")
        await page.get_by_role("button", name="办结").click()
        await page.get_by_label("请写一句结果").fill("恢复请求已提交")
        await page.get_by_role("button", name="确认办结").click()
        await expect(page.get_by_text("这个工单已经结束")).to_be_visible()
        assert await nothing_wider_than_the_screen(page)
    async with office.database.reading() as tx:
        (case,) = await tx.cases(SYSTEM).ended()
        letters = await tx.outbox.to_person(case.person_id)
    assert case.state is CaseState.CLOSED
    assert [part.kind for part in letters[1].content.parts] == ["text", "document"]


async def test_a_photo_is_seen_small_and_a_broken_one_stays_a_link(
    office: Office, served: str, browser: Browser
) -> None:
    owner = office.people["海天试验"]
    async with office.database.transaction() as tx:
        keep = tx.attachments(SYSTEM).keep
        photo = await keep(picture("JPEG", (1600, 1200)), "回执.jpg", "image/jpeg", owner.id, office.now)
        await keep(b"\xff\xd8\xff", "坏了.jpg", "image/jpeg", owner.id, office.now)
    case = await office.case("海天试验")
    async with signed_in(browser, served, "zhou", PHONE) as page:
        await page.goto(f"{served}/desk/case/{case.id}")
        seen = page.get_by_role("link", name="回执.jpg").locator("img")
        await seen.scroll_into_view_if_needed()
        await expect(seen).to_be_visible()
        assert await seen.evaluate("it => it.naturalWidth") == 480
        await expect(page.get_by_role("link", name="坏了.jpg")).to_be_visible()
        await expect(page.locator("img.desk-picture")).to_have_count(1)
        assert await nothing_wider_than_the_screen(page)
        async with page.expect_popup() as opened:
            await seen.click()
        whole = await opened.value
        await whole.wait_for_load_state()
        assert whole.url == f"{served}/desk/files/{photo.id}"
        assert await whole.locator("img").evaluate("it => it.naturalWidth") == 1600


async def test_a_link_and_a_file_lead_under_the_desk(office: Office, served: str, browser: Browser) -> None:
    owner = office.people["海天试验"]
    async with office.database.transaction() as tx:
        await tx.attachments(SYSTEM).keep(b"receipt", "回执.txt", "text/plain", owner.id, office.now)
    case = await office.case("海天试验")
    async with signed_in(browser, served, "zhou", LAPTOP) as page:
        await page.get_by_role("link", name="看板").click()
        await expect(page.locator("canvas, svg").first).to_be_visible()
        await page.goto(f"{served}/desk/case/{case.id}")
        async with page.expect_download() as started, page.expect_popup():
            await page.get_by_role("link", name="回执.txt").click()
        assert (await started.value).suggested_filename == "回执.txt"
        await page.get_by_role("button", name="退出").click()
        await expect(page.get_by_role("button", name="登录")).to_be_visible()
        await page.goto(f"{served}/desk/case/{case.id}")
        await expect(page.get_by_role("button", name="登录")).to_be_visible()


async def test_a_broadcast_is_written_by_one_and_approved_by_another(
    office: Office, served: str, browser: Browser
) -> None:
    await office.hire("lin", Role.EDITOR)
    await office.hire("shen", Role.APPROVER)
    async with (
        signed_in(browser, served, "lin", LAPTOP) as editor,
        signed_in(browser, served, "shen", PHONE) as approver,
    ):
        await editor.get_by_role("button", name="新建推送").click()
        await editor.get_by_label("标题").fill("年费减缴备案提醒")
        await editor.get_by_label("正文").fill("请在年底前完成减缴备案。")
        await editor.get_by_label("最晚哪天发").fill("2026-12-15")
        await editor.get_by_role("button", name="看看适合哪些企业").click()
        await expect(editor.get_by_text("符合的企业（1）")).to_be_visible()
        await expect(editor.locator(".desk-bubble")).to_contain_text("请在年底前完成减缴备案。")
        await editor.get_by_role("button", name="保存草稿").click()
        await editor.get_by_role("button", name="提交审批").click()
        await expect(editor.get_by_text("待审批", exact=True)).to_be_visible()
        await expect(editor.get_by_role("button", name="批准")).to_have_count(0)
        await approver.get_by_text("年费减缴备案提醒").first.click()  # it came without loading the page again
        await expect(approver.get_by_role("button", name="批准")).to_be_visible()
        assert await nothing_wider_than_the_screen(approver)
        await approver.get_by_role("button", name="批准").click()
        await approver.get_by_role("button", name="确定批准").click()
        await expect(editor.get_by_text("shen先生，名单1家")).to_be_visible()
        await approver.get_by_role("button", name="开始发送").click()
        await expect(approver.get_by_text("发送中", exact=True)).to_be_visible()
        await approver.get_by_role("button", name="暂停").click()
        await expect(approver.get_by_role("button", name="继续发送")).to_be_visible()
        assert await nothing_wider_than_the_screen(approver)
    async with office.database.reading() as tx:
        (sent,) = await tx.broadcasts(SYSTEM).all()
    assert (sent.author_id, sent.approver_id) == (office.people["lin"].id, office.people["shen"].id)
    assert sent.not_after == datetime.fromisoformat("2026-12-16T00:00:00+08:00")


@asynccontextmanager
async def held_down(page: Page, target: Locator) -> AsyncIterator[None]:
    """Press a button and let go only afterwards, as a slow finger does."""
    box = await target.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await page.mouse.down()
    yield
    await page.mouse.up()


async def test_a_case_that_goes_on_disturbs_nobody_who_works_on_it(
    office: Office, served: str, browser: Browser
) -> None:
    """A press is heard, a dialog stays open, a text half written, the focus and the place scrolled to are kept."""
    case = await office.case("海天试验")
    owner = office.people["海天试验"]
    await office.hire("qian", Role.AGENCY, agency_id="one")

    async def customer_says(text: str) -> None:
        async with office.database.transaction() as tx:
            await flows.customer_said(tx, owner, said(office, text), office.now)

    async with signed_in(browser, served, "zhou", LAPTOP) as page:
        async with held_down(page, page.get_by_text("年费忘了交")):
            await office.company("甬江试验")
            await office.case("甬江试验", summary="商标被抢注")
            await expect(page.get_by_text("待接手（2）")).to_be_visible()
        await page.get_by_role("button", name="接手").click()
        for number in range(30):
            await customer_says(f"第{number}句")
        await expect(page.get_by_text("第29句")).to_be_in_viewport()
        await page.get_by_label("回复客户").fill("写了一半")
        await page.locator(".desk-timeline").evaluate("it => it.scrollTop = -300")
        async with held_down(page, page.get_by_role("button", name="办结")):
            await customer_says("按下的时候来了一句")
            await expect(page.get_by_text("按下的时候来了一句")).to_have_count(1)
        await page.get_by_label("请写一句结果").fill("结果写了")
        await customer_says("对话框开着的时候又来一句")
        await expect(page.get_by_text("对话框开着的时候又来一句")).to_have_count(1)
        await page.keyboard.type("一半")
        await expect(page.get_by_label("请写一句结果")).to_have_value("结果写了一半")
        await page.get_by_role("button", name="取消").click()
        assert await page.locator(".desk-timeline").evaluate("it => it.scrollTop") < -200
        await page.get_by_label("回复客户").focus()
        await customer_says("正在写的时候再来一句")
        await expect(page.get_by_text("正在写的时候再来一句")).to_have_count(1)
        await page.keyboard.type("的回复")
        await expect(page.get_by_label("回复客户")).to_have_value("写了一半的回复")
        await page.get_by_role("button", name="发送").dblclick()
        await expect(page.get_by_label("回复客户")).to_have_value("")
        await page.get_by_label("回复客户").fill("没来得及发的话")
        async with office.database.transaction() as tx:
            now = await tx.cases(SYSTEM).get(case.id)
            await staff.reassign(tx, now, office.people["zhou"], office.people["qian"], office.now)
        await expect(page.get_by_text("由qian先生在办")).to_be_visible()
        await expect(page.get_by_text("没来得及发的话")).to_be_visible()
    async with office.database.reading() as tx:
        events = await tx.cases(SYSTEM).events(case.id)
    sent = [event.data["text"] for event in events if event.kind is CaseEventKind.AGENT_SAID]
    assert sent == ["写了一半的回复"]


async def test_sending_can_be_paused_while_results_come_in(
    office: Office, served: str, browser: Browser
) -> None:
    await office.hire("lin", Role.EDITOR)
    await office.hire("shen", Role.APPROVER)
    await office.company("甬江试验")
    lin, shen = office.people["lin"], office.people["shen"]
    knowledge = office.deps.knowledge()
    async with office.database.transaction() as tx:
        mine = tx.broadcasts(lin.as_asker())
        made = await mine.create(Draft(title="减缴备案", text="请备案。"), lin.id, office.now)
        sent = await broadcasts.submit(tx, lin.as_asker(), made.id, knowledge, office.now)
        await broadcasts.approve(tx, shen.as_asker(), made.id, sent.content_hash, knowledge, office.now)
        await mine.start(made.id, office.now)
        await tx.people.set_broadcasts_wanted(office.people["海天试验"].id, wanted=False)
    async with signed_in(browser, served, "shen", LAPTOP) as page:
        await page.goto(f"{served}/desk/broadcast/{made.id}")
        async with held_down(page, page.get_by_role("button", name="暂停")):
            await broadcasts.broadcast(office.database, office.now)
            await broadcasts.broadcast(office.database, office.now)
            await expect(page.get_by_text("已退订", exact=True)).to_be_visible()
        await expect(page.get_by_role("button", name="继续发送")).to_be_visible()
