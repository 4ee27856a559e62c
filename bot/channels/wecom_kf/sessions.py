"""A customer's session: with the bot, in the queue, with a servicer who answers in WeCom, or ended.

While a servicer has it, our own messages are refused by WeChat, so it is given over by a person's choice only. Back to
the bot leads only through its end: the customer's next message opens a new one, which is ours.
"""

from __future__ import annotations

from typing import Any

from bot.channels.wecom.client import WecomClient
from bot.channels.wecom.errors import WecomError, WecomUnreachableError
from bot.channels.wecom_kf.limits import CHANGES, ServiceState
from bot.channels.wecom_kf.settings import KfSettings


class SessionChangeError(WecomError):
    """The session is in a state from which it cannot be changed so."""


class KfSessions:
    """Reads and changes the sessions of one account. Raises WecomError."""

    def __init__(self, settings: KfSettings) -> None:
        self._settings = settings
        self._client = WecomClient(settings.account)

    async def close(self) -> None:
        """Give back the connections."""
        await self._client.close()

    async def state(self, address: str) -> tuple[ServiceState, str]:
        """Return the customer's session's state, and the servicer's user id where one has it."""
        answer = await self._client.call("kf/service_state/get", self._of(address))
        try:
            state = ServiceState(int(answer.get("service_state", -1)))
        except (TypeError, ValueError) as error:
            raise WecomUnreachableError("a session state of no known kind", never_sent=False) from error
        return state, str(answer.get("servicer_userid") or "")

    async def hand_over(self, address: str, servicer: str) -> None:
        """Let a servicer, who must be on duty (正在接待), have the session. Raises SessionChangeError when it has ended."""
        await self._change(address, ServiceState.PERSON, servicer)

    async def queue(self, address: str) -> None:
        """Put the session before whichever servicer takes it first."""
        await self._change(address, ServiceState.QUEUED)

    async def end(self, address: str) -> None:
        """End the session: the customer's next message is the bot's again. Nothing to do when it has ended."""
        await self._change(address, ServiceState.ENDED)

    async def _change(self, address: str, to: ServiceState, servicer: str = "") -> None:
        present, holder = await self.state(address)
        if present is to and holder == servicer:
            return
        if to not in CHANGES[present]:
            raise SessionChangeError(f"from {present.name} to {to.name}")
        body = {**self._of(address), "service_state": int(to)}
        if servicer:
            body["servicer_userid"] = servicer
        await self._client.call("kf/service_state/trans", body)

    def _of(self, address: str) -> dict[str, Any]:
        return {"open_kfid": self._settings.open_kfid, "external_userid": address}
