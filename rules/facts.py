"""Facts: what is known of a company, an asset or a matter, and the dictionary that says what each fact is.

A fact's value is held in the unit in which rule files write it: money in 元 (`int`, or `Decimal` when there are
角 and 分), days as `date`, sets as `frozenset`. Amounts that rules compute come out as integer 分.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from rules import coercion
from rules.errors import FactError

if TYPE_CHECKING:
    from rules.coercion import Absent

FactData = bool | int | Decimal | date | str | frozenset[str]


class FactType(StrEnum):
    """What kind of value a fact has."""

    BOOL = "bool"  # 是 or 否
    INT = "int"  # a whole number: staff, patents
    NUMBER = "number"  # a number that may have a fraction: a share, a rate
    MONEY = "money"  # an amount in 元
    DATE = "date"  # a day
    ENUM = "enum"  # exactly one of `values`
    SET = "set"  # any number of `values`, also none
    TEXT = "text"  # free words; never tested by a rule


class FactState(StrEnum):
    """How well a fact is known."""

    VALUE = "value"  # a value is known
    NOT_ASKED = "not_asked"  # nobody has asked yet
    DECLINED = "declined"  # asked; the person does not know or does not say; not asked again in this goal
    NOT_APPLICABLE = (
        "not_applicable"  # the fact does not exist here: a loan not yet repaid has no repayment day
    )


class Scope(StrEnum):
    """What a fact is a fact of."""

    COMPANY = "company"  # the same in every conversation of the company
    ASSET = "asset"  # of one patent, trademark, ...
    MATTER = "matter"  # of one loan, dispute, application


class FactDefinition(BaseModel):
    """One entry of the fact dictionary."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: str
    type: FactType
    unit: str = ""
    values: tuple[str, ...] = ()
    aliases: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """Words that state a value wherever they stand: 注册下来了."""
    answers: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """Words that mean a value only as the answer to the question: 没有, 国家."""
    called: tuple[str, ...] = ()
    """Words beside which a number in a message is this fact: 收入, 营业额."""
    ask: str
    help: str = ""
    why: str = ""
    prefill: str = ""
    cost: Decimal = Field(default=Decimal(1), gt=0)
    sensitive: bool = False
    fresh_for_days: int | None = Field(default=None, gt=0)
    absent: str = ""
    scope: Scope = Scope.COMPANY
    minimum: int | Decimal | date | None = Field(default=None, alias="min")
    maximum: int | Decimal | date | None = Field(default=None, alias="max")

    @field_validator("name")
    @classmethod
    def _name_is_one_word(cls, name: str) -> str:
        if not name.isidentifier():
            raise ValueError(f"事实名“{name}”只能由汉字、字母、数字和下划线组成，且不以数字开头")
        return name

    @field_validator("aliases", "answers", mode="before")
    @classmethod
    def _words_may_be_single(cls, raw: Any) -> Any:
        if isinstance(raw, Mapping):
            return {
                value: (words,) if isinstance(words, str) else tuple(words) for value, words in raw.items()
            }
        return raw

    @model_validator(mode="after")
    def _values_fit_type(self) -> Self:
        listed = self.type in (FactType.ENUM, FactType.SET)
        if listed and not self.values:
            raise ValueError(f"类型为{self.type.value}的事实必须列出 values")
        if self.values and not listed:
            raise ValueError(f"类型为{self.type.value}的事实不能列出 values")
        if len(set(self.values)) != len(self.values):
            raise ValueError("values 里有重复的取值")
        allowed = set(self.values) | ({"true", "false"} if self.type is FactType.BOOL else set())
        for field, words in (("aliases", self.aliases), ("answers", self.answers)):
            if stray := [value for value in words if value not in allowed]:
                raise ValueError(f"{field} 里的“{stray[0]}”不在 values 里")
        return self

    def words(self, value: str) -> tuple[str, ...]:
        """Return all words that mean a value when the question has been asked; `true` and `false` for yes and no."""
        own = () if self.type is FactType.BOOL else (value,)
        return (*own, *self.aliases.get(value, ()), *self.answers.get(value, ()))

    def coerce(self, raw: object) -> FactData | Absent:
        """Return `raw` as a value of this fact (money in 元), or `ABSENT` for the words of `absent`.

        Raises FactError with a Chinese sentence for the person who gave the value.
        """
        return coercion.coerce(self, raw)

    def format(self, value: object) -> str:
        """Return the value as people read it: `3,000,000元`, `2025年6月1日`, `是`, `发明专利、商标`."""
        return coercion.format_value(self, value)


