"""Logs for operators: one line an event, English, without secrets and without what people wrote."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from typing import Any

import structlog

# A Telegram token stands in every URL that its libraries call; a session stands in a cookie; keys are ours.
_TOKEN = re.compile(r"\d{6,12}:[A-Za-z0-9_-]{30,}|(?:zhituo_(?:desk=|chat=)?)[A-Za-z0-9_-]{30,}")
_HIDDEN_KEYS = frozenset({"token", "secret", "password", "authorization", "cookie", "text"})


def configure_logging(level: str, *, json: bool, secrets: Iterable[str] = ()) -> None:
    """Send all logs through structlog, with tokens and the given secrets blotted out."""
    hidden = tuple(secret for secret in secrets if len(secret) >= 6)

    def blot(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {key: "***" if key in _HIDDEN_KEYS else _blot(value, hidden) for key, value in event.items()}

    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, blot, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in (
        "httpx",
        "httpcore",
        "apscheduler",
        "aiogram.event",
        "alembic",
        "watchfiles",
        "engineio",
        "socketio",
    ):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))

    for wordy in ("uvicorn.error", "websockets", "aiosqlite"):  # their debug lines hold headers and frames
        logging.getLogger(wordy).setLevel(max(logging.INFO, root.level))


def _blot(value: Any, hidden: tuple[str, ...]) -> Any:
    if not isinstance(value, str):
        return value
    value = _TOKEN.sub("***", value)
    for secret in hidden:
        value = value.replace(secret, "***")
    return value
