"""Deliveries of values and what was received, in a page's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import param
from numpy.typing import NDArray

from app.queries.models.messages import ListSentMessages, MessageRow
from app.queries.models.platform import (
    DeliveryView,
    ExportReceived,
    GetDelivery,
    ListDeliveries,
    ListReceived,
    ListSubscriptions,
    SubscriptionView,
)
from domain.errors import Refused
from domain.ids import DeliveryId
from domain.marketplace.words import TimeStep
from domain.paging import Slice, falling
from domain.platform.deliveries import Delivery, DeliveryState, ReceivedSeries
from domain.time import MARKET_ZONE
from views.state.common import local, number, utc
from views.state.door import Door
from views.state.platform_subscriptions import STEP_WORDS
from views.state.spans import plural

SHOWN = 300


class DeliveriesState(param.Parameterized):
    """What the address keeps."""

    delivery = param.String(default="")
    series = param.String(default="")
    message = param.String(default="")


@dataclass(frozen=True, kw_only=True)
class DeliveriesFacts:
    """The newest deliveries, and the one that is looked at with its parts."""

    deliveries: tuple[Delivery, ...]
    chosen: DeliveryView | None
    subscriptions: tuple[SubscriptionView, ...]

    def peer(self, subscription_id: str) -> str:
        found = (view.peer for view in self.subscriptions if view.content.id == subscription_id)
        return next(found, subscription_id)


def deliveries_facts(door: Door, chosen: str) -> DeliveriesFacts:
    found = tuple(door.ask(ListDeliveries(part=Slice(order=falling("period_start", "id"), limit=SHOWN))))
    wanted = chosen or (found[0].id if found else "")
    return DeliveriesFacts(
        deliveries=found, chosen=_view(door, wanted), subscriptions=door.ask(ListSubscriptions())
    )


def _view(door: Door, id: str) -> DeliveryView | None:
    if not id:
        return None
    try:
        return door.ask(GetDelivery(delivery_id=DeliveryId(id)))
    except Refused:
        return None


def delivery_record(delivery: Delivery, peer: str) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "state": delivery.state.value,
        "peer": peer,
        "what": what_words(delivery),
        "period": period_of(delivery),
        "period_utc": f"{utc(delivery.period_start)} to {utc(delivery.period_end)}",
        "revision": delivery.revision,
        "series": delivery.n_series,
        "values": delivery.n_values,
        "gaps": delivery.n_gaps,
        "parts": f"{delivery.n_acknowledged} of {delivery.n_parts}",
        "in_time": in_time_words(delivery),
        "due_utc": f"due {utc(delivery.due_at)}",
    }


def what_words(row: Delivery | ReceivedSeries) -> str:
    kind = "aggregates" if row.aggregated else "points"
    return f"{row.quantity.value}, {STEP_WORDS[row.time_step]}, {kind}"


def period_of(row: Delivery | ReceivedSeries) -> str:
    start = row.period_start
    hours = (row.period_end - start).total_seconds() / 3600
    return local(start, "%a %d %b %Y") if hours > 1 else local(start, "%d %b %Y %H:%M")


def in_time_words(delivery: Delivery) -> str:
    if not delivery.n_values:
        return "–"
    return "in time" if delivery.in_time else "late"


def status_records(view: DeliveryView) -> list[dict[str, Any]]:
    """What became of each series at the requester's, those with gaps and refusals first."""
    rows = [
        {
            "name": status.name,
            "state": status.state.value,
            "values": status.n_values,
            "gaps": status.n_gaps,
            "part": part.part + 1,
            "at": local(status.at, "%d %b %H:%M"),
            "at_utc": utc(status.at),
        }
        for part in view.parts
        for status in part.statuses
    ]
    order = {"refused": 0, "gaps": 1}
    return sorted(rows, key=lambda row: (order.get(str(row["state"]), 2), row["name"]))


