"""What may go wrong with WeCom."""

from __future__ import annotations

from bot.channels.wecom.limits import ERROR_CODES, Meaning


class WecomSettingsError(Exception):
    """A WeCom setting is wrong; the message says which and how to set it right."""


class WecomCallbackError(Exception):
    """A callback is not WeCom's, or not in WeCom's form: it is refused. The message carries nothing of its content."""


class WecomError(Exception):
    """A call of WeCom's API did not do what it was to do."""


class WecomApiError(WecomError):
    """WeCom answered with an error code: nothing was done."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"{code}: {said[:200]}")
        self.code = code
        self.said = said

    @property
    def meaning(self) -> Meaning | None:
        """Return what the code says, None for one we do not know."""
        return ERROR_CODES.get(self.code)


class WecomUnreachableError(WecomError):
    """WeCom gave no answer of its form. `never_sent`: the call certainly did not reach it."""

    def __init__(self, what: str, *, never_sent: bool) -> None:
        super().__init__(what)
        self.never_sent = never_sent
