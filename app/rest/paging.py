"""Lists by the page: `limit`, `cursor`, `sort` and `with_total` of an address, `next` and Link of the answer.

A cursor holds the place of the last row of its page, not a number of rows, so that rows which come or go meanwhile
neither repeat others nor hide them. Lists in an order of their own (a rank, a network's buses) are counted off.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from fastapi import Depends, Request, Response
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.queries.models import Part
from app.rest.schemas import Page, Paging
from domain.errors import refuse
from domain.paging import Order, Slice
from domain.texts import storable

R = TypeVar("R")
Out = TypeVar("Out", bound=BaseModel)
_MOST_COUNTED = 10**9


@dataclass(frozen=True)
class Listing(Generic[Out]):
    """How the rows of a list are ordered.

    order : fields of `out`, `-` before one that falls; together they make every row's place its own. Empty: the
        order in which the query answers.
    by : by which other fields it may be sorted
    """

    out: type[Out]
    order: str = ""
    by: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """By which fields it may be sorted."""
        own = (field for field, _ in _order(self.order))
        return tuple(dict.fromkeys((*own, *self.by)))

    def sorted_by(self, sort: str | None) -> Order:
        """The order asked for, completed so that it is the same each time.

        Raises:
            Refused: `unknown_field` for a field that the list is not sorted by, `duplicate` for one named twice.
        """
        asked = _order(sort or "")
        names = [field for field, _ in asked]
        if unknown := [name for name in names if name not in self.fields]:
            offered = ", ".join(self.fields) or "no field"
            raise refuse("unknown_field", "sort", f"{unknown[0]} is not sorted by here; there is {offered}.")
        if len(set(names)) < len(names):
            raise refuse("malformed", "sort", "A field is named twice.")
        return (*asked, *(part for part in _order(self.order) if part[0] not in names))

    @cached_property
    def _types(self) -> dict[str, TypeAdapter[Any]]:
        fields = self.out.model_fields
        annotated: dict[str, Any] = {
            name: Annotated[fields[name].annotation, fields[name]] for name in self.fields
        }
        return {name: TypeAdapter(kind) for name, kind in annotated.items()}

    def written(self, place: Sequence[Any], order: Order) -> list[Any]:
        marks = zip(place, order, strict=True)
        return [self._types[field].dump_python(value, mode="json") for value, (field, _) in marks]

    def read(self, place: Any, order: Order) -> tuple[Any, ...]:
        """Inverse of `written`. Raises `Refused` (`malformed`) for anything else."""
        try:
            marks = zip(place, order, strict=True)
            types = ((self._types[field], _plain(value)) for value, (field, _) in marks)
            return tuple(kind.validate_python(value, strict=True) for kind, value in types)
        except (ValidationError, ValueError, TypeError):
            raise _no_cursor() from None


def _order(text: str) -> Order:
    return tuple((field.lstrip("-"), field.startswith("-")) for field in text.split(",") if field)


def _plain(value: Any) -> Any:
    """What JSON holds and a database can compare. Raises ValueError."""
    if isinstance(value, str) and not storable(value):
        raise ValueError
    if isinstance(value, int | float) and not abs(value) <= _MOST_COUNTED:
        raise ValueError
    return value


def _no_cursor() -> Exception:
    return refuse("malformed", "cursor", "Give a cursor as `next` of the page before, with the same sort.")


@dataclass(frozen=True)
class Pager:
    """A request for a page, and its answer's headers."""

    request: Request
    response: Response

    def part(self, listing: Listing[Out], where: Paging) -> Slice:
        """What to ask of the database: one row more than the page has, to know whether there is a next one."""
        order = listing.sorted_by(where.sort)
        after = None if where.cursor is None else listing.read(_place(where), order)
        return Slice(order=order, limit=where.limit + 1, after=after, counted=where.with_total)

    def cut(
        self, listing: Listing[Out], where: Paging, rows: tuple[R, ...], make: Callable[[R], Out]
    ) -> Page[Out]:
        """The page of what the database gave for `part`."""
        made = [make(row) for row in rows[: where.limit]]
        more = len(rows) > where.limit
        total = rows.total if isinstance(rows, Part) else None
        return self._page(made, self._mark(listing, where, made) if more else None, total)

    def page(
        self, listing: Listing[Out], where: Paging, rows: tuple[R, ...], make: Callable[[R], Out]
    ) -> Page[Out]:
        """A page of rows that are all there."""
        if not listing.order:
            return self._counted_off(listing, where, rows, make)
        order = listing.sorted_by(where.sort)
        after = None if where.cursor is None else listing.read(_place(where), order)
        made = [(_values(row, order), row) for row in map(make, rows)]
        for index, (_, falls) in reversed(list(enumerate(order))):
            made.sort(key=partial(_nth, index), reverse=falls)
        rest = [row for place, row in made if after is None or _behind(place, after, order)]
        shown = rest[: where.limit]
        mark = self._mark(listing, where, shown) if len(rest) > len(shown) else None
        return self._page(shown, mark, len(made) if where.with_total else None)

    def _counted_off(
        self, listing: Listing[Out], where: Paging, rows: tuple[R, ...], make: Callable[[R], Out]
    ) -> Page[Out]:
        listing.sorted_by(where.sort)
        first = 0 if where.cursor is None else _place(where)
        if type(first) is not int or not 0 <= first <= _MOST_COUNTED:
            raise _no_cursor()
        last = first + where.limit
        mark = _cursor(where, last) if last < len(rows) else None
        return self._page([make(row) for row in rows[first:last]], mark, len(rows) if where.with_total else None)

    def _mark(self, listing: Listing[Out], where: Paging, shown: Sequence[Out]) -> str:
        order = listing.sorted_by(where.sort)
        return _cursor(where, listing.written(_values(shown[-1], order), order))

    def _page(self, items: Iterable[Out], mark: str | None, total: int | None) -> Page[Out]:
        if mark is not None:
            kept = [(name, value) for name, value in self.request.query_params.multi_items() if name != "cursor"]
            address = f"{quote(self.request.url.path)}?{urlencode([*kept, ('cursor', mark)])}"
            self.response.headers["Link"] = f'<{address}>; rel="next"'
        return Page(items=list(items), next=mark, total=total)


