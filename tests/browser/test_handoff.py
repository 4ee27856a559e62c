"""转人工, end to end: the owner on a phone, the agency at the desk, the bot silent in between."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Running
from tests.browser.test_chat import open_chat, say

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

NEW_PASSWORD = "够长的新密码2026"
ANSWER = "您好，我是经办人，材料我看过了。"


async def sign_in(page: Page, running: Running, login: str) -> None:
    """Sign in with the one-time password, choose a new one as the desk asks, and sign in with that.

    Who has done so in an earlier test of the same service signs in with the new one.
    """
    once = running.passwords[login]
    await page.goto(f"{running.url}/desk/login")
    for password in (NEW_PASSWORD,) if login in running.renewed else (once, NEW_PASSWORD):
        await page.locator("input[name=login]").fill(login)
        await page.locator("input[name=password]").fill(password)
        await page.get_by_role("button", name="登录").click()
        if password == once:
            for name, value in (("old", once), ("new", NEW_PASSWORD), ("again", NEW_PASSWORD)):
                await page.locator(f"input[name={name}]").fill(value)
            await page.get_by_role("button", name="保存").click()
            running.renewed.add(login)


async def test_the_owner_reaches_a_person_and_comes_back(phone: Page, laptop: Page, running: Running) -> None:
    await open_chat(phone, running.doors[0])
    await say(phone, "我的专利被同行提了无效，情况很复杂")
    await expect(phone.get_by_test_id("message-bot").first).to_be_visible()
    await say(phone, "转人工")
    await phone.get_by_test_id("choice").get_by_text("同意", exact=True).click()
    await expect(phone.get_by_test_id("message-bot").last).to_contain_text("有人接手")

    await sign_in(laptop, running, "agency")
    await laptop.get_by_text("（演示）甬星模具有限公司").first.click()
    await laptop.get_by_role("button", name="接手").click()
    await expect(phone.get_by_test_id("message-bot").last).to_contain_text("已经接手")

    heard = await phone.get_by_test_id("message-bot").count()
    await say(phone, "年费多少钱")
    await expect(laptop.get_by_text("年费多少钱")).to_be_visible()
    assert await phone.get_by_test_id("message-bot").count() == heard, (
        "the bot spoke while a person had the chat"
    )

    await laptop.get_by_role("textbox").last.fill(ANSWER)
    await laptop.get_by_role("button", name="发送").click()
    await expect(phone.get_by_test_id("message-person").last).to_contain_text(ANSWER)

    await laptop.get_by_role("button", name="交还机器人").click()
    await laptop.get_by_role("dialog").get_by_role("textbox").fill("已经答复清楚")
    await laptop.get_by_role("button", name="确认交还").click()
    await expect(phone.get_by_test_id("message-bot").last).to_contain_text("交还给机器人")
    await say(phone, "你好")
    await expect(phone.get_by_test_id("message-bot").last).to_contain_text("知托")