def delivery_lines(delivery: Delivery, peer: str) -> list[tuple[str, str]]:
    told = [
        ("Delivery", delivery.id),
        ("Other side", peer),
        ("Agreement", delivery.agreement_id),
        ("Values", what_words(delivery)),
        ("Period", f"{local(delivery.period_start)} to {local(delivery.period_end)}"),
        ("Due", local(delivery.due_at)),
        ("Sent", f"{local(delivery.sent_at)}, {in_time_words(delivery)}"),
        ("Acknowledged", local(delivery.acknowledged_at) if delivery.acknowledged_at else "not yet"),
        ("Holds", f"{delivery.n_series:,} series, {delivery.n_values:,} values"),
        ("Gaps", plural(delivery.n_gaps, "value") + " missing" if delivery.n_gaps else "none"),
    ]
    if delivery.revision:
        told.insert(1, ("Revision", str(delivery.revision)))
    if delivery.outdated:
        told.append(("Outdated", "Values came or changed since: a revision follows."))
    if delivery.reason:
        told.append(("Why", delivery.reason))
    return told


def unsent(door: Door) -> tuple[MessageRow, ...]:
    """Messages to other systems that wait or could not be sent."""
    return tuple(door.ask(ListSentMessages()))


def message_record(row: MessageRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state.value,
        "to": row.addressee,
        "path": row.path,
        "tries": row.n_tries,
        "behind": row.behind,
        "error": row.error,
        "created": local(row.created_at, "%d %b %H:%M"),
        "created_utc": utc(row.created_at),
    }


def received(door: Door) -> tuple[ReceivedSeries, ...]:
    return tuple(door.ask(ListReceived(part=Slice(order=falling("period_start", "id"), limit=SHOWN))))


def received_document(door: Door, series_id: str | None = None) -> str:
    """What `received` answers at this moment as a market document; `series_id`: of one series only."""
    order = falling("period_start", "id")
    return door.ask(ExportReceived(part=Slice(order=order, limit=SHOWN), series_id=series_id))


def received_record(series: ReceivedSeries) -> dict[str, Any]:
    there = [value for value in series.values if value is not None]
    return {
        "id": series.id,
        "name": series.name,
        "period": period_of(series),
        "period_utc": f"{utc(series.period_start)} to {utc(series.period_end)}",
        "what": what_words(series),
        "total": number(sum(there)) + f" {series.quantity.unit}"
        if there and series.quantity.unit == "kWh"
        else "–",
        "gaps": len(series.values) - len(there),
        "revision": series.revision,
    }


def labels_of(series: ReceivedSeries) -> list[str]:
    form = "%d %b" if series.time_step is TimeStep.DAY else "%H:%M"
    return [start.astimezone(MARKET_ZONE).strftime(form) for start in series.starts]


def floats_of(series: ReceivedSeries) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else float(value) for value in series.values], float)


def series_rows(series: Sequence[ReceivedSeries]) -> list[dict[str, Any]]:
    """As a file holds them, one row for each value; a gap is empty."""
    return [
        {
            "name": each.name,
            "start_utc": start.strftime("%Y-%m-%dT%H:%MZ"),
            "value": "" if value is None else value,
            "unit": each.quantity.unit,
            "quantity": each.quantity.value,
            "time_step": each.time_step.value,
        }
        for each in series
        for start, value in zip(each.starts, each.values, strict=True)
    ]


def counts(deliveries: Sequence[Delivery]) -> dict[str, int]:
    """For the strip: how many in which state."""
    sent = [each for each in deliveries if each.state in (DeliveryState.SENT, DeliveryState.ACKNOWLEDGED)]
    return {
        "sent": len(sent),
        "acknowledged": sum(each.state is DeliveryState.ACKNOWLEDGED for each in sent),
        "late": sum(each.n_values > 0 and not each.in_time for each in sent),
        "gaps": sum(each.n_gaps for each in sent),
        "withdrawn": sum(each.state is DeliveryState.WITHDRAWN for each in deliveries),
    }
