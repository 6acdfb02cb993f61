"""Points of delivery: one, many, changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from app.platform.consenting import customer_left
from app.platform.values import pods as files
from app.platform.values.lines import BadLines, Uploaded
from domain.commands.platform import ChangePod, RegisterPod, UploadPods
from domain.errors import Finding, raise_if, refuse
from domain.events.platform import PodsRegistered
from domain.ids import PartyId
from domain.parties import Party, Principal, Role
from domain.platform.pods import Pod, place_findings, same_place
from domain.ports import UnitOfWork


def register_pod(uow: UnitOfWork, principal: Principal, command: RegisterPod) -> Pod:
    """A new point of delivery; the same again changes nothing.

    Raises:
        Refused: findings on its place; `unknown_party` for the customer; `duplicate` when it is there otherwise.
    """
    pod = _pod(command)
    _check(uow, pod)
    known = uow.find(Pod, id=pod.id)
    if known and same_place(known[0], pod):
        return known[0]
    raise_if(_otherwise(known))
    uow.add(pod)
    uow.record(PodsRegistered(party_id=principal.party_id, n_pods=1))
    return pod


def change_pod(uow: UnitOfWork, principal: Principal, command: ChangePod) -> Pod:
    """Another place or customer. With another customer, the consents of the one before end for it.

    Raises:
        Refused: `not_found`; findings on its place; `unknown_party`.
    """
    known = uow.get(Pod, command.pod_id)
    pod = replace(_pod(command), version=known.version)
    _check(uow, pod)
    if same_place(known, pod):
        return known
    uow.save(pod)
    if pod.customer_id != known.customer_id:
        customer_left(uow, pod.id)
    uow.record(PodsRegistered(party_id=principal.party_id, n_pods=1))
    return replace(pod, version=pod.version + 1)


def upload_pods(uow: UnitOfWork, principal: Principal, command: UploadPods) -> Uploaded:
    """Many, all or none, or the good ones.

    Raises:
        Refused: `too_large`; every bad line with its number, unless the good ones are asked for.
    """
    bad = BadLines()
    lines = files.read(command.document, bad)
    known = {pod.id: pod for pod in uow.find(Pod, id=tuple(pod.id for _, pod in lines))}
    customers = _customers(uow, {pod.customer_id for _, pod in lines if pod.customer_id})
    new: list[Pod] = []
    n_same = 0
    for line, pod in lines:
        there = known.get(pod.id)
        found = _strange(pod, customers)
        if there is not None and not same_place(there, pod):
            found += _otherwise((there,))
        if found:
            bad.add(line, found)
        elif there is None:
            new.append(pod)
        else:
            n_same += 1
    if not command.good_only:
        bad.refuse()
    if new:
        uow.add_all(new)
        uow.record(PodsRegistered(party_id=principal.party_id, n_pods=len(new)))
    return Uploaded(n_stored=len(new), n_same=n_same, n_bad=bad.count, bad=bad.sorted())


def _pod(command: RegisterPod | ChangePod) -> Pod:
    return Pod(
        id=command.pod_id,
        country=command.country,
        postcode=command.postcode,
        city=command.city,
        street=command.street,
        customer_id=command.customer_id,
    )


def _check(uow: UnitOfWork, pod: Pod) -> None:
    wanted = {pod.customer_id} if pod.customer_id else set()
    raise_if([*place_findings(pod), *_strange(pod, _customers(uow, wanted))])


def _customers(uow: UnitOfWork, wanted: Collection[PartyId]) -> frozenset[PartyId]:
    """Those of the participants that are customers."""
    found = uow.find(Party, id=tuple(wanted), role=Role.CUSTOMER) if wanted else ()
    return frozenset(party.id for party in found)


def _strange(pod: Pod, customers: Collection[PartyId]) -> list[Finding]:
    if pod.customer_id is None or pod.customer_id in customers:
        return []
    return [Finding(code="unknown_party", field="customer_id", sentence="There is no such customer here.")]


def _otherwise(known: tuple[Pod, ...]) -> list[Finding]:
    sentence = "It is registered with another place or customer; change it there."
    return [Finding(code="duplicate", field="pod_id", sentence=sentence)] if known else []


def pod_of(uow: UnitOfWork, pod_id: str) -> Pod:
    """The point of delivery. Raises `Refused` (`unknown_pod`)."""
    found = uow.find(Pod, id=pod_id)
    if not found:
        raise refuse("unknown_pod", "pod_id", "The platform has no such point of delivery.")
    return found[0]
