"""Role x operation x owner at a platform's interfaces: each operation, by everybody who has a sign-in there.

The table is written by hand. Whoever is not in it is refused, strangers find nothing of what is another's, and no
answer holds what is told to others alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from busy_platforms import AT_PROVIDER, AT_REQUESTER, RIVAL, SECRETS, VALUE, Busy, busy_platforms
from consent_world import OTHER, PROVIDER, REQUESTER

from app.platform.rest import INTERFACES
from app.rest.description import CONSENT
from app.rest.rows import may_call
from app.rest.rows_platform import ANYBODY, OPERATIONS
from domain.parties import Role
from domain.platform.activations import ServiceAgreement
from domain.platform.deliveries import Delivery
from tests.soak.calls import Call, Operation, operations
from tests.soak.fuzzing import Fuzzer
from tests.soak.samples import Known

TABLE: Mapping[str, str] = {
    "provider": """own_upload_values own_aggregates own_delivery_revision
        own_validation_files own_upload_validation_network own_upload_validation_schedules own_set_coupling_limits
        own_make_consent_links own_decide_activation own_consents own_register_consent_client
        own_end_consent_client own_add_customer own_offer_flexibility own_withdraw_flexibility
        own_answer_call_up own_register_pod own_change_pod own_upload_pods own_set_least_pods""",
    "provider customer": "own_values own_export_values own_pods own_pod",
    "requester": """own_export_received own_received_values own_delivery_again own_ask_technical_validation
        own_ask_for_consents own_consent_asks own_told_consents own_request_activation
        own_acquire_flexibility own_call_up_flexibility""",
    "provider requester": """own_deliveries own_delivery own_technical_validations own_technical_validation
        own_subscriptions own_service_alarms own_service_alarm own_unshelve_service_alarm
        own_acknowledge_service_alarm own_shelve_service_alarm own_activations own_agreements
        own_end_agreement own_company own_add_staff own_list_flexibilities own_list_acquisitions
        own_list_call_ups own_messages own_replay_message own_drop_message""",
    "provider requester customer": "own_trail own_trail_export",
    "customer": "b2c_consents b2c_give_consent b2c_refuse_consent b2c_revoke_consent",
    "market_place": "eu_mp_confirmed eu_mp_canceled eu_mp_apikey eu_mp_test",
    "peer": """b2b_apikey b2b_get_subscription b2b_values b2b_acknowledge_values b2b_values_again b2b_deliveries
        b2b_delivery b2b_pull_values b2b_ask_technical_validation b2b_technical_validations
        b2b_technical_validation b2b_answer_technical_validation b2b_ask_for_consents b2b_answer_consent_ask
        b2b_acknowledge_consent b2b_revoke_consent b2b_request_dso b2b_request_usp b2b_confirm_dso b2b_confirm_usp
        b2b_agree b2b_end_agreement b2b_activations b2b_agreements b2b_flexibility b2b_acquisition
        b2b_acquisition_answer b2b_call_up b2b_call_up_answer b2b_trail
        b2b_trail_export""",
}
"""Who may call what; all others never."""
MAY: Mapping[str, frozenset[Role]] = {
    name: frozenset(Role[role.upper()] for role in roles.split())
    for roles, names in TABLE.items()
    for name in names.split()
}
SHARED = frozenset(
    {"list_logins", "sign_out_everywhere", "end_login", "list_keys", "create_key", "rotate_key", "revoke_key"}
)
"""One's own sign-ins and keys, as on the market, for everybody with a sign-in."""
ENDING = frozenset({"sign_out_everywhere", "end_login"})
COMPANY_TRAIL = frozenset({"own_trail", "own_trail_export"})
"""The company sees all of its trail, whichever of its registrations asks."""
STRANGERS: Mapping[str, frozenset[str]] = {
    "provider": frozenset({OTHER, "flat", "buyer"}),
    "requester": frozenset({OTHER, "requester-2"}),
}
"""Who has nothing of what is there, on each platform."""
N_DRAWN = 1
DESCRIBED: Mapping[str, Operation] = {
    document["paths"][one.path][one.method.lower()]["operationId"]: one
    for document in (interface.description for interface in INTERFACES)
    for one in operations(document)
}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Busy]:
    with busy_platforms(tmp_path_factory.mktemp("busy")) as made:
        yield made


def test_every_operation_is_in_the_table_and_in_the_policy() -> None:
    public = {name for name, one in DESCRIBED.items() if not _is_closed(one)}
    assert set(DESCRIBED) - public == set(MAY) | SHARED
    assert set(OPERATIONS) == set(MAY)
    assert public == ANYBODY | {"get_health", "get_readiness"}


