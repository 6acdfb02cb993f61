"""From a file to the store: read without a transaction, then stored in one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar, cast

from app.platform.values import documents
from app.platform.values.batch import sealed
from app.platform.values.lines import BadLine, Uploaded
from app.platform.values.reading import Format, Known, read
from app.queries.models.base import Query
from app.queries.models.platform import ListKnownPods
from domain.commands import Command
from domain.commands.platform import StoreValues

A = TypeVar("A")


class Doorway(Protocol):
    """The desk as one principal sees it."""

    def execute(self, command: Command) -> object: ...
    def query(self, query: Query[A]) -> A: ...


@dataclass(frozen=True, kw_only=True)
class UploadedValues:
    """`n_values` read; of days of points of delivery `n_stored` new or changed, `n_same` there already; `n_bad`
    lines left out; `n_gaps` values left out in lines, the first hundred of which are `lines_with_gaps`."""

    n_values: int
    n_stored: int
    n_same: int
    n_bad: int
    n_gaps: int
    bad: tuple[BadLine, ...]
    lines_with_gaps: tuple[int, ...]


def upload(
    desk: Doorway, chunks: Iterable[bytes], form: Format, *, good_only: bool = False, correct: bool = False
) -> UploadedValues:
    """Raises `Refused`: every bad line with its number, unless the good ones are asked for; see `reading.read`."""
    known = desk.query(ListKnownPods())
    against = Known(countries=known.countries, market=known.market)
    found = documents.read(chunks, against) if form is Format.XML else read(chunks, form, against)
    if not good_only:
        found.bad.refuse()
    stored = Uploaded(n_stored=0, n_same=0, n_bad=0)
    if found.n_values:
        command = StoreValues(batch=sealed(found.batch), good_only=good_only, correct=correct)
        stored = cast(Uploaded, desk.execute(command))
    return UploadedValues(
        n_values=found.n_values,
        n_stored=stored.n_stored,
        n_same=stored.n_same,
        n_bad=found.bad.count + stored.n_bad,
        n_gaps=found.n_gaps,
        bad=tuple(sorted((*found.bad.sorted(), *stored.bad), key=lambda bad: bad.line)),
        lines_with_gaps=tuple(found.gaps),
    )
