"""Who may use the rules service: a key with the scope, or anybody for reading and assessing on a demo installation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import structlog
from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.api_problems import ApiError, ProblemKind
from app.wiring import Clock
from store.api_keys import ApiKey, ApiScope
from store.database import Database

log = structlog.get_logger()
# Without a key, and only while `ZHITUO_DEMO` is on: what reads published rules or keeps nothing.
OPEN_IN_DEMO = frozenset({ApiScope.RULES_READ, ApiScope.ASSESS})

_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="ApiKey",
    description="A key made by `zhituo key add NAME --scope …`. With ZHITUO_DEMO on, rules:read and assess need none.",
)
Sent = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


class Access:
    """Finds the key of a request and asks for its scopes."""

    def __init__(self, database: Database, clock: Clock, *, demo: bool) -> None:
        self._database = database
        self._clock = clock
        self._demo = demo

    def wants(self, scope: ApiScope) -> Callable[..., Awaitable[ApiKey | None]]:
        """Return the dependency of a route that needs the scope; it gives the key, None for anybody on a demo."""

        async def allowed(sent: Sent) -> ApiKey | None:
            if sent is None and self._demo and scope in OPEN_IN_DEMO:
                return None
            key = None if sent is None else await self._find(sent.credentials)
            if key is None:
                words = (
                    "请在请求头里带上密钥：Authorization: Bearer 密钥。"
                    if sent is None
                    else "这个密钥无效、已过期或已收回。"
                )
                raise ApiError(ProblemKind.NO_KEY, words, reason=f"a key with scope {scope.value} is needed")
            require(key, scope)
            return key

        return allowed

    async def _find(self, secret: str) -> ApiKey | None:
        now = self._clock()
        async with self._database.reading() as tx:
            key = await tx.api_keys.find(secret, now)
        if key is not None and key.last_used_on != now.date():
            async with self._database.transaction() as tx:
                await tx.api_keys.used(key.id, now.date())
            log.info("api key first used today", key=key.name)
        return key


def require(key: ApiKey, scope: ApiScope) -> None:
    """Raise ApiError when the key lacks the scope."""
    if scope not in key.scopes:
        raise ApiError(
            ProblemKind.NOT_ALLOWED,
            "这个密钥没有这项权限，请让管理员另发一个。",
            reason=f"scope {scope.value} is missing",
        )
