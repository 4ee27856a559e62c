"""A running service and a real Chromium for the browser tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1280, "height": 800}
PROJECT = Path(__file__).parents[2]
# Milliseconds until something waited for is missing: tests wait for what is seen, and machines are shared.
expect.set_options(timeout=20_000)


@dataclass(frozen=True)
class Running:
    """A service started by `zhituo serve` on a free port, with the demo data it printed."""

    url: str
    passwords: dict[str, str]
    doors: tuple[str, ...]
    renewed: set[str] = field(default_factory=set)  # who has chosen a password of their own


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The whole service in a process of its own, on a fresh database."""
    folder = tmp_path_factory.mktemp("service")
    log = (folder / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-c", "from app.cli import main; main()", "serve", "--port", "0"],
        cwd=PROJECT,  # the code beside these tests, whichever checkout is installed
        env={**os.environ, "ZHITUO_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    try:
        yield _read(process, folder / "log")
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()
        log.close()


def _read(process: subprocess.Popen[str], log: Path) -> Running:
    """Return what the service printed when it had started."""
    url, passwords, doors = "", {}, []
    assert process.stdout is not None
    for line in process.stdout:
        if "企业主聊天" in line:
            url = line.split()[-1].rstrip("/")
        if match := re.search(r"用户名 (\S+)　密码 (\S+)", line):
            passwords[match[1]] = match[2]
        if "/demo/" in line:
            doors.append(line.split("　")[-1].strip())
        if len(doors) == 3:
            return Running(url, passwords, tuple(doors))
    raise AssertionError(f"the service did not start: {log.read_text()[-2000:]}")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "no Chromium: run `make browser`, which installs it or says what to install"
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        yield launched
        await launched.close()


@pytest.fixture
async def phone(browser: Browser) -> AsyncIterator[Page]:
    """A page as large as a phone's screen."""
    context = await browser.new_context(viewport=PHONE)
    yield await context.new_page()
    await context.close()


@pytest.fixture
async def laptop(browser: Browser) -> AsyncIterator[Page]:
    """A page as large as a laptop's screen."""
    context = await browser.new_context(viewport=LAPTOP)
    yield await context.new_page()
    await context.close()