class FactDictionary(Mapping[str, FactDefinition]):
    """All fact definitions by name, in file order."""

    def __init__(self, definitions: Iterable[FactDefinition] = ()) -> None:
        self._definitions: dict[str, FactDefinition] = {}
        for definition in definitions:
            if definition.name in self._definitions:
                raise ValueError(f"事实“{definition.name}”定义了两次")
            self._definitions[definition.name] = definition

    @classmethod
    def parse(cls, raw: Mapping[str, Mapping[str, Any]]) -> FactDictionary:
        """Return the dictionary from a mapping of name to fields. Raises pydantic's ValidationError."""
        return cls(FactDefinition.model_validate({"name": name, **fields}) for name, fields in raw.items())

    def __getitem__(self, name: str) -> FactDefinition:
        return self._definitions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._definitions)

    def __len__(self) -> int:
        return len(self._definitions)

    def __or__(self, other: FactDictionary) -> FactDictionary:
        return FactDictionary([*self.values(), *other.values()])

    def facts(self, raw: Mapping[str, object], *, source: str = "", day: date | None = None) -> Facts:
        """Return coerced facts from plain values. Raises FactError for an unknown name or a bad value."""
        known: dict[str, FactValue] = {}
        for name, value in raw.items():
            if name not in self:
                raise FactError(name, f"没有“{name}”这个事实")
            known[name] = FactValue.read(self[name], value, source=source, day=day)
        return Facts(known)


@dataclass(frozen=True, slots=True)
class FactValue:
    """One fact as known: its state, its value when there is one, who said so and when."""

    state: FactState
    value: FactData | None = None
    source: str = ""
    day: date | None = None

    @classmethod
    def read(
        cls, definition: FactDefinition, raw: object, *, source: str = "", day: date | None = None
    ) -> FactValue:
        """Return `raw` as a known or not applicable fact. Raises FactError."""
        value = definition.coerce(raw)
        if isinstance(value, coercion.Absent):
            return cls(FactState.NOT_APPLICABLE, None, source, day)
        return cls(FactState.VALUE, value, source, day)

    def is_fresh(self, definition: FactDefinition, today: date) -> bool:
        """Return whether the answer may still be used on `today` (`fresh_for_days`)."""
        if definition.fresh_for_days is None or self.day is None:
            return True
        return (today - self.day).days <= definition.fresh_for_days


NOT_ASKED = FactValue(FactState.NOT_ASKED)


class Facts(Mapping[str, FactValue]):
    """Immutable facts by name. A name that is not there reads as not asked through `state` and `value`."""

    __slots__ = ("_known",)

    def __init__(self, known: Mapping[str, FactValue] | None = None) -> None:
        self._known = dict(known or {})

    @classmethod
    def of(cls, values: Mapping[str, object] | None = None, **named: object) -> Facts:
        """Return facts from plain values already of the right type (lists and sets become frozensets)."""
        given = {**(values or {}), **named}
        return cls({name: FactValue(FactState.VALUE, coercion.plain(value)) for name, value in given.items()})

    def __getitem__(self, name: str) -> FactValue:
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def items(self) -> ItemsView[str, FactValue]:
        """Return names and facts; as a view of the dictionary itself it is much faster than the inherited one."""
        return self._known.items()

    def __repr__(self) -> str:
        return f"Facts({sorted(self._known)})"

    def known(self, name: str) -> FactValue:
        """Return what is known of the fact; `NOT_ASKED` when nothing is."""
        return self._known.get(name, NOT_ASKED)

    def state(self, name: str) -> FactState:
        """Return the fact's state."""
        return self.known(name).state

    def value(self, name: str) -> FactData | None:
        """Return the fact's value, or None when there is none."""
        return self.known(name).value

    def with_fact(self, name: str, fact: FactValue) -> Facts:
        """Return these facts with one replaced."""
        return Facts({**self._known, name: fact})

    def with_value(self, name: str, value: object, *, source: str = "", day: date | None = None) -> Facts:
        """Return these facts with a plain value set."""
        return self.with_fact(name, FactValue(FactState.VALUE, coercion.plain(value), source, day))

    def declined(self, name: str) -> Facts:
        """Return these facts with one marked as not known to the person."""
        return self.with_fact(name, FactValue(FactState.DECLINED))

    def not_applicable(self, name: str) -> Facts:
        """Return these facts with one marked as not existing here."""
        return self.with_fact(name, FactValue(FactState.NOT_APPLICABLE))

    def without(self, *names: str) -> Facts:
        """Return these facts without the named ones (they are then not asked)."""
        return Facts({name: fact for name, fact in self._known.items() if name not in names})

    def __or__(self, other: Mapping[str, FactValue]) -> Facts:
        return Facts({**self._known, **other})

    def plain_values(self) -> dict[str, FactData]:
        """Return the values of all known facts by name."""
        return {name: fact.value for name, fact in self._known.items() if fact.value is not None}
