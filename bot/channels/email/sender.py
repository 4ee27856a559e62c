"""E-mail's way out: SMTP with the standard library, in a thread, one connection a message."""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email.message import EmailMessage

from bot.channels.email import limits
from bot.channels.email.letter import KeptFile, TooLargeForMailError, compose, message_id
from bot.channels.email.letter_html import InlinePicture
from bot.channels.email.settings import EmailSettings, Tls, is_address
from bot.channels.email.unsubscribing import PATH, UnsubscribeLinks
from bot.delivery.port import Invalid, Outcome, RetryLater, Sent, Unknown
from bot.pictures.picture import as_of, drawables, picture_of
from store.asker import SYSTEM
from store.database import Database
from store.errors import NotVisibleError
from store.limits import Window
from store.messages import Channel, ChartPart, DocumentPart
from store.records import Cause, OutboxItem

_LATER_SECONDS = 60.0
_SOON_SECONDS = 5.0


class EmailSender:
    """Sends mail to one address each."""

    channel = Channel.EMAIL
    repeatable = False  # the same Message-ID is shown once by many mail programs, not by all
    timeout = timedelta(seconds=60)

    def __init__(
        self,
        settings: EmailSettings,
        database: Database,
        clock: Callable[[], datetime],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._links = UnsubscribeLinks(settings.link_key)
        self._tls = tls or ssl.create_default_context()
        self._lines = asyncio.Semaphore(limits.LINES)
        self._threads = ThreadPoolExecutor(limits.LINES, "smtp")

    async def close(self) -> None:
        """Begin nothing more. Nothing is kept open between messages."""
        self._threads.shutdown(wait=False)

    def windows(self, item: OutboxItem) -> Sequence[Window]:
        """Return how fast we write to our own server."""
        return (
            Window(
                f"email:{self._settings.host}",
                limits.SERVER_MESSAGES,
                limits.SERVER_PERIOD,
                bulk_at_most=limits.SERVER_BULK_MESSAGES,
                shared=True,
            ),
        )

    async def send(self, item: OutboxItem) -> Outcome:
        """Send the whole message as one mail."""
        if not is_address(item.address) or len(item.address) > limits.ADDRESS_CHARACTERS:
            return Invalid("this is no e-mail address", address_unknown=True)
        if not item.content.parts:
            return Invalid("there is nothing to send")
        try:
            files = await self._files(item)
            pictures = await self._pictures(item)
            mail = compose(item, self._settings, files, self._unsubscribe(item), self._clock(), pictures)
        except NotVisibleError:
            return Invalid("the file is no longer kept")
        except TooLargeForMailError as error:
            return Invalid(str(error))
        return await self._on_a_line(item, mail)

    async def _on_a_line(self, item: OutboxItem, mail: EmailMessage) -> Outcome:
        """Deliver the mail in a thread of its own. A line is free again when its thread ends, whoever still waits for it."""
        try:
            async with asyncio.timeout(limits.WAIT_FOR_A_LINE_SECONDS):
                await self._lines.acquire()
        except TimeoutError:
            return RetryLater(_SOON_SECONDS, "every line to the mail server is in use")
        work = asyncio.get_running_loop().run_in_executor(self._threads, self._deliver, item, mail)
        work.add_done_callback(lambda _: self._lines.release())
        return await asyncio.shield(work)

    def _unsubscribe(self, item: OutboxItem) -> str:
        """Return the link to leave by: in broadcasts only, never in a statutory reminder."""
        if item.cause is not Cause.BROADCAST or item.person_id is None or not self._settings.public_url:
            return ""
        return f"{self._settings.public_url.rstrip('/')}{PATH}/{self._links.token(item.person_id)}"

    async def _files(self, item: OutboxItem) -> list[KeptFile]:
        files = []
        async with self._database.reading() as tx:
            for part in item.content.parts:
                if isinstance(part, DocumentPart):
                    _, data = await tx.attachments(SYSTEM).read(part.attachment_id)
                    files.append(KeptFile(part, data))
        return files

    async def _pictures(self, item: OutboxItem) -> list[InlinePicture]:
        """Return the message's charts as pictures; one that cannot be drawn stands in the mail in words."""
        pictures = []
        for number, part in enumerate(item.content.parts):
            if isinstance(part, ChartPart):
                for what in drawables(part, as_of(item.content)):
                    data = await picture_of(what)
                    if data is not None:
                        pictures.append(InlinePicture(part, f"chart-{item.id}-{number}@zhituo", data))
        return pictures

    def _deliver(self, item: OutboxItem, mail: EmailMessage) -> Outcome:
        """Run in a thread. What fails before the mail's text was sent has certainly not arrived."""
        handed_over = False
        server: smtplib.SMTP | None = None
        try:
            server = self._connected()
            _accepted(server.mail(self._settings.sender_address))
            _accepted(server.rcpt(item.address), recipient=True)
            text = mail.as_bytes()
            handed_over = True
            _accepted(server.data(text))
        except _RefusedError as error:
            return error.outcome
        except smtplib.SMTPAuthenticationError as error:
            return RetryLater(
                _LATER_SECONDS, f"an operator must act: login refused ({error.smtp_code})", hold=True
            )
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code, _words(error.smtp_error), recipient=False)
        except (smtplib.SMTPException, OSError) as error:
            reason = type(error).__name__
            return Unknown(reason) if handed_over else RetryLater(_SOON_SECONDS, reason)
        finally:
            if server is not None:
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    server.quit()
                server.close()
        return Sent(message_id(item, self._settings)[:100])

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.tls is Tls.IMPLICIT:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=limits.STEP_SECONDS, context=self._tls
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=limits.STEP_SECONDS)
        try:
            if settings.tls is Tls.STARTTLS:
                server.starttls(context=self._tls)
            server.ehlo_or_helo_if_needed()
            if settings.user:
                server.login(settings.user, settings.password)
        except BaseException:
            server.close()
            raise
        return server


class _RefusedError(Exception):
    def __init__(self, outcome: Outcome) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


def _accepted(answer: tuple[int, bytes], *, recipient: bool = False) -> None:
    code, words = answer
    if not 200 <= code < 300:
        raise _RefusedError(_refused(code, _words(words), recipient=recipient))


def _refused(code: int, words: str, *, recipient: bool) -> Outcome:
    """Return what the server's refusal means."""
    reason = f"{code} {words}"[:300]
    if code < limits.PERMANENT:
        return RetryLater(_LATER_SECONDS, reason)
    detailed = words.startswith("5.")
    nobody = (
        words.startswith(limits.NO_MAILBOX_DETAIL) if detailed else recipient and code in limits.NO_MAILBOX
    )
    return Invalid(reason, address_unknown=nobody)


def _words(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())
