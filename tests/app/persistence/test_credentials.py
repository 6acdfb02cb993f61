"""Sign-in over both databases: what a changed role, a suspension or a sign-out does at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from stored_samples import CONFIRM, DSO, Clock, code_of

from app.auth import Auth
from app.persistence import Credentials, Store
from app.persistence.ledgers import accounts, logins
from domain.errors import Refused
from domain.ids import PartyId
from domain.parties import Party, Principal, Role

PASSWORD = "demo-dso1"
WHO = Principal(account="op", party_id=PartyId("dso1"), role=Role.DSO, name="DSO1")


@pytest.fixture
def auth(store: Store, clock: Clock) -> Auth:
    made = Auth(Credentials(store), clock, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    made.create_account("op", PASSWORD, PartyId("dso1"), Role.DSO)
    return made


def change(store: Store, **values: object) -> None:
    with store.write(DSO, CONFIRM) as uow:
        uow.save(replace(uow.get(Party, "dso1"), **values))  # type: ignore[arg-type]


def test_account_needs_a_party_and_a_free_name(auth: Auth) -> None:
    with pytest.raises(Refused) as error:
        auth.create_account("op", PASSWORD, PartyId("dso1"), Role.DSO)
    assert code_of(error.value) == "duplicate"
    with pytest.raises(Refused) as error:
        auth.create_account("op2", PASSWORD, PartyId("nobody"), Role.DSO)
    assert code_of(error.value) == "unknown_party"


def test_principal_is_read_anew_each_time(auth: Auth, store: Store) -> None:
    session = auth.sign_in("op", PASSWORD, "::1").token
    bearer = auth.issue_token("op", PASSWORD, "::1").token

    def who() -> tuple[Principal | None, Principal | None]:
        return auth.principal_of_session(session), auth.principal_of_bearer(bearer)

    assert who() == (WHO, WHO)
    change(store, name="Grid North")
    assert who() == (replace(WHO, name="Grid North"),) * 2
    change(store, active=False)
    assert who() == (None, None)
    with pytest.raises(Refused) as error:
        auth.sign_in("op", PASSWORD, "::1")
    assert code_of(error.value) == "wrong_credentials"
    change(store, active=True)
    assert who() == (replace(WHO, name="Grid North"),) * 2
    change(store, role=Role.TSO)
    assert who() == (None, None)
    auth.set_role("op", Role.TSO)
    assert who() == (replace(WHO, name="Grid North", role=Role.TSO),) * 2
    auth.set_active("op", False)
    assert who() == (None, None)
    with pytest.raises(Refused) as error:
        auth.sign_in("op", PASSWORD, "::1")
    assert code_of(error.value) == "wrong_credentials"
    auth.set_active("op", True)
    assert who() == (None, None)


def test_nothing_secret_is_stored_in_the_clear(auth: Auth, store: Store) -> None:
    tokens = [auth.sign_in("op", PASSWORD, "::1").token, auth.issue_token("op", PASSWORD, "::1").token]
    with store.snapshot() as connection:
        rows = repr([*connection.execute(select(accounts)), *connection.execute(select(logins))])
    assert "argon2id" in rows
    assert all(secret not in rows for secret in [PASSWORD, *tokens])


def test_expired_logins_are_swept(auth: Auth, store: Store, clock: Clock) -> None:
    for _ in range(3):
        auth.sign_in("op", PASSWORD, "::1")
    clock.now += timedelta(days=1)
    auth.sign_in("op", PASSWORD, "::1")
    with store.snapshot() as connection:
        assert len(connection.execute(select(logins)).all()) == 1


def test_change_of_an_unknown_account_is_refused(auth: Auth) -> None:
    for attempt in (
        lambda: auth.set_role("nobody", Role.TSO),
        lambda: auth.set_active("nobody", False),
        lambda: auth.set_password("nobody", PASSWORD),
    ):
        with pytest.raises(Refused) as error:
            attempt()
        assert code_of(error.value) == "not_found"
