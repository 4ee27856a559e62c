"""The page of the API's documentation in a real browser: it is drawn, and its examples can be sent from there."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import LAPTOP, Running

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


async def test_an_example_is_sent_from_the_page(browser: Browser, running: Running) -> None:
    page = await browser.new_page(viewport=LAPTOP)
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    await page.goto(f"{running.url}/api/docs")
    await expect(page.get_by_text("/api/v1/assess", exact=True)).to_be_visible()
    question = page.locator("#operations-deadlines-answer_api_v1_deadlines_post")
    await question.get_by_role("button").first.click()
    await question.get_by_role("button", name="Try it out").click()
    await question.get_by_role("button", name="Execute").click()
    await expect(question.locator(".live-responses-table")).to_contain_text("第8年度年费")
    assert all(url.startswith((running.url, "data:")) for url in loaded)  # nothing from another host
    await page.close()
