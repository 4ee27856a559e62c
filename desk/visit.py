"""One signed-in person at one page: every look at data and every step is taken in their name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog
from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui

from bot.handoff.errors import HandoffError
from bot.handoff.wording import TEXTS as CASE_TEXTS
from desk import frame
from desk.deps import DeskDeps
from desk.door import COOKIE, PREFIX
from desk.editorial import Editorial
from desk.login import signed_in
from desk.words import TEXTS
from knowledge.drafts import DraftError, UnknownDraftError
from store.asker import Asker, Role
from store.broadcast_records import BroadcastError
from store.errors import ChangedMeanwhileError, NotVisibleError
from store.records import GREATEST_NUMBER, Person
from store.transaction import Transaction

log = structlog.get_logger()

# How many seconds a page waits for a broken connection, by what a new load of it would lose. A page that waits takes
# about a third of a megabyte, after it has been left, too.
SHOWING: Final = 5.0  # nothing
READING: Final = 120.0  # the place, the focus, what was written while the connection was broken
WRITING: Final = 1800.0  # a text that is nowhere else yet


class SignedOutError(Exception):
    """The session has ended, or the person is no longer who they were when the page was opened."""


class RefusedError(Exception):
    """A step is refused; the message is the sentence that the person reads."""


@dataclass(slots=True)
class Visit:
    """A page opened by a person. The session is looked up again at every step: a page left open is no way in."""

    deps: DeskDeps
    token: str
    person: Person

    @property
    def asker(self) -> Asker:
        """The person as the store's filter sees them."""
        return self.person.as_asker()

    @property
    def editorial(self) -> Editorial:
        """The way of edits into the knowledge. Raises RefusedError where the content is not edited."""
        if self.deps.editorial is None:
            raise RefusedError(TEXTS.say("drafts.off"))
        return self.deps.editorial

    @property
    def login(self) -> str:
        """The name under which the person's edits and approvals are recorded."""
        return self.person.login or ""

    async def still_in(self) -> None:
        """Look the session up again before a step that leaves the database alone. Raises SignedOutError."""
        async with self.reading():
            pass

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Yield a transaction for reading. Raises SignedOutError."""
        async with self.deps.database.reading() as tx:
            await self._still_in(tx)
            yield tx

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        """Yield a transaction for writing, and wake delivery when it is committed. Raises SignedOutError."""
        async with self.deps.database.transaction() as tx:
            await self._still_in(tx)
            yield tx
        self.deps.wake()

    async def _still_in(self, tx: Transaction) -> None:
        person = await tx.sessions.person(self.token, self.deps.clock())
        if person is None or person.must_change_password or person.as_asker() != self.asker:
            raise SignedOutError(f"person {self.person.id}")
        self.person = person

    async def act(self, step: Awaitable[Any], done: str = "") -> bool:
        """Take a step and say what came of it; return whether it was taken."""
        try:
            await step
        except SignedOutError:
            ui.navigate.to("/login?said=ended")
            return False
        except RefusedError as error:
            ui.notify(str(error), type="warning")
        except HandoffError as error:
            ui.notify(CASE_TEXTS.say(error.text_key), type="warning")
        except BroadcastError as error:
            ui.notify(f"{error.zh}。", type="warning")
        except DraftError as error:
            ui.notify(f"{error.zh}。", type="warning")
        except ChangedMeanwhileError:
            ui.notify(CASE_TEXTS.say("error.changed"), type="warning")
        except NotVisibleError:
            ui.notify(TEXTS.say("page.missing"), type="warning")
        except Exception:
            log.exception("a step at the desk failed", person_id=self.person.id)
            ui.notify(TEXTS.say("page.failed"), type="negative")
        else:
            if done:
                ui.notify(done, type="positive")
            return True
        return False


Build = Callable[[Visit, dict[str, Any]], Awaitable[None]]


def page(
    deps: DeskDeps, path: str, title: str, roles: frozenset[Role], *, patience: float = SHOWING
) -> Callable[[Build], Build]:
    """Register a page that people of these roles see. `build` gets the visit and the path's parameters.

    A page whose connection is broken for longer than `patience` seconds is loaded anew when it is back.
    """

    def register(build: Build) -> Build:
        async def shown(request: Request) -> Response | None:
            token = request.cookies.get(COOKIE, "")
            person = await signed_in(deps, token)
            if person is None:
                return RedirectResponse(f"{PREFIX}/login", 303)
            if person.must_change_password:
                return RedirectResponse(f"{PREFIX}/password", 303)
            visit = Visit(deps, token, person)
            frame.add(visit.person, path)
            if person.role not in roles:
                frame.empty(TEXTS.say("page.forbidden"))
                return None
            asked = {**request.query_params, **request.path_params}
            try:
                if any(isinstance(value, int) and value > GREATEST_NUMBER for value in asked.values()):
                    raise NotVisibleError(f"{path} of {asked}")
                await build(visit, asked)
            except (NotVisibleError, UnknownDraftError):
                frame.empty(TEXTS.say("page.missing"))
            except SignedOutError:
                return RedirectResponse(f"{PREFIX}/login?said=ended", 303)
            except RefusedError as error:
                frame.empty(str(error))
            except Exception:
                log.exception("a page of the desk could not be drawn", page=path, person_id=visit.person.id)
                frame.empty(TEXTS.say("page.failed"))
            return None

        ui.page(
            path,
            title=f"{title} · {TEXTS.say('login.title')}",
            response_timeout=10,
            reconnect_timeout=patience,
        )(shown)
        return build

    return register