def _is_closed(operation: Operation) -> bool:
    """For those with a sign-in here. What a consent opens has its token checked by the operation itself."""
    for interface in INTERFACES:
        described = interface.description["paths"].get(operation.path, {}).get(operation.method.lower())
        if described:
            return bool([one for one in described.get("security", ()) if CONSENT not in one])
    raise AssertionError(operation.name)


def test_the_policy_permits_exactly_the_roles_of_the_table() -> None:
    for name, roles in MAY.items():
        assert {role for role in Role if role is not Role.SYSTEM and may_call(role, name)} == roles, name


def known(busy: Busy, side: str) -> Known:
    """Ids of what is there."""
    room = getattr(busy, side)
    found = Known()
    for operation in DESCRIBED.values():
        if operation.method == "GET" and "{" not in operation.path:
            for who in room.tokens:
                answer = room.call(who, "GET", operation.path)
                if answer.status_code == 200 and answer.headers["content-type"] == "application/json":
                    found.learn(operation.path, answer.json())
    for name in ("consent_id", "pod_id"):
        found.values[name] = [one for one in found.values[name] if one not in busy.of_flat]
    found.values["Message-Sent-At"] = [room.side.wall.now.isoformat()]
    return found


def send(room: Any, call: Call, who: str) -> Any:
    headers = [(name, value) for name, value in call.headers if name != b"accept-encoding"]
    if who:
        headers.append((b"authorization", f"Bearer {room.tokens[who]}".encode()))
    return room.client.request(call.method, call.target.decode(), content=call.body, headers=headers)


def good_calls(busy: Busy, side: str) -> Iterator[tuple[str, Operation, Call]]:
    ids = known(busy, side)
    for interface in INTERFACES:
        fuzzer = Fuzzer(interface.description, ["x"], ids, seed=3)
        for name, operation in DESCRIBED.items():
            if operation.path.startswith(interface.path.removesuffix("openapi.json")):
                for _ in range(N_DRAWN):
                    yield name, operation, fuzzer.good(operation)


def test_values_are_pulled_by_their_requester_alone(busy: Busy) -> None:
    """Else no value could leak in the test below, which ends what is there."""
    path = f"/b2b/v1/deliveries/{busy.provider.side.find(Delivery)[0].id}/values"
    assert VALUE in busy.provider.call(REQUESTER, "GET", path).text
    assert busy.provider.call(OTHER, "GET", path).status_code == 404
    agreement = busy.requester.side.only(ServiceAgreement).id
    for who, is_told in ((REQUESTER, True), (RIVAL, False)):
        answer = busy.requester.call(who, "GET", f"/own/v1/received-values?agreement_id={agreement}")
        assert (answer.status_code, VALUE in answer.text) == (200, is_told), who


@pytest.mark.parametrize("side", ["provider", "requester"])
def test_each_caller_gets_what_is_its_own(busy: Busy, side: str) -> None:
    room, found = getattr(busy, side), set()
    roles = AT_PROVIDER if side == "provider" else AT_REQUESTER
    for name, operation, call in good_calls(busy, side):
        if not _is_closed(operation):
            continue
        answer = send(room, call, "")
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out"), name
        for who, role in roles.items():
            if name in ENDING:
                continue
            answer = send(room, call, who)
            where = f"{name} by {who}: {answer.status_code} {call.target!r} {call.body!r:.300} {answer.text[:300]}"
            assert answer.status_code < 500, where
            if name not in SHARED and role not in MAY[name]:
                assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted"), where
            if who in STRANGERS[side] and "{" in operation.path and "_id}" in operation.path:
                assert answer.status_code >= 400, where
            sent = call.target.decode() + call.body.decode()
            for kind, (text, seen_by) in SECRETS.items():
                if text in answer.text and text not in sent:
                    found.add(kind)
                    is_company = role in (Role.PROVIDER, Role.REQUESTER)
                    if name in COMPANY_TRAIL and is_company and kind != "a peer's key":
                        continue
                    assert who in seen_by, f"{kind} in {where}"
    assert found


def test_nobody_else_has_a_key_of_the_platform(busy: Busy) -> None:
    """What strangers are told of one's own things, by name."""
    assert PROVIDER in busy.provider.tokens
    for path in ("/own/v1/keys", "/own/v1/logins"):
        for who in (OTHER, REQUESTER, "flat"):
            answer = busy.provider.call(who, "GET", path)
            assert answer.status_code in (200, 403)
            if answer.status_code == 200:
                assert PROVIDER not in answer.text
