"""Commands and events as JSON text and back, exactly: nothing is guessed, nothing is dropped.

The shape follows the dataclasses' own type hints. Decimals are strings, instants ISO 8601 in UTC, bytes
base64, tuples lists. Decoding is strict: a missing, unknown or repeated field and a value of another type
are refused with the place (`lines[0].quantity_mw[3]`) as the field.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, NamedTuple, NewType, Union, get_args, get_origin, get_type_hints

from domain.commands import Command
from domain.errors import Finding, raise_if, refuse
from domain.events import Event
from domain.time import as_utc

Convert = Callable[[Any, str], Any]
"""(value, place) -> value."""


class Pair(NamedTuple):
    """A translation beside its inverse."""

    to_data: Convert
    from_data: Convert


def encode(message: object) -> str:
    """A dataclass instance as canonical JSON text (ASCII, sorted keys, no spaces).

    Raises:
        Refused: `not_finite` for NaN and infinities, `naive_time` for an instant without an offset.
        TypeError: a value is not of its field's type.
    """
    return dumps(to_data(message))


def decode(cls_name: str, text: str) -> Any:
    """The command or event of that class name.

    Raises:
        Refused: `malformed`, `missing`, `unknown_field`, `not_finite`, `naive_time`.
        KeyError: no command or event has that name.
    """
    kind: Any = messages()[cls_name]
    return _pair(kind).from_data(loads(text), "")


def to_data(message: object) -> dict[str, Any]:
    """A dataclass instance as what `json` can write."""
    kind: Any = type(message)
    data: dict[str, Any] = _pair(kind).to_data(message, "")
    return data


def from_data(kind: Any, data: Any) -> Any:
    """The dataclass instance that `to_data` took apart. Raises `Refused` as `decode` does."""
    return _pair(kind).from_data(data, "")


def dumps(data: object) -> str:
    return json.dumps(data, allow_nan=False, separators=(",", ":"), sort_keys=True)


def loads(text: str) -> Any:
    """JSON text read strictly: no repeated keys, no NaN."""
    try:
        return json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise refuse("malformed", "", f"This is no JSON text: {error}.") from error


def messages() -> dict[str, type[Any]]:
    """Every command and event class by its name."""
    found = [*_leaves(Command), *_leaves(Event)]
    return {kind.__name__: kind for kind in found}


def _leaves(base: type[Any]) -> Iterator[type[Any]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _leaves(kind)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return read


def _no_constant(name: str) -> Any:
    raise refuse("not_finite", "", f"{name} is no finite number.")


def _exactly(kind: type[Any]) -> Convert:
    """A check that a value is of that very type (bool is no int, datetime no date)."""

    def check(value: Any, place: str) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{place}: {value!r} is not of type {kind.__name__}")
        return value

    return check


def _json_type(kind: type[Any], what: str) -> Convert:
    def check(value: Any, place: str) -> Any:
        if type(value) is not kind:
            raise refuse("malformed", place, f"{what} is expected here.")
        return value

    return check


_text = _json_type(str, "A text")


def _finite(value: float, place: str) -> float:
    if not math.isfinite(value):
        raise refuse("not_finite", place, f"{value} is no finite number.")
    return value


def _float_to(value: Any, place: str) -> float:
    if type(value) not in (float, int):
        raise TypeError(f"{place}: {value!r} is not of type float")
    return _finite(float(value), place)


def _float_from(value: Any, place: str) -> float:
    if type(value) not in (float, int):
        raise refuse("malformed", place, "A number is expected here.")
    try:
        return _finite(float(value), place)
    except OverflowError as error:
        raise refuse("not_finite", place, "The number is too large.") from error


def _decimal_to(value: Any, place: str) -> str:
    if type(value) is not Decimal:
        raise TypeError(f"{place}: {value!r} is not of type Decimal")
    if not value.is_finite():
        raise refuse("not_finite", place, f"{value} is no finite number.")
    return str(value)


def _decimal_from(value: Any, place: str) -> Decimal:
    try:
        number = Decimal(_text(value, place))
    except InvalidOperation as error:
        raise refuse("malformed", place, "A decimal number as text is expected here.") from error
    if not number.is_finite():
        raise refuse("not_finite", place, f"{number} is no finite number.")
    return number


def _instant_to(value: Any, place: str) -> str:
    return as_utc(_exactly(datetime)(value, place), place).isoformat()


def _instant_from(value: Any, place: str) -> datetime:
    try:
        instant = datetime.fromisoformat(_text(value, place))
    except ValueError as error:
        raise refuse(
            "malformed", place, "An instant such as 2016-07-25T10:00:00+00:00 is expected here."
        ) from error
    return as_utc(instant, place)


def _date_from(value: Any, place: str) -> date:
    try:
        return date.fromisoformat(_text(value, place))
    except ValueError as error:
        raise refuse("malformed", place, "A day such as 2016-07-25 is expected here.") from error


def _bytes_from(value: Any, place: str) -> bytes:
    try:
        return base64.b64decode(_text(value, place), validate=True)
    except (binascii.Error, ValueError) as error:
        raise refuse("malformed", place, "Base64 text is expected here.") from error


_SCALARS: dict[Any, Pair] = {
    str: Pair(_exactly(str), _text),
    bool: Pair(_exactly(bool), _json_type(bool, "True or false")),
    int: Pair(_exactly(int), _json_type(int, "A whole number")),
    float: Pair(_float_to, _float_from),
    Decimal: Pair(_decimal_to, _decimal_from),
    datetime: Pair(_instant_to, _instant_from),
    date: Pair(lambda v, at: _exactly(date)(v, at).isoformat(), _date_from),
    bytes: Pair(lambda v, at: base64.b64encode(_exactly(bytes)(v, at)).decode(), _bytes_from),
}


@cache
def _pair(hint: Any) -> Pair:
    """The translation for a type hint.

    Raises:
        TypeError: the hint is of a sort no message uses.
    """
    if hint in _SCALARS:
        return _SCALARS[hint]
    if isinstance(hint, NewType):
        return _pair(hint.__supertype__)
    if get_origin(hint) is tuple:
        return _tuple(_pair(get_args(hint)[0]))
    if get_origin(hint) in (Union, UnionType):
        (inner,) = (arg for arg in get_args(hint) if arg is not NoneType)
        return _optional(_pair(inner))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enum(hint)
    if dataclasses.is_dataclass(hint):
        return _record(hint)
    raise TypeError(f"no translation for {hint!r}")


def _tuple(item: Pair) -> Pair:
    def to(values: Any, place: str) -> list[Any]:
        return [item.to_data(v, f"{place}[{i}]") for i, v in enumerate(_exactly(tuple)(values, place))]

    def back(values: Any, place: str) -> tuple[Any, ...]:
        listed = _json_type(list, "A list")(values, place)
        return tuple(item.from_data(v, f"{place}[{i}]") for i, v in enumerate(listed))

    return Pair(to, back)


def _optional(inner: Pair) -> Pair:
    return Pair(
        lambda value, place: None if value is None else inner.to_data(value, place),
        lambda value, place: None if value is None else inner.from_data(value, place),
    )


def _enum(kind: type[Enum]) -> Pair:
    def back(value: Any, place: str) -> Enum:
        try:
            return kind(_text(value, place))
        except ValueError as error:
            known = ", ".join(str(member.value) for member in kind)
            raise refuse("malformed", place, f"One of {known} is expected here.") from error

    return Pair(lambda value, place: _exactly(kind)(value, place).value, back)


def _record(kind: Any) -> Pair:
    """A dataclass as an object with exactly its fields."""

    @cache
    def pairs() -> dict[str, Pair]:
        hints = get_type_hints(kind)
        return {field.name: _pair(hints[field.name]) for field in dataclasses.fields(kind)}

    def to(value: Any, place: str) -> dict[str, Any]:
        _exactly(kind)(value, place)
        return {name: pair.to_data(getattr(value, name), _in(place, name)) for name, pair in pairs().items()}

    def back(value: Any, place: str) -> Any:
        read = _json_type(dict, "An object")(value, place)
        raise_if(_misfits(kind.__name__, pairs(), read, place))
        return kind(**{name: pair.from_data(read[name], _in(place, name)) for name, pair in pairs().items()})

    return Pair(to, back)


def _misfits(kind: str, known: Mapping[str, object], read: Mapping[str, object], place: str) -> Iterator[Finding]:
    """Fields that are too many, then fields that are not there."""
    for name in read:
        if name not in known:
            yield Finding(code="unknown_field", field=_in(place, name), sentence=f"{kind} has no such field.")
    for name in known:
        if name not in read:
            yield Finding(code="missing", field=_in(place, name), sentence="This field is needed.")


def _in(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
