"""Series as files: the CSV that is uploaded, and market documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from app.platform.values import documents
from app.platform.values.documents import DocumentSeries
from app.platform.values.reading import HEAD
from app.queries.models.platform import ConsentedValues
from domain.platform.deliveries import ReceivedSeries
from domain.platform.series import PodSeries
from domain.texts import csv_safe


def of_pods(series: Iterable[PodSeries], end: datetime) -> Iterator[DocumentSeries]:
    for one in series:
        yield DocumentSeries(
            name=one.pod_id,
            quantity=one.quantity,
            time_step=one.time_step,
            start=one.starts[0],
            end=end,
            values=one.values,
        )


def of_received(series: Iterable[ReceivedSeries]) -> Iterator[DocumentSeries]:
    for one in series:
        yield DocumentSeries(
            name=one.name,
            quantity=one.quantity,
            time_step=one.time_step,
            start=one.starts[0],
            end=one.period_end,
            values=one.values,
        )


def of_consented(found: ConsentedValues) -> Iterator[DocumentSeries]:
    for one in found.series:
        yield DocumentSeries(
            name=one.name,
            quantity=found.quantity,
            time_step=found.time_step,
            start=one.starts[0],
            end=one.end,
            values=one.values,
        )


def as_csv(series: Iterable[DocumentSeries]) -> str:
    """Lines for each series, in the form that is read (`app.platform.values.reading`)."""
    lines = [HEAD]
    for one in (piece for each in series for piece in each.pieces()):
        cells = ["" if value is None else f"{value:f}" for value in one.values]
        start = one.start.isoformat().replace("+00:00", "Z")
        name = '"' + csv_safe(one.name).replace('"', '""') + '"' if "," in one.name else csv_safe(one.name)
        lines.append(",".join((name, one.quantity.value, one.time_step.value, start, *cells)))
    return "\r\n".join(lines) + "\r\n"


def as_xml(mrid: str, at: datetime, series: Iterable[DocumentSeries]) -> str:
    return "".join(documents.write(mrid, at, series))
