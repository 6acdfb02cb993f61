"""Each market has an operator of its own, which decides nothing of the other's accounts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from placed import OPERATOR, certified
from world import WHO, World

from app.queries import models as q
from domain import commands as c
from domain.errors import Refused
from domain.ids import PartyId
from domain.parties import SYSTEM, ApiKey, Party, Role, Scope, governs
from domain.parties.tokens import Grant

HASH = "$argon2id$not-a-real-hash"
OF_THE_PLACE = ("provider1", "requester1", OPERATOR)


def test_every_person_but_an_operator_is_governed_by_one() -> None:
    assert {role for role in Role if governs(Role.PLACE_OPERATOR, role)} == {Role.PROVIDER, Role.REQUESTER}
    assert not any(governs(Role.FMO, role) and governs(Role.PLACE_OPERATOR, role) for role in Role)
    assert not any(governs(role, other) for role in set(Role) - {Role.FMO, Role.PLACE_OPERATOR} for other in Role)


@pytest.mark.parametrize("whom", OF_THE_PLACE)
def test_the_other_markets_operator_shuts_nobody_out(world: World, whom: str) -> None:
    party_id = PartyId(whom)
    for command in (
        c.SuspendParty(party_id=party_id, reason="Ours."),
        c.ReinstateParty(party_id=party_id),
        c.AssignRole(party_id=party_id, role=Role.ESP),
    ):
        assert world.codes("fmo", command) == [("not_permitted", "party_id")]
    assert world.only(Party, id=party_id).active


def test_the_other_markets_operator_gets_into_no_account(world: World) -> None:
    (meters,) = certified(world)
    reset = c.ResetPassword(account=meters.account, password=HASH)
    assert world.codes("fmo", reset) == [("not_found", "account")]
    client = c.RegisterClient(client_id="tools", grants=(Grant.CLIENT,), account=meters.account)
    assert world.codes("fmo", client) == [("not_found", "account")]
    key = world.do(meters.id, c.CreateApiKey(name="oven", scopes=(Scope.READ,), days=3)).key
    assert world.codes("fmo", c.RevokeApiKey(key_id=key.id)) == [("not_found", "key_id")]
    for query in (q.ListAccounts(party_id=meters.id), q.ListApiKeys(party_id=meters.id)):
        with pytest.raises(Refused, match="not_found"):
            world.desk.query(WHO["fmo"], query)
    listed = {party.id for party in world.desk.query(WHO["fmo"], q.ListParties())}
    assert listed.isdisjoint({meters.id, *OF_THE_PLACE})
    assert "esp1" in listed


def test_people_of_the_market_place_sign_in_by_single_sign_on(world: World) -> None:
    (meters,) = certified(world)
    joining = c.JoinBySingleSignOn(
        issuer="https://login.example",
        subject="4711",
        account="meters-4711",
        party_id=meters.id,
        role=Role.PROVIDER,
        secret=HASH,
    )
    assert world.codes("system", replace(joining, role=Role.REQUESTER)) == [("not_permitted", "role")]
    assert world.do("system", joining).id == meters.id
    assert "meters-4711" in {
        one.name for one in world.desk.query(WHO[meters.id], q.ListAccounts(party_id=meters.id))
    }


def test_the_market_places_operator_helps_its_players_and_no_others(world: World) -> None:
    (meters,) = certified(world)
    (account,) = world.desk.query(WHO[OPERATOR], q.ListAccounts(party_id=meters.id))
    assert account.name == meters.account
    world.do(OPERATOR, c.ResetPassword(account=account.name, password=HASH))
    key = world.do(meters.id, c.CreateApiKey(name="oven", scopes=(Scope.READ,), days=3)).key
    (seen,) = world.desk.query(WHO[OPERATOR], q.ListApiKeys(party_id=meters.id))
    assert seen.key.id == key.id
    world.do(OPERATOR, c.RevokeApiKey(key_id=key.id))
    assert world.only(ApiKey, id=key.id).revoked_at is not None
    for whom in ("esp1", "fmo"):
        with pytest.raises(Refused, match="not_found"):
            world.desk.query(WHO[OPERATOR], q.ListAccounts(party_id=PartyId(whom)))
    with world.store.write(SYSTEM, c.MarkNotificationsRead()) as uow:
        uow.sign_ins.enter("esp1", HASH, uow.get(Party, PartyId("esp1")))
    own = world.do("esp1", c.CreateApiKey(name="oven", scopes=(Scope.READ,), days=3)).key
    assert world.codes(OPERATOR, c.RevokeApiKey(key_id=own.id)) == [("not_found", "key_id")]
    assert world.codes(OPERATOR, c.SuspendParty(party_id=PartyId("esp1"), reason="x")) == [("not_permitted", "")]


def entered(account: str, role: Role = Role.PLACE_OPERATOR) -> c.EnterOperator:
    return c.EnterOperator(role=role, name="Place Europe", account=account, password=HASH)


def test_the_server_makes_an_operator_where_there_is_none(world: World) -> None:
    there = world.only(Party, role=Role.PLACE_OPERATOR)
    with world.store.write(SYSTEM, entered("europe")) as uow:
        uow.remove(there)
    made = world.do("system", entered("europe"))
    assert (made.id, made.name, made.role) == ("europe", "Place Europe", Role.PLACE_OPERATOR)
    with world.store.read() as uow:
        assert uow.access.party_of("europe") == "europe"


def test_the_server_gives_an_operators_people_sign_ins(world: World) -> None:
    for _ in range(2):
        operator = world.do("system", entered("rosa"))
        assert operator == world.only(Party, role=Role.PLACE_OPERATOR)
    (meters,) = certified(world)
    for account, role, expected in (
        (meters.account, Role.PLACE_OPERATOR, ("duplicate", "account")),
        ("rosa", Role.FMO, ("duplicate", "account")),
        ("eve", Role.DSO, ("not_permitted", "role")),
        ("", Role.FMO, ("missing", "account")),
    ):
        assert world.codes("system", entered(account, role)) == [expected]
    for who in ("fmo", OPERATOR, "dso1"):
        assert world.codes(who, entered("eve")) == [("not_permitted", "")]
