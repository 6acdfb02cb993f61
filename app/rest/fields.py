"""The value types of the interface: exact numbers, instants with an offset, days, ids and short texts."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from domain.errors import Refused
from domain.time import as_utc

_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,20})?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NO_NUMBER = PydanticCustomError("malformed", "Give a number, or a text of digits such as 0.25.")


def _exact(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    raise _NO_NUMBER


def _instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            raise ValueError
        return as_utc(datetime.fromisoformat(value))
    except (ValueError, OverflowError):
        raise PydanticCustomError("malformed", "Give a time such as 2016-07-25T10:00:00+02:00.") from None
    except Refused as refused:
        raise PydanticCustomError("naive_time", refused.findings[0].sentence) from None


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("malformed", "Give a day such as 2016-07-25.") from None


def _shortest(value: Decimal) -> str:
    """All its digits and no more: `0.4`, never `0.400000` or `4E-1`."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


Exact = Annotated[
    Decimal,
    BeforeValidator(_exact),
    PlainSerializer(_shortest, return_type=str, when_used="json"),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d{1,20}(\.\d{1,20})?$"}]}),
]
"""A number as JSON number or text of digits, read exactly; written as text."""

Instant = Annotated[datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]
"""ISO 8601 with an offset."""

Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:/ -]{1,100}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class In(BaseModel):
    """A body: strict types, no other fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Filter(BaseModel):
    """Parameters of an address; no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """An answer, made from an object with the same attributes."""

    model_config = ConfigDict(from_attributes=True, frozen=True)
