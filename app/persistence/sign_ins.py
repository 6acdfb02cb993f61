"""The sign-ins behind participants, changed in the transaction of whatever changes the participant."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, literal, select, update

from app.persistence.ledgers import accounts, applicants, logins
from domain.errors import refuse
from domain.ids import ApplicationId, PartyId
from domain.parties import Role


class SignIns:
    """Implements `domain.ports.SignIns`. Password hashes go from table to table and never come out."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, application_id: ApplicationId, account: str, secret: str) -> None:
        for table in (accounts, applicants):
            taken = select(table.c.account).where(table.c.account == account)
            if self._connection.scalar(taken) is not None:
                raise refuse("duplicate", "account", "This sign-in name is taken; choose another.")
        row = {"application_id": application_id, "account": account, "password_hash": secret}
        self._connection.execute(insert(applicants).values(row))

    def open(self, application_id: ApplicationId, party_id: PartyId, role: Role) -> None:
        kept = applicants.c.application_id == application_id
        row = select(
            applicants.c.account, applicants.c.password_hash, literal(party_id), literal(role.value), literal(1)
        ).where(kept)
        columns = ["account", "password_hash", "party_id", "role", "active"]
        self._connection.execute(insert(accounts).from_select(columns, row))
        self._connection.execute(delete(applicants).where(kept))

    def forget(self, application_id: ApplicationId) -> None:
        self._connection.execute(delete(applicants).where(applicants.c.application_id == application_id))

    def assign(self, party_id: PartyId, role: Role) -> None:
        own = accounts.c.party_id == party_id
        self._connection.execute(update(accounts).where(own).values(role=role.value))
        self.end_logins(party_id)

    def end_logins(self, party_id: PartyId) -> None:
        own = select(accounts.c.account).where(accounts.c.party_id == party_id)
        self._connection.execute(delete(logins).where(logins.c.account.in_(own)))
