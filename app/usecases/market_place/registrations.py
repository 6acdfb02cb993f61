"""Registrations from the acceptance on: platform address, served area, test, certificate, suspension, leaving."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from app.transport.sending import address
from app.usecases.access import revoke_keys_of
from app.usecases.market_place.catalogue import withdraw_all
from app.usecases.market_place.finding import company_of, own_registration
from app.usecases.market_place.requests import leave
from app.usecases.market_place.subscriptions import cancel_all, tell_where
from domain.commands.place import (
    CertifyRegistration,
    QuitMarketPlace,
    RecordIntegrationTest,
    ReinstateRegistration,
    SetPlatformAddress,
    SetServedArea,
    SuspendRegistration,
    TestIntegration,
)
from domain.errors import raise_if, refuse
from domain.events.place import (
    IntegrationTestAsked,
    IntegrationTested,
    RegistrationCertified,
    RegistrationMoved,
    RegistrationQuit,
    RegistrationReinstated,
    RegistrationSuspended,
    ServedAreaSet,
)
from domain.lifecycle import advance
from domain.marketplace.areas import ServedArea, area_findings
from domain.marketplace.platform_addresses import url_findings
from domain.marketplace.registrations import LONGEST_TEST, REGISTRATION, Registration
from domain.parties import Party, Principal, Role
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings
from domain.transport import Correspondent

LONGEST_CALL = timedelta(minutes=2)
"""Of a platform's test, in which it is not called again."""


def set_platform_address(uow: UnitOfWork, principal: Principal, command: SetPlatformAddress) -> Registration:
    """Another address, to which messages go from now on: the platform there is tested and certified anew. Raises
    `Refused`: findings."""
    registration = own_registration(uow, principal)
    raise_if(url_findings(command.platform_url, "platform_url"))
    if command.platform_url == registration.platform_url:
        return registration
    moved = replace(
        registration,
        platform_url=command.platform_url,
        state=advance(REGISTRATION, registration.state, "move", "registration_id"),
        test_asked_at=None,
        tested_at=None,
        certified_at=None,
        test_detail="",
    )
    uow.save(moved)
    address(uow, registration.id, command.platform_url, "")
    uow.record(RegistrationMoved(registration_id=registration.id))
    return uow.get(Registration, registration.id)


def set_served_area(uow: UnitOfWork, principal: Principal, command: SetServedArea) -> ServedArea:
    """Where a provider serves, in place of what stood before. Raises `Refused`: findings, `not_permitted`."""
    registration = own_registration(uow, principal)
    area = ServedArea(
        id=registration.id,
        countries=command.countries,
        postcodes=command.postcodes,
        polygons=command.polygons,
        pod_patterns=command.pod_patterns,
    )
    raise_if(area_findings(area))
    before = uow.find(ServedArea, id=registration.id)
    if before:
        uow.save(replace(area, version=before[0].version))
    else:
        uow.add(area)
    uow.record(ServedAreaSet(registration_id=registration.id))
    return uow.get(ServedArea, registration.id)


def ask_test(uow: UnitOfWork, principal: Principal, command: TestIntegration) -> Registration:
    """The call is made beside the transaction; `RecordIntegrationTest` follows it.

    Raises:
        Refused: `not_found` for another's registration; `missing` without an address or a key; `wrong_state`, also
            while it is called: one that does not answer would hold up the tests of others.
    """
    if principal.role is not Role.PLACE_OPERATOR and command.registration_id != principal.party_id:
        raise refuse("not_found", "registration_id", "There is no such registration, or it is not yours.")
    registration = uow.get(Registration, command.registration_id)
    advance(REGISTRATION, registration.state, "pass the test", "registration_id")
    known = uow.find(Correspondent, id=registration.id)
    if not known:
        raise refuse("missing", "platform_url", "Say first where the platform is.")
    if not known[0].sealed_key:
        raise refuse("missing", "key", "Give the key first that opens the platform to the market place.")
    if _is_called(registration, uow.wall):
        raise refuse("wrong_state", "registration_id", "The platform is being called; look again in a minute.")
    uow.save(replace(registration, test_asked_at=uow.wall))
    uow.record(IntegrationTestAsked(registration_id=registration.id))
    return uow.get(Registration, registration.id)


