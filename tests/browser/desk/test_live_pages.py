"""Pages that follow what happens disturb nobody who works on them, and a broken connection takes nothing away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bot.handoff import flows, staff
from scheduler import broadcasts
from store.asker import SYSTEM, Role
from store.broadcast_records import Draft
from store.case_records import CaseEventKind
from tests.browser.desk.conftest import LAPTOP, PHONE, signed_in
from tests.unit.desk.conftest import Office, said

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


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
            await expect(page.get_by_role("cell", name="已退订")).to_be_visible()
        await expect(page.get_by_role("button", name="继续发送")).to_be_visible()


class Network:
    """What lies between a browser and the desk, and can be cut."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._whole = True
        self._streams: set[asyncio.StreamWriter] = set()

    async def serve(self) -> str:
        """Listen, and return the desk's address as a browser behind this network sees it."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """End every connection and let none be made."""
        self._whole = False
        for stream in self._streams:
            stream.close()

    def mend(self) -> None:
        """Let connections be made again."""
        self._whole = True

    async def close(self) -> None:
        """Listen no more."""
        self.cut()
        self._server.close()
        await self._server.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            writer.close()
            return
        to_desk, from_desk = await asyncio.open_connection("127.0.0.1", self._port)
        self._streams |= {writer, from_desk}
        await asyncio.gather(self._one_way(reader, from_desk), self._one_way(to_desk, writer))
        self._streams -= {writer, from_desk}

    async def _one_way(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(65_536):
                sink.write(data)
                await sink.drain()
        sink.close()


@pytest.fixture
async def network(served: str) -> AsyncIterator[Network]:
    network = Network(int(served.rpartition(":")[2]))
    yield network
    await network.close()


async def test_a_phone_that_was_away_finds_what_was_written(
    office: Office, network: Network, browser: Browser
) -> None:
    """Longer than the framework waits by default: the page is the same one, and hears what happened meanwhile."""
    case = await office.case("海天试验")
    address = await network.serve()
    async with signed_in(browser, address, "zhou", PHONE) as page:
        await page.goto(f"{address}/desk/case/{case.id}")
        await page.get_by_role("button", name="接手").click()
        await page.get_by_label("回复客户").fill("写了一半")
        await page.evaluate("window.sameLoad = true")
        network.cut()
        await page.get_by_label("回复客户").press_sequentially("，断线时接着写")
        async with office.database.transaction() as tx:
            await flows.customer_said(tx, office.people["海天试验"], said(office, "还在吗"), office.now)
        await asyncio.sleep(8)
        network.mend()
        await expect(page.get_by_text("还在吗")).to_be_visible(timeout=20_000)
        assert await page.evaluate("window.sameLoad") is True
        await expect(page.get_by_label("回复客户")).to_have_value("写了一半，断线时接着写")
        await page.get_by_role("button", name="发送").click()
        await expect(page.locator(".desk-said.ours")).to_contain_text("写了一半，断线时接着写")
