"""Bulk files as JSON lines: the same tables as the CSV files, a row to a line.

`{"pod_id": "POD-1", "quantity": "p_mw", "values": [0.1, null, ...]}` is the row `POD-1,p_mw,0.1,,...`; line 1 is
row 2 of the CSV file, whose header the delivery day gives.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError, create_model

from app.rest.fields import Exact, In, Text
from app.rest.problems import findings_of
from app.rest.strict import read_json
from domain.errors import Finding, Refused, refuse
from domain.time import DeliveryDay

MAX_LINES = 20_000


Values = Annotated[list[Exact | None], Field(max_length=200)]


@cache
def _row_named(id_name: str) -> type[BaseModel]:
    fields: dict[str, Any] = {id_name: (Text, ...), "quantity": (Text, ...), "values": (Values, ...)}
    return create_model("Row", __base__=In, **fields)


def csv_of(document: str, day: date, id_name: str) -> str:
    """The CSV file that says the same.

    id_name : what the first column is called, and the field of a line in its place

    Raises:
        Refused: of the first line that cannot be read, `field` being `line N` and the place in it.
    """
    delivery = DeliveryDay(day=day)
    starts = (delivery.instant(step).strftime("%Y-%m-%dT%H:%MZ") for step in range(delivery.n_steps))
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow((id_name, "quantity", *starts))
    for number, text in enumerate(_lines(document), start=1):
        identity, quantity, values = dict(_row(number, text, _row_named(id_name))).values()
        table.writerow((identity, quantity, *(_cell(value) for value in values)))
    return written.getvalue()


def _lines(document: str) -> Iterator[str]:
    """JSON has no line end within a text."""
    lines = document.removesuffix("\n").split("\n")
    if len(lines) > MAX_LINES:
        raise refuse("too_large", "document", f"{len(lines)} lines; at most {MAX_LINES} are taken.")
    return iter(lines)


def _row(number: int, text: str, kind: type[BaseModel]) -> BaseModel:
    try:
        return kind.model_validate(read_json(text.encode("utf-8")))
    except ValidationError as error:
        found = findings_of({**detail, "loc": ("body", *detail["loc"])} for detail in error.errors())
        raise _at(number, found) from None
    except Refused as error:
        raise _at(number, error.findings) from None


def _at(number: int, findings: Iterable[Finding]) -> Refused:
    return Refused(
        Finding(code=finding.code, field=f"line {number}, {finding.field}", sentence=finding.sentence)
        for finding in findings
    )


def _cell(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"
