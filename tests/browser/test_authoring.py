"""A rule edited, approved by a second person and rolled back, in a real browser on the whole service."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import LAPTOP, PHONE, Running
from tests.browser.test_handoff import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

RULE = "subsidy.hightech-patent-award"
END = "版本 · 第1项 · 有效期 · 止"


@pytest.fixture
async def editor(browser: Browser, running: Running) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport=LAPTOP, locale="zh-CN")
    page = await context.new_page()
    await sign_in(page, running, "editor")
    yield page
    await context.close()


@pytest.fixture
async def approver(browser: Browser, running: Running) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport=PHONE, locale="zh-CN")
    page = await context.new_page()
    await sign_in(page, running, "approver")
    yield page
    await context.close()


async def fits_the_screen(page: Page) -> bool:
    return bool(
        await page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1"
        )
    )


async def test_a_rule_is_edited_approved_and_rolled_back(
    editor: Page, approver: Page, running: Running
) -> None:
    errors: list[str] = []
    for page in (editor, approver):
        page.on("pageerror", lambda error: errors.append(str(error)))
    await expect(editor.get_by_role("link", name="修订")).to_be_visible()
    await editor.goto(f"{running.url}/desk/rule/{RULE}")
    await editor.get_by_role("button", name="修改").click()
    await expect(editor.get_by_text("检查和测试全部通过")).to_be_visible()

    # a mistake is shown beside the text, with its line
    await editor.get_by_role("tab", name="全文").click()
    content = editor.locator(".cm-content")
    await content.click()
    await editor.keyboard.press("Control+Home")
    await editor.keyboard.type("titel: 写错了\n")
    await expect(editor.get_by_text("第1行第")).to_be_visible()
    await expect(editor.get_by_text("没有“titel”这个字段")).to_be_visible()
    await editor.keyboard.press("Control+z")
    for _ in range(12):
        if "titel" not in (await content.inner_text()):
            break
        await editor.keyboard.press("Control+z")
    await expect(editor.get_by_text("检查和测试全部通过")).to_be_visible()

    # the form writes into the text
    await editor.get_by_role("tab", name="表单").click()
    await expect(editor.get_by_label("复核日", exact=True)).to_have_count(1)
    await editor.get_by_label("查找一项").click()
    await editor.keyboard.type("有效期")
    await expect(editor.get_by_label("复核日", exact=True)).to_have_count(0)
    await editor.keyboard.type(" 止")  # in the same field: it was not drawn anew while one wrote in it
    await expect(editor.get_by_label("查找一项")).to_have_value("有效期 止")
    await editor.get_by_label(END, exact=True).fill("2030-12-31")
    await editor.get_by_label(END, exact=True).blur()
    await expect(editor.locator(".desk-diff .added").first).to_contain_text("2030年12月31日")
    await expect(editor.get_by_text("只显示企业名称和结果")).to_be_visible()
    await editor.get_by_label("为什么改（文号、来源）").fill("浏览器测试")
    await editor.get_by_role("button", name="保存草稿").click()
    await editor.get_by_role("button", name="提交审批").click()
    await expect(editor.get_by_text("待审批", exact=True)).to_be_visible()
    await expect(editor.get_by_role("button", name="批准并发布")).to_have_count(0)

    await approver.goto(f"{running.url}/desk/drafts")
    await approver.get_by_text("浏览器测试").first.click()
    await expect(approver.get_by_text("检查和测试全部通过")).to_be_visible()
    assert await fits_the_screen(approver)
    await approver.get_by_role("button", name="批准并发布").click()
    await approver.get_by_role("button", name="确定批准").click()
    await expect(approver.get_by_text("已发布", exact=True)).to_be_visible()
    await editor.goto(f"{running.url}/desk/rule/{RULE}")
    await expect(editor.get_by_text("2030年12月31日").first).to_be_visible()

    await approver.goto(f"{running.url}/desk/revisions")
    await expect(approver.get_by_text("浏览器测试")).to_be_visible()
    assert await fits_the_screen(approver)
    await approver.get_by_role("button", name="回退到第1版").click()
    await approver.get_by_role("button", name="确定回退").click()
    await expect(approver.get_by_text("第3版", exact=True)).to_be_visible()
    await editor.reload()
    await expect(editor.get_by_text("2030年12月31日")).to_have_count(0)
    assert errors == []


async def test_a_text_that_did_not_arrive_whole_is_not_saved_as_if_it_had(
    editor: Page, running: Running
) -> None:
    """Half a character is lost on its way with all that came with it: the older text would be saved instead."""
    await editor.goto(f"{running.url}/desk/draft/edit?file=policies/hightech-patent-award.yaml")
    await expect(editor.get_by_text("检查和测试全部通过")).to_be_visible()
    await editor.get_by_role("tab", name="全文").click()
    await editor.locator(".cm-content").click()
    await editor.keyboard.press("Control+a")
    await editor.evaluate(
        """() => {
            const pasted = new DataTransfer();
            pasted.setData("text/plain", "# 半个字\\ud83d");
            const event = new ClipboardEvent("paste", {clipboardData: pasted, bubbles: true, cancelable: true});
            document.querySelector(".cm-content").dispatchEvent(event);
        }"""
    )
    await expect(editor.locator(".cm-content")).to_contain_text("半个字")
    await editor.get_by_role("button", name="保存草稿").click()
    await expect(editor.get_by_text("没有完整传到")).to_be_visible()
