"""How a request is examined and confirmed, and how agreements (SRV-ACT-AGR) are made and end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.platform.naming import pods_named, pseudonyms
from app.platform.peers import subscription_of
from app.platform.withdrawing import take_back
from app.transport.sending import send
from domain.errors import Finding, refuse
from domain.events.platform import ActivationConfirmed, AgreementEnded, AgreementMade
from domain.ids import PodId, ServiceActivationId, ServiceAgreementId, new_id
from domain.marketplace.notices import ActivationNotice
from domain.marketplace.services import ServiceDescription
from domain.marketplace.words import ActivationStatus, Environment, PlatformRole, ServiceType
from domain.parties import Principal
from domain.platform.activations import (
    MOST_PODS,
    AgreementState,
    PodRefusal,
    ServiceActivation,
    ServiceAgreement,
    needs_pods,
    places_of,
    selection_findings,
    term_findings,
)
from domain.platform.company import MARKET_PLACE
from domain.platform.consents import ConsentedPod, detail_findings, pods_findings, purpose
from domain.platform.messages import (
    ACTIVATION_NOTICE,
    AGREEMENT,
    AGREEMENT_END,
    DSO_CONFIRMATION,
    USP_CONFIRMATION,
    AgreementEndMessage,
    AgreementMessage,
    ConfirmationMessage,
)
from domain.platform.pods import Pod
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork
from domain.time import Interval

CONFIRMATION: Mapping[Environment, str] = {
    Environment.REGULATED: DSO_CONFIRMATION,
    Environment.UNREGULATED: USP_CONFIRMATION,
}


def own_activation(
    uow: UnitOfWork, principal: Principal, activation_id: ServiceActivationId, side: PlatformRole
) -> tuple[ServiceActivation, PlatformSubscription]:
    """Raises `Refused`: `not_found`, `not_permitted`."""
    found = uow.find(ServiceActivation, id=activation_id)
    if not found:
        raise refuse("not_found", "activation_id", "There is no such request.")
    return found[0], subscription_of(uow, principal, found[0].subscription_id, side)


def request_findings(
    uow: UnitOfWork, subscription: PlatformSubscription, activation: ServiceActivation
) -> list[Finding]:
    """What is wrong with a request whatever PoDs it is about; both sides look, the requester before it sends."""
    found = term_findings(activation.starts_at, activation.ends_at, uow.market)
    found += detail_findings(activation.processing_details, "processing_details")
    if activation.environment is not subscription.content.environment:
        sentence = f"The subscription is {subscription.content.environment.value}."
        found.append(Finding(code="wrong_environment", field="environment", sentence=sentence))
    if not subscription.in_force(uow.market):
        sentence = "The subscription is not in force."
        found.append(Finding(code="not_in_force", field="subscription_id", sentence=sentence))
    description = subscription.description(activation.description_id)
    if description is None:
        sentence = "The subscription has no such service."
        return [*found, Finding(code="not_found", field="description_id", sentence=sentence)]
    found += selection_findings(description, activation.selection)
    if activation.pod_ids:
        found += pods_findings([PodId(pod) for pod in activation.pod_ids], MOST_PODS)
    elif needs_pods(description):
        found.append(Finding(code="missing", field="pod_ids", sentence="List the points of delivery."))
    elif _is_area(description) and not places_of(description, activation.selection):
        sentence = "Name the places, such as DE/Kiel."
        found.append(Finding(code="missing", field="selection.localisation", sentence=sentence))
    return found


def _is_area(description: ServiceDescription) -> bool:
    return description.service_type is not ServiceType.ENERGY_SERVICE and not needs_pods(description)


def answer_findings(
    uow: UnitOfWork, subscription: PlatformSubscription, activation: ServiceActivation
) -> list[Finding]:
    """Also that the agreement which it refreshes is one of this service that runs."""
    found = request_findings(uow, subscription, activation)
    if activation.refreshes is not None:
        agreements = uow.find(
            ServiceAgreement,
            id=activation.refreshes,
            subscription_id=subscription.id,
            description_id=activation.description_id,
            state=AgreementState.IN_FORCE,
        )
        if not agreements or agreements[0].ends_at <= uow.market:
            sentence = "There is no such agreement on this service any more."
            found.append(Finding(code="not_in_force", field="refreshes", sentence=sentence))
    return found


def place_pods(uow: UnitOfWork, places: Sequence[str]) -> list[str]:
    """PoDs in one of these places, such as `DE`, `DE/Kiel`, `DE/Kiel/Lange Reihe`."""
    fields = ("country", "city", "street")
    named = (dict(zip(fields, (part.strip() for part in place.split("/", 2)), strict=False)) for place in places)
    return sorted({pod.id for where in named for pod in uow.find(Pod, **where)})


def examined(
    uow: UnitOfWork, subscription: PlatformSubscription, activation: ServiceActivation, names: Sequence[str]
) -> tuple[dict[PodId, str], tuple[PodRefusal, ...]]:
    """The PoDs for which the service can be active, each with the requester's name, and why others cannot."""
    known = pods_named(uow, subscription.id, names)
    description = subscription.description(activation.description_id)
    mandatory = description is None or description.consent_mandatory
    consented = _consented(uow, subscription, activation) if mandatory else frozenset(known.values())
    taken = _taken(uow, activation)
    good: dict[PodId, str] = {}
    refused = []
    for name in names:
        pod = known.get(name)
        if pod is None:
            refused.append(PodRefusal(pod_id=name, code="unknown_pod", sentence="It is not known here."))
        elif pod not in consented:
            sentence = "No consent of its customer to this stands."
            refused.append(PodRefusal(pod_id=name, code="no_consent", sentence=sentence))
        elif pod in taken or pod in good:
            sentence = "Another agreement on the same has it."
            refused.append(PodRefusal(pod_id=name, code="overlapping", sentence=sentence))
        else:
            good[pod] = name
    if not activation.pod_ids:  # found by its place: the requester did not name it
        return dict(pseudonyms(uow, subscription.id, good)), tuple(refused)
    return good, tuple(refused)


