"""Every operation of the EU Market Place's interfaces, by everybody and with odd requests, from a fixed seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import served
from delivered import opened
from test_market_place_over_rest import COMPANY, DATA, POOL, TERMS, Room
from world import WHO

from app.rest import build_asgi
from app.rest.eu_mp_notifications import NOTIFICATIONS
from app.rest.interfaces import Interface
from app.rest.market_place import PLACE
from app.rest.rows import may_call
from app.rest.rows_place import ANYBODY, OPERATIONS
from domain.parties import Role
from tests.soak.calls import Call, Operation, operations
from tests.soak.fuzzing import Fuzzer
from tests.soak.in_process import InProcess
from tests.soak.running import Soak
from tests.soak.samples import Known
from tests.soak.state import Stored

INTERFACES = (PLACE, NOTIFICATIONS)
TABLE: Mapping[str, str] = {
    "place_operator": """place_edit_page place_companies place_company place_accept_company place_refuse_company
        place_accept_registration place_refuse_registration place_certify place_suspend place_reinstate
        place_messages place_replay_message place_drop_message""",
    "provider": """notify_consent notify_activation notify_interim place_set_area place_publish_offer
        place_edit_offer place_withdraw_offer place_offer_terms""",
    "requester": """place_request_services place_withdraw_request place_ask_proposal place_accept_proposal""",
    "provider requester": """notifications_apikey notifications_test place_own_company place_change_company
        place_add_registration place_add_contact_point place_set_address place_enter_platform_key
        place_quit place_decline_proposal
        place_accept_agreement place_cancel_subscription""",
    "place_operator provider": """place_acknowledge_service_alarm place_shelve_service_alarm
        place_unshelve_service_alarm""",
    "place_operator requester": "place_matches",
    "place_operator provider requester": """place_registrations place_registration place_area place_test
        place_locate place_catalogue place_offer place_compare place_requests place_request place_proposals
        place_proposal place_agreement place_agreement_file place_subscriptions place_subscription
        place_service_agreement place_service_agreement_file place_trail place_trail_export place_services
        place_service place_service_alarms place_service_alarm""",
}
"""Who may call what; all others never."""
MAY: Mapping[str, frozenset[Role]] = {
    name: frozenset(Role[role.upper()] for role in roles.split())
    for roles, names in TABLE.items()
    for name in names.split()
}
ROLES = {
    "place1": Role.PLACE_OPERATOR,
    "north": Role.PROVIDER,
    "south": Role.PROVIDER,
    "pool": Role.REQUESTER,
    "lake": Role.REQUESTER,
    "esp1": Role.ESP,
    "fmo": Role.FMO,
}
PRICE, PURPOSE, URL = "3141.59", "Forecasts for the aardvark.", "https://north.example"
SECRETS: Mapping[str, tuple[str, frozenset[str]]] = {
    "the price of a proposal": (PRICE, frozenset({"place1", "north", "pool"})),
    "a platform's address": (URL, frozenset({"place1", "north"})),
}
ENDING = frozenset({"place_quit", "place_suspend"})
N_EACH = 4
DESCRIBED: Mapping[str, tuple[Interface, Operation]] = {
    interface.description["paths"][one.path][one.method.lower()]["operationId"]: (interface, one)
    for interface in INTERFACES
    for one in operations(interface.description)
}


def company(base: Mapping[str, Any], name: str) -> dict[str, Any]:
    registration = base["registrations"][0] | {"account": name, "platform_url": f"https://{name}.example"}
    return {**base, "legal": base["legal"] | {"name": name.title()}, "registrations": [registration]}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, seeded_database: Path) -> Iterator[Room]:
    """Two providers and two requesters, and a proposal of north for pool."""
    import shutil

    path = tmp_path_factory.mktemp("walked") / "flexdesk.db"
    shutil.copy(seeded_database, path)
    with opened(path) as world, served(world, {name: WHO[name] for name in ("place1", "esp1", "fmo")}) as api:
        made = Room(api)
        for name, base in (("north", COMPANY), ("south", COMPANY), ("pool", POOL), ("lake", POOL)):
            made.enrolled(company(base, name), name)
        _proposal(made)
        yield made


def _proposal(room: Room) -> None:
    body = {"service_type": DATA["service_type"], "title": "Meters", "descriptions": [DATA], "terms": TERMS}
    offer = room.ok("POST", "/offers", "north", body)
    wishes = {"environment": "regulated", "title": "W", "processing_details": PURPOSE, "wishes": [DATA]}
    request = room.ok("POST", "/requests", "pool", wishes)
    line = {
        "wish_id": request["wishes"][0]["id"],
        "offer_id": offer["id"],
        "description_id": offer["descriptions"][0]["id"],
    }
    asked = {
        "request_id": request["id"],
        "lines": [line],
        "terms": TERMS,
        "starts_at": "2016-07-24T08:00:00Z",
        "deadline": "2016-07-30T00:00:00Z",
    }
    version = room.ok("GET", "/agreement", "pool")["version"]
    for who in ("north", "pool"):
        room.ok("POST", "/agreement/accept", who, {"version": version})
    proposal = room.ok("POST", "/proposals", "pool", asked)
    room.ok("PUT", f"/proposals/{proposal['id']}/terms", "north", {"terms": TERMS | {"price_eur": PRICE}})
    room.ok("POST", f"/proposals/{proposal['id']}/accept", "pool")


def known(room: Room) -> Known:
    found = Known()
    for _, operation in DESCRIBED.values():
        if operation.method == "GET" and "{" not in operation.path:
            for who in ROLES:
                answer = room.api.client.get(operation.path, headers=room.api.headers(who))
                if answer.status_code == 200 and answer.headers["content-type"] == "application/json":
                    found.learn(operation.path, answer.json())
    for ours, theirs in (("service_offer_id", "offer_id"), ("service_request_id", "request_id")):
        found.values[ours] = found.values[ours] or found.values[theirs]
    found.values["Message-Sent-At"] = [room.world.wall().isoformat()]
    return found


def test_the_table_is_the_policy_and_has_every_operation() -> None:
    assert set(DESCRIBED) - ANYBODY == set(MAY) == set(OPERATIONS)
    for name, roles in MAY.items():
        assert {role for role in Role if role is not Role.SYSTEM and may_call(role, name)} == roles, name


def test_each_caller_gets_what_is_its_own(room: Room) -> None:
    ids, found = known(room), set()
    for name, (interface, operation) in DESCRIBED.items():
        if name in ANYBODY:
            continue
        call = Fuzzer(interface.description, ["x"], ids, seed=3).good(operation)
        answer = _send(room, call, None)
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out"), name
        for who, role in ROLES.items():
            if name in ENDING and role in MAY[name]:
                continue
            answer = _send(room, call, who)
            where = f"{name} by {who}: {answer.status_code} {call.target!r} {answer.text[:300]}"
            assert answer.status_code < 500, where
            if role not in MAY[name]:
                assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted"), where
            for kind, (text, seen_by) in SECRETS.items():
                if text in answer.text and text not in call.body.decode():
                    found.add(kind)
                    assert who in seen_by, f"{kind} in {where}"
    assert found == set(SECRETS)


def _send(room: Room, call: Call, who: str | None) -> Any:
    headers = [(name, value) for name, value in call.headers if name != b"accept-encoding"]
    if who:
        headers.append((b"authorization", f"Bearer {room.api.tokens[who]}".encode()))
    return room.api.client.request(call.method, call.target.decode(), content=call.body, headers=headers)


@pytest.mark.parametrize("interface", INTERFACES, ids=["place", "notifications"])
def test_odd_bytes(room: Room, interface: Interface) -> None:
    stored = Stored(Path(room.world.store._engines.url.database))
    tokens = {who: token for who, token in room.api.tokens.items() if who in ROLES}
    try:
        with InProcess(build_asgi(room.api.services)) as client:
            soak = Soak(client, tokens, stored)
            fuzzer = Fuzzer(interface.description, soak.accounts, known(room), seed=7)
            tally = soak.run(fuzzer.calls(N_EACH * len(fuzzer.operations)), fuzzer.learn)
    finally:
        stored.close()
    assert not tally.faults, tally.shown()
    assert not tally.changes, tally.shown()
    assert set(tally.operations) == {operation.name for operation in fuzzer.operations}
