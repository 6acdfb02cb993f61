"""A platform's points of delivery, as many as a page shows, and the commands of its forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import param

from app.queries.models.platform import GetPod, ListPods
from domain.commands.platform import ChangePod, RegisterPod
from domain.errors import Refused
from domain.ids import PartyId, PodId
from domain.paging import Slice
from domain.platform.pods import ZONES, Pod
from views.state.common import MISSING
from views.state.door import Door

SHOWN = 300
"""Rows at a time: one with a hundred thousand is found by its code or its city."""
_BY_ID = (("id", False),)


class PodsState(param.Parameterized):
    """What the address keeps."""

    pod = param.String(default="")
    country = param.String(default="")
    city = param.String(default="")
    day = param.String(default="")


@dataclass(frozen=True, kw_only=True)
class PodsFacts:
    """`pods`: the first of `total` that fit the search; `chosen`: the one that is looked at."""

    pods: tuple[Pod, ...]
    total: int
    chosen: Pod | None


def pods_facts(door: Door, state: PodsState) -> PodsFacts:
    country = state.country if state.country in ZONES else None
    part = Slice(order=_BY_ID, limit=SHOWN, counted=True)
    found = door.ask(ListPods(part=part, country=country, city=state.city.strip() or None))
    return PodsFacts(pods=tuple(found), total=found.total or 0, chosen=_chosen(door, state.pod))


def _chosen(door: Door, pod_id: str) -> Pod | None:
    if not pod_id:
        return None
    try:
        return door.ask(GetPod(pod_id=PodId(pod_id)))
    except Refused:
        return None


def pod_record(pod: Pod) -> dict[str, Any]:
    return {
        "pod": pod.id,
        "customer": pod.customer_id or MISSING,
        "street": pod.street,
        "place": f"{pod.postcode} {pod.city}",
        "country": pod.country,
    }


def shown_words(facts: PodsFacts) -> str:
    """How much of the whole is in the book."""
    if len(facts.pods) == facts.total:
        return f"{facts.total:,} shown."
    return f"The first {len(facts.pods):,} of {facts.total:,}. Search by code, country or city for others."


def pod_command(form: Mapping[str, str], known: Pod | None) -> RegisterPod | ChangePod:
    """What a filled form says: a new one, or another place or customer of a known one."""
    kind = RegisterPod if known is None else ChangePod
    text = {name: (form[name] or "").strip() for name in form}
    return kind(
        pod_id=PodId(text["pod_id"] if known is None else known.id),
        country=text["country"],
        postcode=text["postcode"],
        city=text["city"],
        street=text["street"],
        customer_id=PartyId(text["customer_id"]) if text["customer_id"] else None,
    )
