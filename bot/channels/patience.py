"""An update that can never be stored must not keep all those behind it waiting: it is set aside for an operator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from bot.dialogue.respond import apology
from store.database import Database
from store.errors import UnavailableError
from store.messages import Channel
from store.outbox import Letter

log = structlog.get_logger()

TRIES = 5
_REMEMBERED = 1_000


class Patience:
    """Counts how often storing an update failed by a fault that does not pass by itself."""

    def __init__(
        self,
        database: Database,
        channel: Channel,
        clock: Callable[[], datetime],
        *,
        passing: tuple[type[Exception], ...] = (),
        tries: int = TRIES,
    ) -> None:
        """`passing` are the errors of a vendor that is out of reach: those are waited out, as a database is."""
        self._database = database
        self._channel = channel
        self._clock = clock
        self._passing: tuple[type[Exception], ...] = (UnavailableError, OSError, *passing)
        self._tries = tries
        self._failed: dict[str, int] = {}

    async def store(self, update_id: str, address: str, action: Callable[[], Awaitable[object]]) -> None:
        """Do what stores the update. Raises what that raises, until it was tried often enough.

        Then the update stands at the desk among what nobody answered, and whoever wrote it is told so.
        """
        try:
            await action()
        except self._passing:
            raise
        except Exception as error:
            failed = self._failed.pop(update_id, 0) + 1
            if failed < self._tries:
                self._failed[update_id] = failed
                if len(self._failed) > _REMEMBERED:
                    del self._failed[next(iter(self._failed))]
                raise
            log.exception("an update that cannot be stored is set aside", update_id=update_id)
            await self._set_aside(update_id, address, error)
        else:
            self._failed.pop(update_id, None)

    async def _set_aside(self, update_id: str, address: str, error: Exception) -> None:
        now = self._clock()
        async with self._database.transaction() as tx:
            reason = f"it could not be stored: {type(error).__name__}"
            inbox_id = await tx.inbox.lost(self._channel, address, update_id, reason, now)
            person = await tx.people.at(self._channel, address)
            if inbox_id is None or person is None:
                return
            letter = Letter(
                dedupe_key=f"answer:{inbox_id}:sorry",
                channel=self._channel,
                address=address,
                content=apology(),
                person_id=person.id,
                inbox_id=inbox_id,
            )
            await tx.outbox.write(letter, now)
