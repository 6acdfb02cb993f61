"""The settings of single sign-on: what is taken, and what is said about the rest."""

from __future__ import annotations

from typing import Any

import pytest

from app.oidc import NotSignedInError, configured
from app.oidc.accounts import account_name
from app.oidc.identity import identity_of
from app.settings import Settings, SettingsError
from domain.parties import Role
from domain.parties.applications import account_findings

GIVEN = {
    "oidc_issuer": "https://login.example/realm",
    "oidc_client_id": "flexdesk",
    "oidc_client_secret": "hunter2-hunter2",
    "oidc_roles": "grid-operators=dso, cn=sales=esp,office = fmo",
}


def settings(**changes: Any) -> Settings:
    return Settings.model_validate(GIVEN | changes)


def test_without_an_issuer_there_is_none() -> None:
    assert configured(Settings()) is None


def test_what_is_given_is_taken_and_the_secret_not_shown() -> None:
    config = configured(settings(oidc_party="dso1"))
    assert config is not None
    assert config.roles == {"grid-operators": Role.DSO, "cn=sales": Role.ESP, "office": Role.FMO}
    assert (config.label, config.default_party) == ("login.example", "dso1")
    assert config.client_secret == "hunter2-hunter2"
    assert "hunter2" not in repr(config) + repr(settings())


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"oidc_issuer": "http://login.example"}, "OIDC_ISSUER"),
        ({"oidc_issuer": "https://"}, "OIDC_ISSUER"),
        ({"oidc_issuer": "https://login.example?tenant=1"}, "OIDC_ISSUER"),
        ({"oidc_issuer": "login.example"}, "OIDC_ISSUER"),
        ({"oidc_client_id": ""}, "OIDC_CLIENT_ID"),
        ({"oidc_scopes": "profile"}, "OIDC_SCOPES"),
        ({"oidc_role_claim": ""}, "OIDC_ROLE_CLAIM"),
        ({"oidc_party_claim": ""}, "OIDC_PARTY_CLAIM"),
        ({"oidc_roles": ""}, "OIDC_ROLES"),
        ({"oidc_roles": "x=system"}, "OIDC_ROLES"),
        ({"oidc_roles": "dso"}, "OIDC_ROLES"),
        ({"oidc_roles": "x=dso,x=esp"}, "OIDC_ROLES"),
    ],
)
def test_what_cannot_be_used_is_named(changes: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=rf"^FLEXDESK_{named}: [^\n]+$"):
        configured(settings(**changes))


def test_everything_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as raised:
        configured(Settings(oidc_issuer="http://login.example", oidc_scopes="", oidc_role_claim=""))
    assert len(str(raised.value).splitlines()) == 5


@pytest.mark.parametrize(
    ("claims", "roles", "party"),
    [
        ({"role": "office", "party": "dso1"}, {Role.FMO}, "dso1"),
        ({"role": ["office", "tea", "cn=sales", 7], "party": "dso1"}, {Role.FMO, Role.ESP}, "dso1"),
        ({"role": "office"}, {Role.FMO}, "home"),
        ({"role": "office", "party": ""}, {Role.FMO}, "home"),
    ],
)
def test_claims_are_read(claims: dict[str, Any], roles: set[Role], party: str) -> None:
    config = configured(settings(oidc_party="home"))
    assert config is not None
    identity = identity_of({"sub": "ada", **claims}, config)
    assert (identity.roles, identity.party_id) == (roles, party)


def test_dots_lead_inside_unless_the_claim_is_called_so() -> None:
    config = configured(settings(oidc_role_claim="https://x.example/role", oidc_party_claim="a.b"))
    assert config is not None
    claims = {"sub": "ada", "https://x.example/role": "office", "a": {"b": "inside"}}
    assert identity_of(claims, config).party_id == "inside"
    assert identity_of(claims | {"a.b": "called so"}, config).party_id == "called so"
    with pytest.raises(NotSignedInError):
        identity_of(claims | {"a": "text"}, config)


def test_names_of_accounts_are_usable_and_of_one_person() -> None:
    config = configured(settings(oidc_party="p" * 64))
    assert config is not None
    names = {account_name(identity_of({"sub": sub, "role": "office"}, config)) for sub in ("ada", "ada", "bob")}
    assert len(names) == 2
    assert all(account_findings(name) == [] for name in names)
