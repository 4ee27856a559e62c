"""What must be known of an asset to say what falls due for it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, field_validator

from rules.deadlines.annuity import OpenLicence
from rules.deadlines.schema import RightType


class AssetKind(StrEnum):
    """The rights that a docket keeps."""

    INVENTION = "invention"
    UTILITY_MODEL = "utility_model"
    DESIGN = "design"
    TRADEMARK = "trademark"
    CUSTOMS_RECORDAL = "customs_recordal"
    IC_LAYOUT = "ic_layout"
    PLANT_VARIETY = "plant_variety"
    SOFTWARE = "software"
    COPYRIGHT = "copyright"

    @property
    def right_type(self) -> RightType | None:
        """Return the kind of patent, or None for other rights."""
        return RightType(self.value) if self.value in {right.value for right in RightType} else None

    @property
    def label(self) -> str:
        """Return the Chinese name."""
        return _TITLES[self]


_TITLES = {
    AssetKind.INVENTION: "发明专利",
    AssetKind.UTILITY_MODEL: "实用新型专利",
    AssetKind.DESIGN: "外观设计专利",
    AssetKind.TRADEMARK: "注册商标",
    AssetKind.CUSTOMS_RECORDAL: "海关备案",
    AssetKind.IC_LAYOUT: "集成电路布图设计",
    AssetKind.PLANT_VARIETY: "植物新品种",
    AssetKind.SOFTWARE: "软件著作权",
    AssetKind.COPYRIGHT: "作品著作权",
}


class AssetEvent(BaseModel):
    """A notice or act that starts a period of its own: `kind` and `inputs` as `compute` takes them."""

    model_config = ConfigDict(frozen=True)

    id: str  # stable within the asset
    kind: str
    inputs: dict[str, str]


class AssetFacts(BaseModel):
    """The known dates of one right. Unknown ones are None: nothing is assumed that would hide a deadline."""

    model_config = ConfigDict(frozen=True)

    kind: AssetKind
    ref: str = ""  # the project's own id of the asset: stable, never shown
    number: str = ""
    title: str = ""
    filing: date | None = None
    priority: date | None = None
    publication: date | None = None
    exam_request: date | None = None
    grant: date | None = None
    pending: bool = False  # an application: no annuities yet
    registration: date | None = None
    expiry: date | None = None
    approval: date | None = None  # of a customs recordal
    first_use: date | None = None
    completion: date | None = None
    reduction: int | None = None
    reduction_ends: date | None = None  # annuities due after this day are paid in full
    owners: int = Field(default=1, ge=1)
    open_licence: OpenLicence | None = None
    compensation_days: int = Field(default=0, ge=0)
    paid_through: int | None = None  # last patent year known to be paid
    classes: int = Field(default=1, ge=1, le=45)
    efile: bool = True
    active: bool = True  # False when the register says that the right has ended
    ended: date | None = None  # the day it ended, where known: nothing falls due after it
    events: tuple[AssetEvent, ...] = ()

    @field_validator("events")
    @classmethod
    def _distinct(cls, events: tuple[AssetEvent, ...]) -> tuple[AssetEvent, ...]:
        if len({event.id for event in events}) != len(events):
            raise ValueError("two events of one asset share an id")
        return events

    def reduction_on(self, due: date) -> int:
        """Return the reduction in percent that still holds for a fee due on `due`."""
        if self.reduction_ends is not None and due > self.reduction_ends:
            return 0
        return self.reduction or 0
