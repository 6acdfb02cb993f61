"""Own values, and aggregates of them."""

from __future__ import annotations

from app.platform.values import rules
from app.platform.values.series import aggregates, series_of
from app.queries.models import platform as q
from domain.errors import refuse
from domain.parties import Principal, Role
from domain.platform.pods import Pod
from domain.platform.series import AggregateSeries, PodSeries
from domain.ports import UnitOfWork

MAX_PODS = 1000


def list_known_pods(uow: UnitOfWork, _principal: Principal, _query: q.ListKnownPods) -> q.KnownPods:
    return q.KnownPods(countries=uow.values.countries(), market=uow.market)


def get_least_pods(uow: UnitOfWork, _principal: Principal, _query: q.GetLeastPods) -> int:
    return rules.least_pods(uow)


def list_values(uow: UnitOfWork, principal: Principal, query: q.ListValues) -> tuple[PodSeries, ...]:
    if not 1 <= len(query.pod_ids) <= MAX_PODS:
        raise refuse("out_of_range", "pod_ids", f"Name 1 to {MAX_PODS} points of delivery.")
    pods = {pod.id: pod for pod in uow.find(Pod, id=query.pod_ids)}
    for place, pod_id in enumerate(query.pod_ids):
        pod = pods.get(pod_id)
        if pod is None or (principal.role is Role.CUSTOMER and pod.customer_id != principal.party_id):
            sentence = "There is no such point of delivery, or it is not yours."
            raise refuse("unknown_pod", f"pod_ids[{place}]", sentence)
    wanted = [pods[pod_id] for pod_id in dict.fromkeys(query.pod_ids)]
    return tuple(series_of(uow, wanted, query.quantity, query.time_step, query.start, query.end))


def aggregate_values(
    uow: UnitOfWork, _principal: Principal, query: q.AggregateValues
) -> tuple[AggregateSeries, ...]:
    return tuple(aggregates(uow, query, rules.least_pods(uow)))
