"""The desk in a real Chromium, on a laptop and on a phone."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from playwright.async_api import Browser, expect

from bot.handoff import flows
from store.asker import SYSTEM, Role
from store.case_records import CaseState
from tests.browser.desk.conftest import LAPTOP, PHONE, nothing_wider_than_the_screen, signed_in
from tests.unit.desk.conftest import Office, said
from tests.unit.desk.test_previews import picture

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


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
        await page.locator("input[type=file]").set_input_files(
            {"name": "别家的.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 theirs"}
        )
        await expect(page.get_by_text("已添加附件：别家的.pdf")).to_be_visible()
        await page.get_by_role("button", name="去掉").nth(1).click()
        await expect(page.get_by_role("button", name="去掉")).to_have_count(1)
        async with office.database.reading() as tx:  # nothing is the owner's before it is sent
            assert await tx.attachments(office.people["海天试验"].as_asker()).seen_among(range(1, 9)) == {}
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
        sent = await tx.attachments(office.people["海天试验"].as_asker()).seen_among(range(1, 9))
    assert case.state is CaseState.CLOSED
    assert [file.filename for file in sent.values()] == ["委托书.pdf"]
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
        await expect(approver.get_by_text("2026年12月15日（含当天）")).to_be_visible()
        await approver.get_by_role("button", name="暂停").click()
        await approver.get_by_role("button", name="继续发送").click()
        await expect(approver.get_by_text("发送中", exact=True)).to_be_visible()
        await approver.get_by_role("button", name="暂停").click()
        await expect(approver.get_by_role("button", name="继续发送")).to_be_visible()
        assert await nothing_wider_than_the_screen(approver)
    async with office.database.reading() as tx:
        (sent,) = await tx.broadcasts(SYSTEM).all()
    assert (sent.author_id, sent.approver_id) == (office.people["lin"].id, office.people["shen"].id)
    assert sent.not_after == datetime.fromisoformat("2026-12-16T00:00:00+08:00")