def confirm(
    uow: UnitOfWork,
    subscription: PlatformSubscription,
    activation: ServiceActivation,
    pods: Sequence[tuple[PodId, str]],
    refused: Sequence[PodRefusal],
    reason: str,
    status: ActivationStatus | None = None,
) -> ServiceActivation:
    """DSO-CNF or USP-CNF to the requester, the agreement to both, the status to the market place."""
    status = status or _status(pods, refused)
    agreement = _agreement(uow, subscription, activation, pods) if status is not ActivationStatus.KO else None
    confirmed = tuple(name for _, name in pods) if activation.selection.individual else ()
    changed = replace(
        activation,
        status=status,
        confirmed_at=uow.market,
        confirmed=confirmed,
        refused=tuple(refused),
        reason=reason,
        agreement_id=agreement.id if agreement else None,
    )
    uow.save(changed)
    message = ConfirmationMessage(
        activation_id=activation.id,
        subscription_id=subscription.id,
        status=status,
        confirmed_at=uow.market,
        confirmed=confirmed,
        refused=tuple(refused),
        reason=reason,
    )
    path = CONFIRMATION[subscription.content.environment]
    send(uow, to=subscription.peer_id, stream=subscription.id, path=path, body=message)
    uow.record(ActivationConfirmed(activation_id=changed.id, party_id=subscription.own_id, status=status))
    if agreement is not None:
        _tell(uow, subscription, agreement, listed=bool(activation.pod_ids))
    _notify(uow, changed, agreement)
    return replace(changed, version=changed.version + 1)


def end(
    uow: UnitOfWork, subscription: PlatformSubscription, agreement: ServiceAgreement, reason: str = ""
) -> ServiceAgreement:
    """Over now. With a reason it is before its time, and the other side is told."""
    ended = replace(agreement, state=AgreementState.ENDED, ended_at=uow.market)
    take_back(uow, agreement.subscription_id)
    uow.save(ended)
    if reason:
        message = AgreementEndMessage(
            agreement_id=ended.id, subscription_id=ended.subscription_id, ended_at=uow.market, reason=reason
        )
        send(uow, to=subscription.peer_id, stream=subscription.id, path=AGREEMENT_END, body=message)
    uow.record(AgreementEnded(agreement_id=ended.id, party_id=subscription.own_id))
    if ended.side is PlatformRole.PROVIDER:
        _notify(uow, uow.get(ServiceActivation, ended.activation_id), ended)
    return replace(ended, version=ended.version + 1)


