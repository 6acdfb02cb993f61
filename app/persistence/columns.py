"""Column specs: how a field of an entity is stored, portable on SQLite (STRICT tables) and PostgreSQL.

Power is whole watts, money whole cents, instants microseconds since 1970 in UTC, days ISO text, enumerations
text with a check, series JSON lists of integers. A value that would not come back the same is refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import REAL, BigInteger, CheckConstraint, Column, Double, ForeignKey, Integer, LargeBinary, Text
from sqlalchemy.types import TypeEngine

from domain.errors import refuse
from domain.time import as_utc

WHOLE: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
NUMBER: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_MAX_WHOLE = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One field: its column, the translation and its inverse. `findable`: `find` may ask for equal values;
    `large`: `find_bare` leaves it out."""

    field: str
    column: str
    type: TypeEngine[Any]
    to_db: Callable[[Any], Any]
    from_db: Callable[[Any], Any]
    nullable: bool = False
    references: str | None = None
    primary: bool = False
    check: str | None = None
    findable: bool = True
    large: bool = False

    def made(self) -> list[Column[Any] | CheckConstraint]:
        """The column, and its check if it has one."""
        links = [ForeignKey(self.references)] if self.references else []
        column: Column[Any] = Column(
            self.column,
            self.type,
            *links,
            primary_key=self.primary,
            nullable=self.nullable,
            autoincrement=False if self.primary else "auto",
        )
        return [column, CheckConstraint(self.check, name=self.column)] if self.check else [column]

    def store(self, value: Any) -> Any:
        """The value for the database. Raises `Refused` when it cannot be kept exactly."""
        if value is None and self.nullable:
            return None
        return self.to_db(value)

    def load(self, value: Any) -> Any:
        return None if value is None and self.nullable else self.from_db(value)


def text(field: str, *, nullable: bool = False, references: str | None = None, primary: bool = False) -> Spec:
    return Spec(
        field=field,
        column=field,
        type=Text(),
        to_db=lambda value: _text(value, field),
        from_db=str,
        nullable=nullable,
        references=references,
        primary=primary,
    )


def key(field: str = "id", *, references: str | None = None) -> Spec:
    return text(field, references=references, primary=True)


def enum(field: str, kind: type[StrEnum], *, nullable: bool = False) -> Spec:
    allowed = ", ".join(f"'{member.value}'" for member in kind)
    return Spec(
        field=field,
        column=field,
        type=Text(),
        to_db=lambda value: kind(value).value,
        from_db=kind,
        nullable=nullable,
        check=f"{field} IN ({allowed})",
    )


def flag(field: str) -> Spec:
    return Spec(
        field=field,
        column=field,
        type=WHOLE,
        to_db=lambda value: _flag(value, field),
        from_db=bool,
        check=f"{field} IN (0, 1)",
    )


def count(field: str) -> Spec:
    """A whole number that is not negative."""
    return Spec(field=field, column=field, type=WHOLE, to_db=int, from_db=int, check=f"{field} >= 0")


def number(field: str, low: float, high: float, *, nullable: bool = False) -> Spec:
    """A finite float within bounds; the check keeps NaN out on both databases."""
    return Spec(
        field=field,
        column=field,
        type=NUMBER,
        to_db=lambda value: _number(value, field, low, high),
        from_db=float,
        nullable=nullable,
        check=f"{field} >= {low} AND {field} <= {high}",
    )


def blob(field: str) -> Spec:
    return Spec(
        field=field, column=field, type=LargeBinary(), to_db=bytes, from_db=bytes, findable=False, large=True
    )


def instant(field: str, *, nullable: bool = False) -> Spec:
    return Spec(
        field=field,
        column=f"{field}_us",
        type=WHOLE,
        to_db=lambda value: to_microseconds(value, field),
        from_db=from_microseconds,
        nullable=nullable,
    )


def day(field: str) -> Spec:
    return Spec(
        field=field,
        column=field,
        type=Text(),
        to_db=lambda value: date.isoformat(value),
        from_db=date.fromisoformat,
        check=f"length({field}) = 10",
    )


