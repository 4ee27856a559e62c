"""What operators read holds no secret, at any level."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from app.logging import configure_logging

SESSION = "IkNd-oNdO9uh7r6Y3kC7e0SnjhGat5Kkst-orYtAF34"


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize(
    "line",
    [
        f"< cookie: zhituo_desk={SESSION}; a=b",
        f"< cookie: zhituo_chat={SESSION}",
        f"used zhituo_{SESSION}",
        f"POST https://example.test/bot123456789:{SESSION}/getMe",
        "signed with a-secret-of-the-settings",
    ],
)
def test_sessions_keys_and_secrets_are_blotted_out_even_while_debugging(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("DEBUG", json=True, secrets=["a-secret-of-the-settings"])
    logging.getLogger("some.library").debug(line)
    logged = capsys.readouterr().err
    assert "***" in logged
    assert SESSION not in logged
    assert "a-secret" not in logged


@pytest.mark.usefixtures("restored")
def test_frames_and_headers_of_connections_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("DEBUG", json=True)
    for name in ("uvicorn.error", "websockets.server", "aiosqlite"):
        logging.getLogger(name).debug("< cookie: other=words")
    assert capsys.readouterr().err == ""