def _cursor(where: Paging, place: Any) -> str:
    text = json.dumps([where.sort or "", place], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(where: Paging) -> Any:
    """The place in a cursor. Raises `Refused` (`malformed`) when it is none of ours, or of another order."""
    text = where.cursor or ""
    try:
        sort, place = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError, RecursionError):
        raise _no_cursor() from None
    if sort != (where.sort or ""):
        raise _no_cursor()
    return place


def _values(row: object, order: Order) -> tuple[Any, ...]:
    return tuple(getattr(row, field) for field, _ in order)


def _nth(index: int, placed: tuple[tuple[Any, ...], object]) -> tuple[bool, Any]:
    return _key(placed[0][index])


def _key(value: Any) -> tuple[bool, Any]:
    """What is not known comes last."""
    return (value is None, 0 if value is None else value)


def _behind(place: Sequence[Any], mark: Sequence[Any], order: Order) -> bool:
    for value, other, (_, falls) in zip(place, mark, order, strict=True):
        if value != other:
            return (_key(value) > _key(other)) is not falls
    return False


def only(rows: tuple[R, ...], field: str, is_meant: Callable[[R], bool]) -> R:
    """The row that is meant by an address. Raises `Refused`: `not_found`."""
    for row in rows:
        if is_meant(row):
            return row
    raise refuse("not_found", field, "There is no such thing, or it is not yours to see.")


def _pager(request: Request, response: Response) -> Pager:
    return Pager(request=request, response=response)


FromPager = Annotated[Pager, Depends(_pager)]
