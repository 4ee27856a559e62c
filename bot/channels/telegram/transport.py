"""How calls to the Bot API travel: aiohttp under python-telegram-bot, in the place of its own transport over httpx.

httpx takes eight times the processor time of a call (`benchmarks/delivery.py` shows both), which alone would keep one
process below some hundred messages a second.
"""

from __future__ import annotations

from typing import Any

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.channels.calls import open_session, proxy_for


class AiohttpTransport(BaseRequest):
    """One pool of connections. Never repeats a call by itself: a message might arrive twice."""

    def __init__(self, *, connections: int, connect_seconds: float, answer_seconds: float) -> None:
        self._connections = connections
        self._connect_seconds = connect_seconds
        self._answer_seconds = answer_seconds
        self._session: aiohttp.ClientSession | None = None
        self._proxy: str | None = None

    @property
    def read_timeout(self) -> float:
        """Return how many seconds an answer may take."""
        return self._answer_seconds

    async def initialize(self) -> None:
        """Open the pool, if it is not open."""
        if self._session is None:
            self._session = open_session(self._connections, self.USER_AGENT)

    async def shutdown(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Return the status and the body. Raises NetworkError with its cause, `NEVER_SENT` or another."""
        if self._session is None:
            self._proxy = proxy_for(url)
        await self.initialize()
        assert self._session is not None
        timeout = aiohttp.ClientTimeout(
            total=None,
            connect=_seconds(pool_timeout, self._connect_seconds),
            sock_connect=_seconds(connect_timeout, self._connect_seconds),
            sock_read=_seconds(read_timeout, self._answer_seconds),
        )
        try:
            async with self._session.request(
                method,
                url,
                **_body(request_data),
                timeout=timeout,
                proxy=self._proxy,
                allow_redirects=False,
            ) as answer:
                return answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut(type(error).__name__) from error
        except aiohttp.ClientError as error:
            raise NetworkError(type(error).__name__) from error  # its words may hold the token


def _body(request: RequestData | None) -> dict[str, Any]:
    if request is None:
        return {}
    if not request.contains_files:
        return {"json": request.parameters}
    form = aiohttp.FormData(request.json_parameters)
    for name, (filename, content, media_type) in request.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=media_type)
    return {"data": form}


def _seconds(asked: Any, otherwise: float) -> float:
    return asked if isinstance(asked, int | float) else otherwise
