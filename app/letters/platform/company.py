"""News of a platform's people and customers."""

from __future__ import annotations

from collections.abc import Iterator

from app.letters.names import Letter, party_name
from domain.events import platform as e
from domain.ports import UnitOfWork


def staff_added(_uow: UnitOfWork, event: e.StaffAdded) -> Iterator[Letter]:
    sentence = f"{event.account} can sign in for you, with a one-time password."
    yield Letter(to=(event.registration_id,), sentence=sentence)


def customer_added(uow: UnitOfWork, event: e.CustomerAdded) -> Iterator[Letter]:
    sentence = f"Welcome, {party_name(uow, event.customer_id)}."
    yield Letter(to=(event.customer_id,), sentence=sentence)


def peer_met(uow: UnitOfWork, event: e.PeerMet) -> Iterator[Letter]:
    sentence = f"The platform of {party_name(uow, event.peer_id)} and ours have exchanged keys."
    yield Letter(to=(event.party_id,), sentence=sentence)
