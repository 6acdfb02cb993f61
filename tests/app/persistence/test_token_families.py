"""Refresh tokens in both databases: one use wins, others end the family, nothing is stored in the clear."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from stored_samples import Clock

from app.auth import Auth, Grant, Policy, Tokens
from app.persistence import Credentials, Store
from app.persistence.ledgers import logins, oauth_clients, refresh_tokens
from domain.errors import Refused
from domain.ids import PartyId
from domain.parties import Role

SECRET = "a random secret"


@pytest.fixture
def auth(store: Store, clock: Clock) -> Auth:
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    made = Auth(Credentials(store), clock, hasher=hasher, policy=Policy(password_grant=True))
    made.create_account("op", "demo-dso1", PartyId("dso1"), Role.DSO)
    made.create_client("scada", SECRET, frozenset(Grant), "op")
    return made


def signed_in(auth: Auth) -> Tokens:
    return auth.grant_password("op", "demo-dso1", "scada", SECRET, "::1")


def test_of_many_uses_at_once_exactly_one_wins(auth: Auth) -> None:
    first = signed_in(auth)

    def use(_n: int) -> Tokens | None:
        try:
            return auth.grant_refresh(str(first.refresh_token), "scada", SECRET, "::1")
        except Refused:
            return None

    with ThreadPoolExecutor(8) as pool:
        won = [tokens for tokens in pool.map(use, range(8)) if tokens is not None]
    assert len(won) == 1
    assert auth.principal_of_bearer(won[0].access_token) is None, "the others' use has ended the family"
    assert auth.principal_of_bearer(first.access_token) is None


def test_tokens_and_secrets_are_stored_hashed(auth: Auth, store: Store) -> None:
    tokens = signed_in(auth)
    with store.snapshot() as connection:
        rows = repr([[*connection.execute(select(table))] for table in (logins, refresh_tokens, oauth_clients)])
    assert "scada" in rows
    assert all(secret not in rows for secret in (SECRET, tokens.access_token, str(tokens.refresh_token)))
    assert tokens.access_token not in repr(tokens)


def test_families_that_are_over_are_swept(auth: Auth, store: Store, clock: Clock) -> None:
    signed_in(auth)
    clock.pass_(days=31)
    signed_in(auth)
    with store.snapshot() as connection:
        assert len(connection.execute(select(refresh_tokens)).all()) == 1
        assert len(connection.execute(select(logins)).all()) == 1


def test_a_client_needs_a_free_name_and_an_account_that_is_there(auth: Auth) -> None:
    for client, account, code in (
        ("scada", None, "duplicate"),
        ("other", "nobody", "not_found"),
        ("", None, "missing"),
    ):
        with pytest.raises(Refused) as error:
            auth.create_client(client, SECRET, frozenset({Grant.CLIENT}), account)
        assert error.value.findings[0].code == code
