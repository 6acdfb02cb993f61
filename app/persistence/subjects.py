"""The people of an OpenID provider in the database: the storage behind `app.oidc`."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.persistence.credentials import Credentials
from app.persistence.ledgers import subjects
from app.persistence.store import Store
from domain.ids import PartyId
from domain.parties import Party, Principal, Role


@dataclass(frozen=True, kw_only=True)
class StoredSeat:
    account: str
    principal: Principal | None


class Subjects:
    """Implements `app.oidc.Subjects` on a store."""

    def __init__(self, store: Store) -> None:
        self._store, self._credentials = store, Credentials(store)

    def seat(self, issuer: str, subject: str) -> StoredSeat | None:
        same = subjects.c.issuer == issuer, subjects.c.subject == subject
        with self._store.snapshot() as connection:
            account = connection.scalar(select(subjects.c.account).where(*same))
        stored = self._credentials.find_account(account) if account is not None else None
        if account is None or stored is None:
            return None
        return StoredSeat(account=account, principal=stored.principal)

    def role_of(self, party_id: PartyId) -> Role | None:
        with self._store.read() as uow:
            parties = uow.find(Party, id=party_id, active=True)
        return parties[0].role if parties else None
