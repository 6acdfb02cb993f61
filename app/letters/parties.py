"""News of applications, roles and suspension."""

from __future__ import annotations

from collections.abc import Iterator

from app.letters.names import Letter, operators
from domain import events as e
from domain.parties import ApiKey, Application, Party
from domain.ports import UnitOfWork


def received(uow: UnitOfWork, event: e.ApplicationReceived) -> Iterator[Letter]:
    application = uow.get(Application, event.application_id)
    sentence = f"{application.company} applies as {application.role.value}: accept or refuse it."
    yield Letter(to=operators(uow), sentence=sentence)


def accepted(uow: UnitOfWork, event: e.ApplicationAccepted) -> Iterator[Letter]:
    application = uow.get(Application, event.application_id)
    sentence = f"Welcome, {application.company}. You take part as {event.role.value}."
    yield Letter(to=(event.party_id,), sentence=sentence)


def role(_uow: UnitOfWork, event: e.RoleAssigned) -> Iterator[Letter]:
    yield Letter(to=(event.party_id,), sentence=f"The market operator gave you the role {event.role.value}.")


def suspended(uow: UnitOfWork, event: e.PartySuspended) -> Iterator[Letter]:
    """Not to the party itself, which can no longer read it."""
    party = uow.get(Party, event.party_id)
    others = tuple(operator for operator in operators(uow) if operator != party.id)
    yield Letter(to=others, sentence=f"{party.name} is suspended: {party.reason}")


def reinstated(_uow: UnitOfWork, event: e.PartyReinstated) -> Iterator[Letter]:
    sentence = "The market operator reinstated you. Offers and requests that were withdrawn stay withdrawn."
    yield Letter(to=(event.party_id,), sentence=sentence)


ACCOUNT = "/account"


def password_changed(_uow: UnitOfWork, event: e.PasswordChanged) -> Iterator[Letter]:
    sentence = f"The password of {event.account} was changed, and its other sign-ins ended."
    yield Letter(to=(event.party_id,), sentence=sentence, link=ACCOUNT)


def password_reset(_uow: UnitOfWork, event: e.PasswordReset) -> Iterator[Letter]:
    sentence = f"The market operator gave {event.account} a one-time password, and its sign-ins ended."
    yield Letter(to=(event.party_id,), sentence=sentence, link=ACCOUNT)


def key_issued(uow: UnitOfWork, event: e.ApiKeyIssued) -> Iterator[Letter]:
    key = uow.get(ApiKey, event.key_id)
    yield Letter(to=(event.party_id,), sentence=f"The API key {key.name} has a new secret.", link=ACCOUNT)


def key_revoked(uow: UnitOfWork, event: e.ApiKeyRevoked) -> Iterator[Letter]:
    key = uow.get(ApiKey, event.key_id)
    yield Letter(to=(event.party_id,), sentence=f"The API key {key.name} was revoked.", link=ACCOUNT)
