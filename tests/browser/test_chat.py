"""The owner's chat in a real Chromium, on a phone-sized screen, against the running service."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import PHONE, Running

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

QUESTION = "我有一件发明专利，2020年4月15日申请的，年费什么时候交，多少钱？"


async def say(page: Page, text: str) -> None:
    box = page.get_by_role("textbox")
    await box.fill(text)
    await box.press("Enter")


async def open_chat(page: Page, url: str) -> None:
    await page.goto(url)
    await expect(page.locator("body[data-ready=yes]")).to_be_attached()


async def test_a_question_is_answered_and_the_button_below_it_works(phone: Page, running: Running) -> None:
    await open_chat(phone, running.url)
    await expect(phone.get_by_test_id("topic").first).to_be_visible()
    await say(phone, QUESTION)
    answer = phone.get_by_test_id("message-bot").last
    await expect(answer).to_contain_text("2,000元")
    await expect(answer).to_contain_text("滞纳金")
    await expect(answer).to_contain_text("专利法实施细则")
    await phone.get_by_test_id("choice").filter(has_text="记下这件专利").click()
    await expect(phone.get_by_test_id("message-bot").last).to_contain_text("申请号")


async def test_nothing_is_wider_than_a_small_phone(phone: Page, running: Running) -> None:
    await phone.set_viewport_size({"width": 320, "height": 640})
    await open_chat(phone, running.url)
    await say(phone, QUESTION)
    await expect(phone.get_by_test_id("message-bot").last).to_contain_text("2,000元")
    assert await phone.evaluate("document.documentElement.scrollWidth") <= 320
    await phone.get_by_test_id("choice").filter(has_text="以后每年的年费").click()
    schedule = phone.get_by_test_id("message-bot").last.get_by_test_id("table")
    await expect(schedule).to_contain_text("第20年")
    assert await phone.evaluate("document.documentElement.scrollWidth") <= 320
    lines = await schedule.locator(".whole").evaluate_all(
        "all => all.map(one => one.getClientRects().length)"
    )
    assert set(lines) == {1}  # neither a day nor an amount is parted
    assert await schedule.locator(".scroll").evaluate("box => box.scrollWidth <= box.clientWidth")


async def test_the_talk_is_there_again_after_a_reload(phone: Page, running: Running) -> None:
    await open_chat(phone, running.url)
    await say(phone, "你好")
    await expect(phone.get_by_test_id("message-bot").last).to_contain_text("知托")
    await phone.reload()
    await expect(phone.get_by_test_id("message-me")).to_have_count(1)
    await expect(phone.get_by_test_id("message-bot")).to_have_count(1)


async def test_what_an_owner_writes_is_text_and_nothing_else(phone: Page, running: Running) -> None:
    await open_chat(phone, running.url)
    await say(phone, "<img src=x onerror=alert(1)> 年费")
    await expect(phone.get_by_test_id("message-me").last).to_contain_text("<img")
    assert await phone.locator("[data-testid=message-me] img").count() == 0


async def test_a_demo_owner_sees_only_their_own_deadlines(browser: object, running: Running) -> None:
    from playwright.async_api import Browser

    assert isinstance(browser, Browser)
    seen = []
    for door in running.doors[:2]:
        context = await browser.new_context()
        page = await context.new_page()
        await open_chat(page, door)
        await say(page, "我有哪些期限")
        await expect(page.get_by_test_id("message-bot").last).to_contain_text("我的期限")
        seen.append(await page.get_by_test_id("message-bot").last.inner_text())
        await context.close()
    assert "202010293847.9" in seen[0]
    assert "202010293847.9" not in seen[1]
    assert "18000001" in seen[1]


async def test_a_link_lets_a_second_phone_in_and_leaves_no_code_in_the_address(
    browser: Browser, phone: Page, running: Running
) -> None:
    await open_chat(phone, running.url)
    await say(phone, "换个手机聊")
    await expect(phone.get_by_test_id("message-bot").last).to_contain_text("绑定码")
    shown = await phone.get_by_test_id("message-bot").last.inner_text()
    link = re.search(r"\?start=bind_[A-Z2-9]{8}", shown)
    assert link is not None
    context = await browser.new_context(viewport=PHONE)
    second = await context.new_page()
    await open_chat(second, f"{running.url}/{link[0]}")
    await expect(second.get_by_test_id("message-bot").last).to_contain_text("已经连在一起")
    assert second.url == f"{running.url}/"
    assert await second.evaluate("JSON.stringify(localStorage)") == await second.evaluate(
        "JSON.stringify(localStorage).replace(/bind_/g, '')"
    )
    await expect(phone.get_by_test_id("message-bot").last).to_contain_text("不是我")
    # The other page speaks just while the button is down: the answer shows on both, and must not carry it away.
    place = await phone.get_by_role("button", name="不是我", exact=True).bounding_box()
    assert place is not None
    await phone.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    await phone.mouse.down()
    await say(second, "我绑定了哪些")
    await expect(second.get_by_test_id("message-bot").last).to_contain_text("只连着一个地方")
    await phone.mouse.up()
    await expect(phone.get_by_test_id("message-bot").last).to_contain_text("断开了")  # done, not only offered
    await second.reload()
    await expect(second.get_by_test_id("message-bot")).to_have_count(0)
    await context.close()
