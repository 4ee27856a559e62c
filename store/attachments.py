"""Files that people sent or that we made."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, false, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from store.asker import Asker, Role, may_see_company
from store.errors import NotVisibleError, TooLargeError
from store.models import AttachmentRow, PersonRow
from store.records import GREATEST_NUMBER, Attachment

MAX_BYTES = 10 * 1024 * 1024


class Attachments:
    """The files that one asker may see: their own, and those of people whose company they may see."""

    def __init__(self, session: AsyncSession, asker: Asker) -> None:
        self._session = session
        self._asker = asker

    def _visible(self) -> ColumnElement[bool]:
        if self._asker.role is Role.SYSTEM:
            return true()
        if self._asker.person_id is None:
            return false()
        seen = select(PersonRow.id).where(
            PersonRow.company_id.is_not(None),
            may_see_company(self._asker, PersonRow.company_id),  # type: ignore[arg-type]
        )
        return (AttachmentRow.person_id == self._asker.person_id) | AttachmentRow.person_id.in_(seen)

    async def keep(
        self, data: bytes, filename: str, media_type: str, person_id: int | None, now: datetime
    ) -> Attachment:
        """Return the kept file. Raises TooLargeError above `MAX_BYTES`."""
        if len(data) > MAX_BYTES:
            raise TooLargeError(f"{len(data)} bytes, at most {MAX_BYTES}")
        row = AttachmentRow(
            person_id=person_id,
            sha256=hashlib.sha256(data).hexdigest(),
            filename=_without_folders(filename)[:200],
            media_type=media_type[:100],
            size=len(data),
            data=data,
            created_at=now,
        )
        self._session.add(row)
        await self._session.flush()
        return Attachment.model_validate(row)

    async def about(self, attachment_id: int) -> Attachment:
        """Return the file without its bytes. Raises NotVisibleError when the asker may not see it."""
        row = await self._session.scalar(
            select(AttachmentRow)
            .where(AttachmentRow.id == attachment_id, self._visible())
            .options(defer(AttachmentRow.data))
        )
        if row is None:
            raise NotVisibleError(f"attachment {attachment_id}")
        return Attachment.model_validate(row)

    async def seen_among(self, numbers: Iterable[int]) -> dict[int, Attachment]:
        """Return those of these files that the asker may see, without their bytes."""
        rows = await self._session.scalars(
            select(AttachmentRow)
            .where(AttachmentRow.id.in_(set(numbers)), self._visible())
            .options(defer(AttachmentRow.data))
        )
        return {row.id: Attachment.model_validate(row) for row in rows}

    async def hand_to(self, attachment_id: int, person_id: int) -> None:
        """Let the file be the person's, so that they may open it wherever they read."""
        await self._session.execute(
            update(AttachmentRow)
            .where(AttachmentRow.id == attachment_id, self._visible())
            .values(person_id=person_id)
            .execution_options(synchronize_session=False)
        )

    async def read(self, attachment_id: int) -> tuple[Attachment, bytes]:
        """Return the file and its bytes. Raises NotVisibleError when the asker may not see it."""
        row = None
        if attachment_id <= GREATEST_NUMBER:
            row = await self._session.scalar(
                select(AttachmentRow).where(AttachmentRow.id == attachment_id, self._visible())
            )
        if row is None:
            raise NotVisibleError(f"attachment {attachment_id}")
        return Attachment.model_validate(row), row.data


def _without_folders(filename: str) -> str:
    """Return the last part of a name: whoever saves the file puts it where they choose, not where a sender says."""
    return re.split(r"[/\\]", filename)[-1].strip() or "文件"
