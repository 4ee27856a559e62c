"""A neutral message as an e-mail: plain text and HTML, files attached, a calendar file as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from bot.channels.email.letter_html import InlinePicture, html_of
from bot.channels.email.limits import ATTACHMENTS_BYTES, SUBJECT_CHARACTERS
from bot.channels.email.settings import EmailSettings
from bot.channels.received_text import clean_name
from bot.channels.rendering import Emphasis, Line, lines_of, plain_text
from bot.channels.texts import TEXTS
from store.messages import DocumentPart, Outgoing
from store.records import OutboxItem


class TooLargeForMailError(Exception):
    """The files of the message are more than a mail server takes."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file to attach."""

    part: DocumentPart
    data: bytes


def message_id(item: OutboxItem, settings: EmailSettings) -> str:
    """Return the mail's own name, the same however often it is sent: many mail programs show such a mail once."""
    return f"<zhituo-{item.id}@{settings.sender_address.rpartition('@')[2]}>"


def compose(
    item: OutboxItem,
    settings: EmailSettings,
    files: Sequence[KeptFile],
    unsubscribe: str,
    now: datetime,
    pictures: Sequence[InlinePicture] = (),
) -> EmailMessage:
    """Return the mail. `unsubscribe` is the address to leave broadcasts by, empty for anything else.

    Raises TooLargeForMailError.
    """
    size = sum(len(file.data) for file in files) + sum(len(picture.data) for picture in pictures)
    if size > ATTACHMENTS_BYTES:
        raise TooLargeForMailError(f"{size} bytes of files")
    ending = _ending(item.content, settings, unsubscribe)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = settings.sender
    mail["To"] = item.address
    mail["Subject"] = subject(item.content)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(item, settings)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notice answers it
    if unsubscribe:
        mail["List-Unsubscribe"] = f"<{unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    mail.set_content(plain_text([*lines_of(item.content), *ending]) + "\n", cte="base64")
    mail.add_alternative(html_of(item.content, ending, pictures), subtype="html", cte="base64")
    in_html = mail.get_body(("html",))
    for picture in pictures:
        if in_html is not None:
            in_html.add_related(
                picture.data, "image", "png", cid=f"<{picture.content_id}>", disposition="inline"
            )
    for file in files:
        _attach(mail, file)
    return mail


def subject(content: Outgoing) -> str:
    """Return the first line that says something, on one line and as short as a phone shows it."""
    for line in lines_of(content):
        text = clean_name(line.text)
        if text:
            return text if len(text) <= SUBJECT_CHARACTERS else text[: SUBJECT_CHARACTERS - 1] + "…"
    return TEXTS.say("email.subject")


def _ending(content: Outgoing, settings: EmailSettings, unsubscribe: str) -> list[Line]:
    """Return what stands below: how to answer, because nobody reads what is sent back, and how to leave."""
    lines = [Line("")]
    if content.choices:
        choices = "、".join(choice.text for choice in content.choices)
        lines.append(Line(TEXTS.say("email.choose", choices=choices)))
    where = "email.where" if settings.public_url else "email.where_without_address"
    lines.append(Line(TEXTS.say(where, url=settings.public_url), Emphasis.FOLDED))
    if unsubscribe:
        lines.append(Line(TEXTS.say("email.unsubscribe", url=unsubscribe), Emphasis.FOLDED))
    return lines


def _attach(mail: EmailMessage, file: KeptFile) -> None:
    main, _, sub = file.part.media_type.partition("/")
    if not sub or not (main + sub).isascii() or main in ("multipart", "message"):
        main, sub = "application", "octet-stream"
    name = clean_name(file.part.filename) or "file"
    if (main, sub) == ("text", "calendar"):
        # RFC 5545 and RFC 6047: PUBLISH is a calendar to be looked at, not an invitation to answer.
        parameters = {"method": "PUBLISH", "charset": "UTF-8"}
        mail.add_attachment(file.data, main, sub, filename=name, params=parameters)
        return
    mail.add_attachment(file.data, main, sub, filename=name)
