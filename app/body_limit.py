"""How large a request may be: without an end to it one sender fills the memory of everybody."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES: Final = (
    20 * 1024 * 1024
)  # twice the largest file that is kept: a form wraps it in words of its own
TOO_LARGE: Final = 413


class BodyLimit:
    """Ends the reading of a body above `MOST_BYTES` with status 413, whatever length was announced."""

    def __init__(self, app: ASGIApp, most: int = MOST_BYTES) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the handlers of the application turn what is raised here into their answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise HTTPException(TOO_LARGE, f"the body has more than {self._most} bytes")
            return message

        await self._app(scope, counted, send)
