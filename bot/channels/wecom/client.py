"""WeCom's API: an access token that is fetched when needed and again when it has ended, and calls with it.

Each process keeps its own: within its validity WeCom gives every asker the same token, so processes do not end each
other's.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import structlog

from bot.channels.calls import NEVER_SENT, open_session, proxy_for
from bot.channels.wecom.errors import WecomApiError, WecomUnreachableError
from bot.channels.wecom.limits import ANSWER_BYTES, TOKEN_LASTS, TOKEN_MARGIN, Meaning
from bot.channels.wecom.settings import WecomAccount

log = structlog.get_logger()

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 15.0
_CONNECTIONS = 32
_TIMEOUT = aiohttp.ClientTimeout(
    total=None, connect=_CONNECT_SECONDS, sock_connect=_CONNECT_SECONDS, sock_read=_ANSWER_SECONDS
)
_READ_AT_ONCE = 64 * 1024


class WecomClient:
    """Calls WeCom with one secret. Raises WecomApiError and WecomUnreachableError, nothing of the HTTP library's."""

    def __init__(self, account: WecomAccount) -> None:
        self._account = account
        self._base = account.base_url.rstrip("/")
        self._proxy = proxy_for(self._base)
        self._session: aiohttp.ClientSession | None = None  # opened by the first call, in the loop that calls
        self._token = ""
        self._token_ends = 0.0
        self._fetching: asyncio.Task[str] | None = None

    async def close(self) -> None:
        """Give back the connections."""
        if self._fetching is not None:
            self._fetching.cancel()
        if self._session is not None:
            await self._session.close()

    async def call(self, path: str, body: dict[str, Any], **parameters: str) -> dict[str, Any]:
        """Return the answer to a POST of this JSON."""
        sent = json.dumps(body, ensure_ascii=False).encode()  # WeCom refuses \\uXXXX (error 40033)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return await self._with_token("POST", path, parameters, lambda: {"data": sent, "headers": headers})

    async def upload(self, kind: str, filename: str, media_type: str, data: bytes) -> str:
        """Return the id of an uploaded file, valid for three days. Nothing is shown to anybody by it."""

        def file() -> dict[str, Any]:
            # WeCom shows the name that stands here, and reads it as plain UTF-8.
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("media", data, filename=filename, content_type=media_type)
            return {"data": form}

        try:
            answer = await self._with_token("POST", "media/upload", {"type": kind}, file)
        except WecomUnreachableError as error:
            raise WecomUnreachableError(str(error), never_sent=True) from error
        return _text(answer, "media_id")

    async def download(self, media_id: str, at_most: int) -> bytes | None:
        """Return the file, None when it is larger than `at_most` or no longer there."""
        for attempt in range(2):
            token = await self._access_token()
            query = {"access_token": token, "media_id": media_id}
            status, is_file, data = await self._read("GET", "media/get", query, at_most)
            if data is None:
                return None
            if is_file:
                return data if status == 200 else None
            try:
                _checked(status, data)
            except WecomApiError as error:
                if error.meaning is Meaning.TOKEN and attempt == 0:
                    self._forget(token)
                    continue
                log.warning("a file could not be fetched", code=error.code)
            return None
        return None

    async def _with_token(
        self, method: str, path: str, parameters: dict[str, str], body: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """Return the answer; once more with a new token where WeCom says that the token has ended.

        `body` is called for each try: a form can be sent once.
        """
        for attempt in range(2):
            token = await self._access_token()
            query = {**parameters, "access_token": token}
            status, _, data = await self._read(method, path, query, ANSWER_BYTES, **body())
            try:
                return _checked(status, data)
            except WecomApiError as error:
                if error.meaning is not Meaning.TOKEN or attempt:
                    raise
                self._forget(token)
        raise AssertionError("the second attempt returns or raises")

    async def _access_token(self) -> str:
        """Return the token. All who need one while it is fetched wait for the same fetching, and share how it ends."""
        if self._token and time.monotonic() < self._token_ends:
            return self._token
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch_token())
            self._fetching.add_done_callback(self._fetched)
        return await asyncio.shield(self._fetching)

    def _fetched(self, fetching: asyncio.Task[str]) -> None:
        self._fetching = None
        if not fetching.cancelled():
            fetching.exception()  # whoever waited has it; it may be that nobody does any more

    async def _fetch_token(self) -> str:
        query = {"corpid": self._account.corp_id, "corpsecret": self._account.secret}
        try:
            status, _, data = await self._read("GET", "gettoken", query, ANSWER_BYTES)
            answer = _checked(status, data)
            self._token = _text(answer, "access_token")
        except WecomUnreachableError as error:
            raise WecomUnreachableError(f"no access token: {error}", never_sent=True) from error
        lasts = answer.get("expires_in")
        seconds = float(lasts) if isinstance(lasts, int) else TOKEN_LASTS.total_seconds()
        self._token_ends = time.monotonic() + max(seconds - TOKEN_MARGIN.total_seconds(), 1.0)
        return self._token

    def _forget(self, token: str) -> None:
        """Let the next call fetch a token, unless another call has already done so."""
        if self._token == token:
            self._token = ""

    async def _read(
        self, method: str, path: str, query: dict[str, str], at_most: int, **request: Any
    ) -> tuple[int, bool, bytes | None]:
        """Return status, whether the answer is a file, and its body; None for a body longer than `at_most`."""
        if self._session is None:
            self._session = open_session(_CONNECTIONS)
        body = bytearray()
        try:
            async with self._session.request(
                method,
                f"{self._base}/cgi-bin/{path}",
                params=query,
                timeout=_TIMEOUT,
                proxy=self._proxy,
                allow_redirects=False,
                **request,
            ) as answer:
                async for chunk in answer.content.iter_chunked(_READ_AT_ONCE):
                    body += chunk
                    if len(body) > at_most:
                        return answer.status, False, None
                return answer.status, _is_file(answer), bytes(body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # The message of the library's error may name the address with its token.
            raise WecomUnreachableError(
                type(error).__name__, never_sent=isinstance(error, NEVER_SENT)
            ) from None


def _is_file(answer: aiohttp.ClientResponse) -> bool:
    """Return whether the answer is a file: it is named so, also where it is a text, or it is nothing to be read."""
    if "content-disposition" in answer.headers:
        return True
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return "json" not in media_type and not media_type.startswith("text/")


def _checked(status: int, data: bytes | None) -> dict[str, Any]:
    """Return the answer when it says that the call succeeded."""
    if data is None:
        raise WecomUnreachableError("the answer is too long", never_sent=False)
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("errcode", 0), int):
        raise WecomUnreachableError(f"status {status}, not WeCom's form", never_sent=False)
    code = answer.get("errcode", 0)
    if code:
        raise WecomApiError(code, str(answer.get("errmsg", "")))
    if status != 200:
        raise WecomUnreachableError(f"status {status}", never_sent=False)
    return answer


def _text(answer: dict[str, Any], key: str) -> str:
    value = answer.get(key)
    if not isinstance(value, str) or not value:
        raise WecomUnreachableError(f"the answer has no {key}", never_sent=False)
    return value
