"""Sessions, tokens, API keys and accounts."""

from __future__ import annotations

from app.queries import models as q
from domain.errors import refuse
from domain.ids import PartyId
from domain.parties import Account, ApiKey, KeyUse, Login, Party, Principal, Role, governs
from domain.parties.tokens import OAuthClient
from domain.ports import UnitOfWork

_OPERATORS = (Role.FMO, Role.PLACE_OPERATOR)


def list_logins(uow: UnitOfWork, principal: Principal, _query: q.ListLogins) -> tuple[Login, ...]:
    return uow.access.logins(principal.account)


def list_keys(uow: UnitOfWork, principal: Principal, query: q.ListApiKeys) -> tuple[q.KeyView, ...]:
    """Raises `Refused`: `not_permitted` for others' keys, but to operators; `not_found` for another market's."""
    party_id = query.party_id or principal.party_id
    if party_id != principal.party_id:
        _must_govern(uow, principal, party_id)
    keys = uow.find(ApiKey, party_id=party_id)
    uses = uow.access.uses([key.id for key in keys])
    newest = sorted(keys, key=lambda key: (key.created_at, key.id), reverse=True)
    return tuple(q.KeyView(key=key, use=uses.get(key.id, KeyUse())) for key in newest)


def list_accounts(uow: UnitOfWork, principal: Principal, query: q.ListAccounts) -> tuple[Account, ...]:
    """Raises `Refused`: `not_found` for those of others, and for an operator of the other market."""
    if query.party_id != principal.party_id:
        if principal.role not in _OPERATORS:
            raise refuse("not_found", "party_id", "There is no such participant of yours.")
        _must_govern(uow, principal, query.party_id)
    return uow.access.accounts(query.party_id)


def _must_govern(uow: UnitOfWork, principal: Principal, party_id: PartyId) -> None:
    if principal.role not in _OPERATORS:
        raise refuse(
            "not_permitted", "party_id", "Only its market's operator sees the accounts and keys of others."
        )
    found = uow.find(Party, id=party_id)
    if found and not governs(principal.role, found[0].role):
        raise refuse("not_found", "party_id", "There is no such participant of your market.")


def list_clients(uow: UnitOfWork, _principal: Principal, _query: q.ListClients) -> tuple[OAuthClient, ...]:
    return uow.access.clients()