def _status(pods: Sequence[object], refused: Sequence[object]) -> ActivationStatus:
    if not pods:
        return ActivationStatus.KO
    return ActivationStatus.PARTIAL if refused else ActivationStatus.OK


def _agreement(
    uow: UnitOfWork,
    subscription: PlatformSubscription,
    activation: ServiceActivation,
    pods: Sequence[tuple[PodId, str]],
) -> ServiceAgreement:
    """A new one, or the one that is refreshed."""
    made = ServiceAgreement(
        id=activation.refreshes or ServiceAgreementId(new_id("SA")),
        side=PlatformRole.PROVIDER,
        activation_id=activation.id,
        subscription_id=subscription.id,
        description_id=activation.description_id,
        pod_ids=tuple(pod for pod, _ in pods),
        pod_names=tuple(name for _, name in pods),
        selection=activation.selection,
        data_details=subscription.content.data_details,
        processing_details=activation.processing_details,
        validated_at=uow.market,
        starts_at=activation.starts_at,
        ends_at=activation.ends_at,
    )
    if activation.refreshes is None:
        uow.add(made)
        return made
    before = uow.get(ServiceAgreement, activation.refreshes)
    uow.save(replace(made, version=before.version))
    return replace(made, version=before.version + 1)


def _tell(
    uow: UnitOfWork, subscription: PlatformSubscription, agreement: ServiceAgreement, *, listed: bool
) -> None:
    """`listed`: the requester listed PoDs. Of those that were found by their place it is told none."""
    message = AgreementMessage(
        agreement_id=agreement.id,
        activation_id=agreement.activation_id,
        subscription_id=agreement.subscription_id,
        description_id=agreement.description_id,
        pod_ids=agreement.pod_names if listed else (),
        selection=agreement.selection,
        data_details=agreement.data_details,
        processing_details=agreement.processing_details,
        validated_at=agreement.validated_at,
        starts_at=agreement.starts_at,
        ends_at=agreement.ends_at,
    )
    send(uow, to=subscription.peer_id, stream=subscription.id, path=AGREEMENT, body=message)
    uow.record(AgreementMade(agreement_id=agreement.id, party_id=subscription.own_id))


def _notify(uow: UnitOfWork, activation: ServiceActivation, agreement: ServiceAgreement | None) -> None:
    """The market place is told of the status, and of no PoD."""
    notice = ActivationNotice(
        subscription_id=activation.subscription_id,
        activation_id=activation.id,
        status=activation.status or ActivationStatus.KO,
        at=uow.market,
        starts_at=agreement.starts_at if agreement else None,
        ends_at=agreement.ends_at if agreement else None,
        ended_at=agreement.ended_at if agreement else None,
    )
    send(uow, to=MARKET_PLACE, stream=activation.subscription_id, path=ACTIVATION_NOTICE, body=notice)


def _consented(
    uow: UnitOfWork, subscription: PlatformSubscription, activation: ServiceActivation
) -> frozenset[PodId]:
    """PoDs with a consent to this which is not over and has some of the agreement's time."""
    rows = uow.find(
        ConsentedPod,
        subscription_id=subscription.id,
        requester_id=subscription.peer_id,
        purpose=purpose(activation.description_id, activation.processing_details),
        stands=True,
    )
    term = Interval(start=max(activation.starts_at, uow.market), end=activation.ends_at)
    return frozenset(row.pod_id for row in rows if Interval(start=row.starts_at, end=row.ends_at).cut(term))


def _taken(uow: UnitOfWork, activation: ServiceActivation) -> frozenset[PodId]:
    """PoDs that other agreements on the very same selection have for some of that time."""
    others = uow.find(
        ServiceAgreement,
        subscription_id=activation.subscription_id,
        description_id=activation.description_id,
        state=AgreementState.IN_FORCE,
    )
    term = Interval(start=activation.starts_at, end=activation.ends_at)
    same = [each for each in others if each.id != activation.refreshes and each.selection == activation.selection]
    return frozenset(
        pod
        for each in same
        if Interval(start=max(each.starts_at, uow.market), end=each.ends_at).cut(term)
        for pod in each.pod_ids
    )
