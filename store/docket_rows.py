"""What is kept of a company's rights as rows of its docket: for the calendar, the feed and the spreadsheet."""

from __future__ import annotations

from rules.deadlines.assets import AssetFacts, AssetKind
from rules.deadlines.docket_out import DocketRow
from rules.deadlines.obligations import Obligation
from store.asker import Asker
from store.obligation_records import citations_of, details_of
from store.records import Asset, StoredObligation
from store.transaction import Transaction


async def open_docket(tx: Transaction, asker: Asker, company_id: int) -> list[DocketRow]:
    """Return the company's open obligations with their rights, by safe day; none that the asker may not see."""
    assets = {asset.id: asset for asset in await tx.assets(asker).of(company_id)}
    due = await tx.obligations(asker).of_company(company_id)
    return [_row(assets[one.asset_id], one) for one in due if one.asset_id in assets]


def _row(asset: Asset, kept: StoredObligation) -> DocketRow:
    """Return the days as they are kept and reminded of, not computed once more: one docket, in two places."""
    details = details_of(kept)
    facts = AssetFacts(
        kind=AssetKind(asset.right_type), ref=str(asset.id), number=asset.number, title=asset.name
    )
    made = Obligation(
        kind=kept.kind,
        key=kept.key,
        title_zh=kept.title,
        nominal=kept.nominal,
        legal=kept.legal,
        safe=kept.safe,
        grace_end=kept.grace_end,
        amount=kept.amount_fen,
        missed=details.missed,
        restore_hint=details.remedy,
        optional=details.optional,
        citations=citations_of(kept),
        provisional=kept.provisional,
        doubts=details.doubts,
    )
    return DocketRow(facts, made)
