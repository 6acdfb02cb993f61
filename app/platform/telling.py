"""What aggregates beside each other would tell: none goes out whose difference to another is of a few PoDs."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.platform.delivering import Part, period_starts
from app.platform.values.aggregating import DEPTH
from app.platform.values.rules import least_pods
from domain.ids import PodId
from domain.marketplace.words import AggregationLevel, PlatformRole
from domain.platform.activations import ServiceAgreement
from domain.platform.deliveries import Delivery
from domain.platform.pods import Pod
from domain.ports import UnitOfWork
from domain.time import Interval


@dataclass(frozen=True, kw_only=True)
class Behind:
    """The PoDs behind a delivery's aggregates, and of how many of them each value is, by series."""

    members: frozenset[PodId]
    counts: Mapping[str, Sequence[int]]


def behind(members: Iterable[PodId], parts: Iterable[Part]) -> Behind:
    counts = {one.name: one.n_pods for part in parts for one in part.series}
    return Behind(members=frozenset(members), counts=counts)


def packed(said: Behind) -> bytes:
    """For `Delivery.members`."""
    text = json.dumps({"pods": sorted(said.members), "n_pods": dict(said.counts)})
    return zlib.compress(text.encode("ascii")) if said.members else b""


def unpacked(kept: bytes) -> Behind:
    """Inverse of `packed`. What was kept first was a list of PoDs, a line each."""
    text = zlib.decompress(kept).decode("ascii") if kept else ""
    if not text.startswith("{"):
        return Behind(members=frozenset(map(PodId, text.split())), counts={})
    data = json.loads(text)
    return Behind(members=frozenset(map(PodId, data["pods"])), counts=data["n_pods"])


def tells(uow: UnitOfWork, delivery: Delivery, level: AggregationLevel, now: Behind) -> bool:
    """Compared with all that the same requester has of the same quantity in an overlapping time."""
    whole, least = Interval(start=delivery.period_start, end=delivery.period_end), least_pods(uow)
    found = uow.find(
        Delivery,
        side=PlatformRole.PROVIDER,
        peer_id=delivery.peer_id,
        aggregated=True,
        quantity=delivery.quantity,
        period_start=period_starts(whole),
    )
    others = [
        other
        for other in found
        if other.members and other.period_start < whole.end and whole.start < other.period_end
    ]
    agreements = uow.find(ServiceAgreement, id=tuple({other.agreement_id for other in others}))
    levels = {agreement.id: agreement.selection.aggregation_level for agreement in agreements}
    for other in others:
        then, depth = unpacked(other.members), min(DEPTH[level], DEPTH[levels[other.agreement_id]])
        few = _differ_by_few(uow, now, then, depth, least)
        if few or (_same_times(delivery, other) and late(now, then, least)):
            return True
    return False


def _same_times(one: Delivery, other: Delivery) -> bool:
    return (one.period_start, one.period_end, one.time_step) == (
        other.period_start,
        other.period_end,
        other.time_step,
    )


def _differ_by_few(uow: UnitOfWork, now: Behind, then: Behind, depth: int, least: int) -> bool:
    """Whether fewer PoDs than `least` of one place are behind one of them alone. `depth`: of places that both
    aggregates tell apart."""
    differing = now.members ^ then.members
    places = uow.pick(Pod, "country", "city", "street", id=tuple(differing)) if differing else ()
    return any(n < least for n in Counter(place[:depth] for place in places).values())


def late(now: Behind, then: Behind, least: int) -> bool:
    """Whether values of fewer PoDs than `least` came since, so that the difference would be theirs."""
    return any(
        before and after and 0 < abs(after - before) < least
        for name, counts in now.counts.items()
        for before, after in zip(then.counts.get(name, ()), counts, strict=False)
    )
