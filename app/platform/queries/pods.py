"""Points of delivery."""

from __future__ import annotations

from app.queries.models.base import Part
from app.queries.models.platform import GetPod, ListPods
from app.queries.parts import given, part_of
from domain.errors import refuse
from domain.parties import Principal, Role
from domain.platform.pods import Pod
from domain.ports import UnitOfWork


def list_pods(uow: UnitOfWork, principal: Principal, query: ListPods) -> Part[Pod]:
    return part_of(uow, Pod, query.part, given(country=query.country, city=query.city) | _own(principal))


def get_pod(uow: UnitOfWork, principal: Principal, query: GetPod) -> Pod:
    found = uow.find(Pod, id=query.pod_id, **_own(principal))
    if not found:
        raise refuse("not_found", "pod_id", "There is no such point of delivery, or it is not yours.")
    return found[0]


def _own(principal: Principal) -> dict[str, object]:
    return {"customer_id": principal.party_id} if principal.role is Role.CUSTOMER else {}
