"""What the clock asks of the law: the obligations of an asset, and the days on which people rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from store.obligation_records import Computed
from store.records import Asset


class NotComputableError(Exception):
    """What is known of the asset does not suffice to compute anything: `field` is missing or impossible."""

    def __init__(self, asset_id: int, field: str, message: str) -> None:
        super().__init__(f"asset {asset_id}: {field}: {message}")
        self.asset_id = asset_id
        self.field = field


class Law(Protocol):
    """The published deadlines and calendar."""

    def obligations(self, asset: Asset, today: date) -> Sequence[Computed]:
        """Return what is due for the asset from now on, and what is late and can still be put right.

        Raises NotComputableError when the asset's days or details do not suffice.
        """
        ...

    def is_rest(self, day: date) -> bool:
        """Return whether people rest on that day, as far as it is known."""
        ...
