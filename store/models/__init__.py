"""The tables. Nothing outside `store` imports these classes: repositories return the values of `store.records`."""

from store.models.base import Base
from store.models.channels import (
    BindingCodeRow,
    CampaignRow,
    CampaignVisitRow,
    CursorRow,
    InviteRow,
    WindowCallRow,
)
from store.models.groups import AgencyCodeRow, AgencyGroupRow, CaseTopicRow
from store.models.people import AddressRow, ApiKeyRow, CompanyRow, ConflictRow, FeedRow, PersonRow, SessionRow
from store.models.rights import AssetRow, FactRow, ObligationEventRow, ObligationRow, ReminderRow
from store.models.traffic import (
    AnswerRow,
    AttachmentRow,
    ConversationRow,
    HoldRow,
    InboxRow,
    LeaseRow,
    OutboxRow,
    SentAgainRow,
    SentRow,
    UnclearMessageRow,
)
from store.models.work import BroadcastRecipientRow, BroadcastRow, CaseEventRow, CaseRow, ContactTaskRow

__all__ = [
    "AddressRow",
    "AgencyCodeRow",
    "AgencyGroupRow",
    "AnswerRow",
    "ApiKeyRow",
    "AssetRow",
    "AttachmentRow",
    "Base",
    "BindingCodeRow",
    "BroadcastRecipientRow",
    "BroadcastRow",
    "CampaignRow",
    "CampaignVisitRow",
    "CaseEventRow",
    "CaseRow",
    "CaseTopicRow",
    "CompanyRow",
    "ConflictRow",
    "ContactTaskRow",
    "ConversationRow",
    "CursorRow",
    "FactRow",
    "FeedRow",
    "HoldRow",
    "InboxRow",
    "InviteRow",
    "LeaseRow",
    "ObligationEventRow",
    "ObligationRow",
    "OutboxRow",
    "PersonRow",
    "ReminderRow",
    "SentAgainRow",
    "SentRow",
    "SessionRow",
    "UnclearMessageRow",
    "WindowCallRow",
]