@dataclass(frozen=True, kw_only=True)
class Unit:
    """An exact unit: a field ending in `suffix` is stored as whole `10**-places` of it under `stored`."""

    suffix: str
    stored: str
    places: int

    def column(self, field: str) -> str:
        if not field.endswith(self.suffix):
            raise ValueError(f"{field} does not end in {self.suffix}")
        return field.removesuffix(self.suffix) + self.stored


MW = Unit(suffix="_mw", stored="_w", places=6)
MVA = Unit(suffix="_mva", stored="_va", places=6)
SHARE = Unit(suffix="_share", stored="_share_ppm", places=6)
EUR = Unit(suffix="_eur", stored="_cents", places=2)
EUR_PER_MWH = Unit(suffix="_eur_per_mwh", stored="_cents_per_mwh", places=2)


def exact(field: str, unit: Unit, *, nullable: bool = False) -> Spec:
    """A Decimal as a whole number of its unit's smallest part."""
    return Spec(
        field=field,
        column=unit.column(field),
        type=WHOLE,
        to_db=lambda value: to_whole(value, unit.places, field),
        from_db=lambda value: from_whole(value, unit.places),
        nullable=nullable,
    )


def series(field: str, unit: Unit) -> Spec:
    """A tuple of Decimals as a JSON list of integers."""
    return structure(
        field,
        unit.column(field),
        to_data=lambda values: wholes(values, unit, field),
        from_data=lambda values: decimals(values, unit),
    )


def structure(field: str, column: str, *, to_data: Callable[[Any], Any], from_data: Callable[[Any], Any]) -> Spec:
    """Anything else as JSON text."""
    return Spec(
        field=field,
        column=column,
        type=Text(),
        to_db=lambda value: json.dumps(to_data(value), separators=(",", ":"), allow_nan=False),
        from_db=lambda value: from_data(json.loads(value)),
        findable=False,
    )


def wholes(values: tuple[Decimal, ...], unit: Unit, field: str) -> list[int]:
    return [to_whole(value, unit.places, f"{field}[{step}]") for step, value in enumerate(values)]


def decimals(values: list[int], unit: Unit) -> tuple[Decimal, ...]:
    return tuple(from_whole(value, unit.places) for value in values)


def to_whole(value: Decimal, places: int, field: str) -> int:
    """The value as a whole number of `10**-places`.

    Raises:
        Refused: `not_finite`, `too_many_decimals`, `out_of_range` (beyond 64 bits).
    """
    if not value.is_finite():
        raise refuse("not_finite", field, f"{value} is no finite number.")
    if value.adjusted() > 18:
        raise refuse("out_of_range", field, "The number is too large to be kept.")
    whole = int(value.scaleb(places))
    if from_whole(whole, places) != value:
        raise refuse("too_many_decimals", field, f"{value} has more than {places} decimals.")
    if abs(whole) > _MAX_WHOLE:
        raise refuse("out_of_range", field, "The number is too large to be kept.")
    return whole


def from_whole(whole: int, places: int) -> Decimal:
    return Decimal(whole).scaleb(-places)


def to_microseconds(value: datetime, field: str) -> int:
    return (as_utc(value, field) - EPOCH) // MICROSECOND


def from_microseconds(value: int) -> datetime:
    return EPOCH + value * MICROSECOND


def _text(value: Any, field: str) -> str:
    """Text that both databases can keep: no NUL, no half of a surrogate pair."""
    said = str(value)
    if "\x00" in said or any("\ud800" <= char <= "\udfff" for char in said):
        raise refuse("malformed", field, "The text holds a character that cannot be stored.")
    return said


def _flag(value: Any, field: str) -> int:
    if type(value) is not bool:
        raise TypeError(f"{field}: {value!r} is not of type bool")
    return int(value)


def _number(value: float, field: str, low: float, high: float) -> float:
    if not math.isfinite(value):
        raise refuse("not_finite", field, f"{value} is no finite number.")
    if not low <= value <= high:
        raise refuse("out_of_range", field, f"{value} is not between {low} and {high}.")
    return float(value)