def _is_called(registration: Registration, wall: datetime) -> bool:
    """A test is under way, unless it was lost with a server that stopped."""
    asked_at, tested_at = registration.test_asked_at, registration.tested_at
    over = asked_at is None or (tested_at is not None and tested_at >= asked_at)
    return not over and asked_at is not None and wall < asked_at + LONGEST_CALL


def record_test(uow: UnitOfWork, _principal: Principal, command: RecordIntegrationTest) -> Registration:
    """What the platform answered. A certificate outlives a later failure; the operator is told.

    Raises:
        Refused: `stale` when the registration has moved since; `wrong_state` when it is not at work.
    """
    registration = uow.get(Registration, command.registration_id)
    if command.platform_url != registration.platform_url:
        raise refuse("stale", "platform_url", "The platform has moved since; have it tested where it is now.")
    trigger = "pass the test" if command.passed else "fail the test"
    state = advance(REGISTRATION, registration.state, trigger, "registration_id")
    uow.save(
        replace(
            registration,
            state=state,
            tested_at=uow.wall,
            test_detail=command.detail[:LONGEST_TEST],
        )
    )
    uow.record(IntegrationTested(registration_id=registration.id, passed=command.passed))
    return uow.get(Registration, registration.id)


def certify(uow: UnitOfWork, _principal: Principal, command: CertifyRegistration) -> Registration:
    """Those with whom it has subscribed hear where its platform is, which was tested there. Raises `Refused`:
    `wrong_state` before the test is passed."""
    registration = uow.get(Registration, command.registration_id)
    state = advance(REGISTRATION, registration.state, "be certified", "registration_id")
    uow.save(replace(registration, state=state, certified_at=uow.market))
    tell_where(uow, registration)
    uow.record(RegistrationCertified(registration_id=registration.id))
    return uow.get(Registration, registration.id)


def suspend(uow: UnitOfWork, _principal: Principal, command: SuspendRegistration) -> Registration:
    """Out at once: logins and keys end, its services are no longer seen. Subscriptions stay, and are the parties'
    to cancel. Raises `Refused`: `wrong_state`, findings on the reason."""
    registration = uow.get(Registration, command.registration_id)
    raise_if(text_findings(command.reason, "reason", REASON))
    state = advance(REGISTRATION, registration.state, "be suspended", "registration_id")
    reason = command.reason.strip()
    uow.save(replace(registration, state=state, certified_at=None, reason=reason))
    shut_out(uow, registration, reason)
    uow.record(RegistrationSuspended(registration_id=registration.id))
    return uow.get(Registration, registration.id)


def reinstate(uow: UnitOfWork, _principal: Principal, command: ReinstateRegistration) -> Registration:
    """In again, to be tested and certified anew. Raises `Refused`: `wrong_state`."""
    registration = uow.get(Registration, command.registration_id)
    state = advance(REGISTRATION, registration.state, "be reinstated", "registration_id")
    uow.save(replace(registration, state=state, tested_at=None, test_detail="", reason=""))
    uow.save(replace(uow.get(Party, registration.id), active=True, reason=""))
    uow.record(RegistrationReinstated(registration_id=registration.id))
    return uow.get(Registration, registration.id)


def quit_place(uow: UnitOfWork, principal: Principal, command: QuitMarketPlace) -> Registration:
    """The registration leaves for good; the company may register in the role again.

    Raises:
        Refused: `wrong_state`, findings on the reason.
    """
    registration = own_registration(uow, principal)
    raise_if(text_findings(command.reason, "reason", REASON))
    state = advance(REGISTRATION, registration.state, "quit", "registration_id")
    reason = command.reason.strip()
    uow.save(replace(registration, state=state, certified_at=None, reason=reason))
    withdraw_all(uow, registration.id)
    leave(uow, registration.id)
    cancel_all(uow, registration.id, reason)
    shut_out(uow, registration, f"{company_of(uow, registration).name} left: {reason}"[:REASON])
    uow.record(RegistrationQuit(registration_id=registration.id))
    return uow.get(Registration, registration.id)


def shut_out(uow: UnitOfWork, registration: Registration, reason: str) -> None:
    """Its participant is out; logins and keys end."""
    party = uow.get(Party, registration.id)
    if not party.active:
        raise refuse("wrong_state", "registration_id", f"{party.name} is suspended already.")
    uow.save(replace(party, active=False, reason=reason))
    uow.sign_ins.end_logins(party.id)
    revoke_keys_of(uow, party.id)
