"""Role x operation x owner: every operation, called by the owner and by a stranger of every role.

The table is written by hand and says for each operation which callers are answered. All others are refused: with
403 where the role may never, with 403 or 404 where it is another's. No answer holds what is told to others alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import world as w
from delivered import POD
from rights_world import CALLERS, KEY_SCOPE, LATER, Rights, rights

from app.bridge.metering import Metered, document_of
from app.rest import MARKET
from app.rest.rows import ANYBODY, OPERATIONS, may_call
from domain.parties import Role

There = dict[str, str]
FMO, DSO, TSO = "fmo", "dso1 dso2", "tso tso2"
GRID = f"{FMO} {DSO} {TSO}"
SELL = "esp1 esp2 agg1 agg2"
OWN = f"{SELL} retailer1 retailer2"
BRP = "brp1 brp2"
PLAYERS = f"{GRID} {OWN} {BRP}"
PLACE = "place1 provider1 provider2 requester1 requester2"
ALL = f"{PLAYERS} customer1 customer2 {PLACE}"
ENDLESS = frozenset({"stream_notifications"})
"""Goes on until the client leaves; its own tests ask for it."""
HERE = "fmo dso1 tso"
"""Who watches the owner's region."""


@dataclass(frozen=True)
class Row:
    """An operation: who is `answered`, and which roles may never be (those of nobody in `roles`).

    roles : callers whose role may call it, all that are answered unless it is said
    ids : what the address names; body, query : what is sent
    short : codes with which those who are answered may be refused nevertheless, as the market stands
    """

    answered: str
    roles: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    body: Callable[[There], Any] | None = None
    query: Callable[[There], dict[str, str]] | None = None
    document: tuple[str, str] | None = None
    short: tuple[str, ...] = ()

    @property
    def permitted(self) -> frozenset[str]:
        return frozenset((self.roles or self.answered).split())


def day(_there: There) -> dict[str, str]:
    return {"delivery_day": str(LATER)}


def region_day(_there: There) -> dict[str, str]:
    return {"region_id": "R1", "delivery_day": str(LATER)}


def offer(there: There) -> dict[str, Any]:
    flat = ["0"] * 50 + ["0.1"] + ["0"] * 45
    return {
        "session_id": there["session"],
        "direction": "down",
        "lines": [{"asset_id": there["asset"], "quantity_mw": flat}],
        "price_eur_per_mwh": ["41"] * 96,
    }


def request(there: There) -> dict[str, Any]:
    return {
        "session_id": there["session"],
        "congestion_point": "End",
        "buses": ["3"],
        "direction": "down",
        "quantity_mw": ["0.1"] * 96,
        "price_cap_eur_per_mwh": "100",
        "deadline": "2016-07-26T04:00:00Z",
    }


RULES = {"clearing": "requests", "payment": "pay_as_bid", "energy": "ignored"}
CORNERS = [{"lon": x, "lat": y} for x, y in ((9, 52), (9.5, 52), (9.5, 54), (9, 54))]
OTHER_SESSION = {
    "region_id": "R2",
    "delivery_day": str(LATER),
    "opens_at": "2016-07-27T09:00:00Z",
    "gate_closes_at": "2016-07-27T12:00:00Z",
    "publishes_at": "2016-07-27T13:00:00Z",
}
UNIT = {
    "brp_id": "brp1",
    "region_id": "R1",
    "unit_id": "BAT-1",
    "name": "Box",
    "kind": "storage",
    "p_min_mw": -1,
    "p_max_mw": 1,
}
SERIES = ["0.1"] * 96
REASON = {"reason": "As was said."}
METERING = document_of(w.DAY, {POD: Metered(p_mw=w.flat("0.1"))})
AT_OVER = {"session_id": "over"}
NEW = {"asset_id": "new_asset"}

TABLE: dict[str, Row] = {
    # everyone's own
    "list_notifications": Row(ALL),
    "mark_notifications_read": Row(ALL),
    "search": Row(ALL, query=lambda _there: {"q": "a"}),
    "get_clock": Row(ALL),
    "stream_notifications": Row(ALL),
    "list_logins": Row(ALL),
    "end_login": Row("esp1", ALL),
    "sign_out_everywhere": Row(ALL),
    "list_accounts": Row(FMO, f"{FMO} {PLACE}"),
    "reset_password": Row(FMO, f"{FMO} place1", ids={"account": "agg1"}),
    "list_keys": Row(ALL),
    "create_key": Row(ALL, body=lambda _there: {"name": "Oven", "scopes": [KEY_SCOPE.value], "days": 3}),
    "rotate_key": Row("esp1", ALL, body=lambda _there: {"overlap_hours": 1}),
    "revoke_key": Row("esp1 fmo", ALL),
    "list_clients": Row(FMO),
    "register_client": Row(
        FMO, body=lambda _there: {"client_id": "oven", "grants": ["client_credentials"], "account": "esp1"}
    ),
    "end_client": Row(FMO, ids={"client_id": "oven"}, short=("not_found",)),
    # participants
    "list_applications": Row(FMO),
    "get_application": Row(FMO),
    "accept_application": Row(FMO, body=lambda _there: {"role": "esp"}),
    "refuse_application": Row(FMO, body=lambda _there: REASON),
    "list_parties": Row(PLAYERS),
    "get_party": Row(PLAYERS),
    "assign_role": Row(FMO, body=lambda _there: {"role": "retailer"}, short=("in_use", "wrong_state")),
    "suspend_party": Row(FMO, body=lambda _there: REASON),
    "reinstate_party": Row(FMO, short=("wrong_state",)),
    # portfolios
    "upload_portfolio": Row(
        "esp1", OWN, body=lambda there: {"series": [{"asset_id": there["asset"], "p_mw": ["4"] * 96}]}
    ),
    "get_balance": Row(BRP, query=day),
    "list_purchases": Row(BRP),
    "list_customer_calls": Row("customer1 customer2"),
    # market
    "list_sessions": Row(PLAYERS),
    "get_session": Row(f"{HERE} {OWN} {BRP}", PLAYERS),
    "plan_session": Row(FMO, body=lambda _there: OTHER_SESSION),
    "set_session_rules": Row(FMO, body=lambda _there: RULES),
    "list_requests": Row(f"{GRID} {SELL} {BRP}"),
    "get_request": Row(f"{HERE} {SELL}", f"{GRID} {SELL} {BRP}"),
    "publish_request": Row("dso1 brp1 brp2", f"{DSO} {BRP}", body=request),
    "withdraw_request": Row("dso1", f"{DSO} {BRP}"),
    "review_request": Row("tso", TSO, body=lambda _there: {"verdict": "accept"}),
    "list_offers": Row(f"{FMO} {DSO} {SELL}"),
    "get_offer": Row("fmo esp1", f"{FMO} {DSO} {SELL}"),
    "submit_offer": Row("esp1", SELL, body=offer),
    "place_offers": Row("esp1", SELL, body=lambda there: {"offers": [offer(there)]}),
    "try_offer": Row(SELL, body=offer),
    "withdraw_offer": Row("esp1", SELL),
    "get_result": Row(f"{HERE} {SELL}", f"{GRID} {SELL}", AT_OVER),
    "list_result_prices": Row(f"{HERE} {SELL}", f"{GRID} {SELL}", AT_OVER),
    "get_depth": Row(f"{HERE} {SELL}", f"{GRID} {SELL}", {"session_id": "trading"}),
    "list_trades": Row(f"{HERE} {SELL}", f"{GRID} {SELL}", {"session_id": "trading"}),
    "list_orders": Row(f"fmo dso1 {SELL}", f"{FMO} {DSO} {SELL}", {"session_id": "trading"}),
    # grids
    "list_regions": Row(PLAYERS),
    "list_needs": Row(
        f"{HERE} {SELL}", f"{GRID} {SELL}", query=lambda _there: {"region_id": "R1", "delivery_day": str(w.DAY)}
    ),
    "compute_needs": Row("dso1", DSO, body=region_day),
    "list_alarms": Row(GRID),
    "get_alarm": Row(HERE, GRID),
    "acknowledge_alarm": Row("dso1", DSO),
    "shelve_alarm": Row("dso1", DSO, body=lambda _there: {"until": "2016-07-26T04:00:00Z", **REASON}),
    "unshelve_alarm": Row("dso1", DSO, short=("wrong_state",)),
    "ask_what_if": Row("dso1", DSO, body=lambda there: {**region_day(there), "lines_out": ["L2"]}),
    "list_what_ifs": Row("fmo dso1", f"{FMO} {DSO}", query=region_day),
    "get_what_if": Row("fmo dso1", f"{FMO} {DSO}"),
    "get_network": Row("fmo dso1", f"{FMO} {DSO}"),
    "get_schedules": Row("fmo dso1", f"{FMO} {DSO}"),
    "upload_network": Row("dso1", DSO, document=("application/json", w.network()), short=("gate_closed",)),
    "upload_schedules": Row("dso1", DSO, document=("text/csv", w.schedule(LATER))),
    "list_prices": Row(PLAYERS, query=day),
    "get_prices": Row(PLAYERS, short=("not_found",)),
    "upload_prices": Row(FMO, body=lambda _there: {"price_eur_per_mwh": SERIES, "source": "exchange"}),
    # zones
    "list_zones": Row(f"{GRID} {SELL}"),
    "get_zone": Row(f"{HERE} {SELL}", f"{GRID} {SELL}"),
    "define_zone": Row("dso1", DSO, body=lambda _there: {"region_id": "R1", "name": "Z", "corners": CORNERS}),
    "change_zone": Row("dso1", DSO, body=lambda _there: {"name": "Z", "corners": CORNERS}),
    "remove_zone": Row("dso1", DSO),
    "list_congested_regions": Row(f"{GRID} {SELL}"),
    "get_congested_region": Row(f"{HERE} {SELL}", f"{GRID} {SELL}"),
    "register_congested_region": Row(
        "dso1", DSO, body=lambda _there: {"region_id": "R1", "name": "G", "elements": ["2"]}
    ),
    "close_congested_region": Row("dso1", DSO),
    "sum_by_coupling": Row("fmo tso tso2", query=day),
    "sum_calls": Row("fmo tso tso2", query=day),
    "list_locations": Row(HERE, GRID, query=region_day),
    # assets
    "list_units": Row(f"fmo dso1 {OWN}", f"{FMO} {DSO} {OWN}"),
    "list_assets": Row(f"{FMO} {DSO} {OWN}"),
    "get_asset": Row("fmo dso1 agg1", f"{FMO} {DSO} {OWN}", NEW),
    "register_asset": Row(OWN, body=lambda _there: UNIT),
    "confirm_asset": Row("dso1", DSO, NEW),
    "confirm_asset_conditionally": Row("dso1", DSO, NEW, body=lambda _there: {"most_down_mw": "0.1", **REASON}),
    "refuse_asset": Row("dso1", DSO, NEW, body=lambda _there: REASON),
    "get_asset_day": Row("fmo dso1 esp1", f"{FMO} {DSO} {OWN}"),
    "upload_baseline": Row("esp1", OWN, body=lambda _there: {"p_mw": ["4"] * 96}),
    # metering and settlement
    "list_pods": Row(f"{FMO} {DSO} {OWN}"),
    "map_pod": Row(
        "fmo dso1",
        f"{FMO} {DSO}",
        {"pod_id": "10Y-NEW"},
        body=lambda there: {"asset_id": there["unmetered"], "valid_from": str(LATER)},
    ),
    "list_readings": Row(f"{FMO} {DSO} {SELL}", query=lambda _there: {"delivery_day": str(w.DAY)}),
    "report_reading": Row(
        "fmo dso1", f"{FMO} {DSO}", {"delivery_day": str(w.DAY)}, body=lambda _there: {"p_mw": SERIES}
    ),
    "upload_metering": Row(
        "fmo dso1", f"{FMO} {DSO}", {"delivery_day": str(w.DAY)}, document=("text/csv", METERING)
    ),
    "list_forecasts": Row(f"{FMO} {DSO} {OWN}", query=day),
    "upload_forecast": Row("esp1", OWN, body=lambda _there: {"p_mw": SERIES}),
    "get_delivery": Row("fmo dso1 esp1", f"{FMO} {DSO} {SELL}"),
    "list_contracts": Row(f"{FMO} {DSO} {SELL}"),
    "agree_contract": Row(
        FMO,
        body=lambda _there: {
            "region_id": "R1",
            "party_id": "esp2",
            "valid_from": "2016-08-01",
            "baseline": "nomination",
            "rule": "pay_delivered",
        },
    ),
    "get_settlement": Row(FMO, ids=AT_OVER),
    "settle_session": Row(FMO, ids=AT_OVER),
    "validate_statements": Row(FMO, ids=AT_OVER, body=lambda _there: {}, short=("wrong_state",)),
    "issue_statements": Row(FMO, ids=AT_OVER, short=("wrong_state",)),
    "list_statements": Row(f"{FMO} {DSO} {SELL} {BRP}"),
    "list_invoices": Row(f"{FMO} {DSO} {SELL} {BRP}"),
    "get_invoice": Row("fmo esp1", f"{FMO} {DSO} {SELL} {BRP}"),
    "get_invoice_csv": Row("fmo esp1", f"{FMO} {DSO} {SELL} {BRP}"),
    "get_invoice_pdf": Row("fmo esp1", f"{FMO} {DSO} {SELL} {BRP}"),
    # operation
    "pass_gate": Row(FMO),
    "retry_clearing": Row(FMO, short=("wrong_state",)),
    "try_clearing": Row(FMO, body=lambda _there: RULES),
    "list_clearings": Row(FMO),
    "compare_clearings": Row(FMO, query=lambda there: {"left": there["over"], "right": there["over"]}),
    "get_operation_health": Row(FMO),
    "check_audit": Row(FMO, short=("no_result",)),
    "send_letter_again": Row(FMO, short=("not_found",)),
    "assign_toolkit": Row(FMO, body=lambda _there: {"party_id": "dso1"}),
    "list_activations": Row(SELL),
    "get_activation": Row("esp1", SELL),
    "acknowledge_activation": Row("esp1", SELL, short=("deadline_passed", "wrong_state")),
    "refuse_activation": Row("esp1", SELL, body=lambda _there: REASON, short=("deadline_passed", "wrong_state")),
    "list_jobs": Row(PLAYERS),
    "get_job": Row("fmo dso1", PLAYERS),
    "get_job_inputs": Row("fmo dso1", PLAYERS),
    "get_job_result": Row("fmo dso1", PLAYERS, short=("no_result",)),
    "cancel_job": Row("fmo dso1", PLAYERS),
    "move_clock": Row(FMO, body=lambda _there: {"action": "pause"}),
    "move_to_gate": Row(FMO, body=lambda there: {"gate_id": there["gate"]}),
    "move_to_day_end": Row(FMO, body=lambda there: {"session_id": there["over"]}),
    "list_chapters": Row(FMO),
    "play_chapter": Row(FMO, short=("wrong_state", "not_demo", "out_of_turn")),
}

WHEN = {
    "timestamp": "2016-07-26T00:00:00Z",
    "duration": 900,
    "unit": "kW",
    "activation_time": "2016-07-28T10:30:00Z",
}
UNTIL = {"region_id": "3", "deadline": "2016-07-26T03:00:00Z"}
OF_OFFER = {"granularity": 0, "flex_price": 60, "flex_type": "pv", "currency": "EUR"}


def interflex(**more: Any) -> dict[str, Any]:
    return WHEN | {"flexible_power": -10} | more


TABLE |= {
    "interflex_get_request_id": Row("dso1", DSO),
    "interflex_post_request": Row(
        "dso1",
        DSO,
        body=lambda there: interflex(request_id=there["FR"], **UNTIL),
    ),
    "interflex_list_requests": Row(f"dso1 {SELL}", f"{DSO} {SELL}"),
    "interflex_delete_request": Row("dso1", DSO),
    "interflex_get_offer_id": Row("esp1", SELL),
    "interflex_post_offer": Row(
        "esp1",
        SELL,
        body=lambda there: interflex(
            offer_id=there["FO"],
            entity_id="esp1",
            region_id="3",
            deadline="2016-07-26T03:00:00Z",
            **OF_OFFER,
        ),
    ),
    "interflex_list_offers": Row(f"{DSO} {SELL}"),
    "interflex_delete_offer": Row("esp1", SELL),
    "interflex_get_activation_id": Row("dso1", DSO),
    "interflex_post_activation": Row(
        "dso1",
        DSO,
        body=lambda there: interflex(activation_id=there["FA"], offer_id=there["offer"], **OF_OFFER),
        short=("not_found",),
    ),
    "interflex_list_activations": Row("dso1 esp1", f"{DSO} {SELL}"),
    "interflex_delete_activation": Row("dso1", DSO, {"activation_id": "FA-none"}, short=("not_found",)),
    "interflex_get_ack_id": Row("esp1", SELL),
    "interflex_get_nack_id": Row("esp1", SELL),
    "interflex_post_ack": Row(
        "esp1",
        SELL,
        body=lambda there: interflex(ack_id=there["AK"], offer_id=there["offer"], granularity=0),
        short=("not_found",),
    ),
    "interflex_post_nack": Row(
        "esp1",
        SELL,
        body=lambda there: interflex(nack_id=there["NK"], offer_id=there["offer"], granularity=0),
        short=("not_found",),
    ),
    "interflex_list_acks": Row(f"{DSO} esp1", f"{DSO} {SELL}"),
    "interflex_list_nacks": Row(f"{DSO} esp1", f"{DSO} {SELL}"),
    "interflex_delete_ack": Row("esp1", SELL, {"ack_id": "AK-none"}, short=("not_found",)),
    "interflex_delete_nack": Row("esp1", SELL, {"nack_id": "NK-none"}, short=("not_found",)),
}


@pytest.fixture(scope="module")
def market(delivered_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rights]:
    with rights(delivered_database, tmp_path_factory.mktemp("rights") / "flexdesk.db") as made:
        yield made


def described() -> dict[str, tuple[str, str]]:
    """(method, path) of every operation by name."""
    paths = MARKET.description["paths"]
    return {op["operationId"]: (method, path) for path, methods in paths.items() for method, op in methods.items()}


def test_every_operation_is_in_the_table_and_in_the_policy() -> None:
    named = set(described())
    assert named - ANYBODY == set(TABLE)
    assert set(OPERATIONS) == set(TABLE)
    assert named & ANYBODY == ANYBODY - {"get_refusals"}


def test_the_policy_permits_exactly_the_roles_of_the_table() -> None:
    for name, row in TABLE.items():
        roles = {CALLERS[caller].role for caller in row.permitted}
        assert {role for role in Role if role is not Role.SYSTEM and may_call(role, name)} == roles, name
        assert not may_call(Role.SYSTEM, name) or name == "pass_gate" or name == "unshelve_alarm"


def test_what_has_no_row_is_refused_to_every_role() -> None:
    assert not any(may_call(role, "something_new") for role in Role)


def address(path: str, row: Row, there: There) -> str:
    usual = {
        "region_id": "R1",
        "delivery_day": str(LATER),
        "application_id": there["application"],
        "party_id": "agg1",
        "series_kind": "baseline",
        "kind": "day_ahead",
        "toolkit": "needs",
        "chapter": "needs",
        "letter_id": "1",
        "congested_region_id": there["point"],
        "pod_id": "10Y-PV-1--------A",
        "dso": "dso1",
        "agg": "esp1",
    }
    named = {**there, **usual}
    for part in path.split("{")[1:]:
        name = part.split("}")[0]
        kind = row.ids.get(name, name if name in usual else name.removesuffix("_id"))
        path = path.replace(f"{{{name}}}", named.get(kind, kind))
    return path


def call(market: Rights, method: str, path: str, row: Row, caller: str) -> Any:
    there, headers = market.there, market.api.headers(caller)
    query = row.query(there) if row.query else None
    if row.document is not None:
        media_type, text = row.document
        headers = headers | {"content-type": media_type}
        return market.api.client.request(method, path, content=text, headers=headers, params=query)
    body = row.body(there) if row.body else None
    return market.api.client.request(method, path, json=body, headers=headers, params=query)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_each_caller_gets_what_is_its_own(market: Rights, name: str) -> None:
    row, (method, path) = TABLE[name], described()[name]
    path = address(path, row, market.there)
    assert "{" not in path
    for caller in () if name in ENDLESS else CALLERS:
        market.desk.done = False
        answer = call(market, method, path, row, caller)
        where = f"{name} by {caller}: {answer.status_code} {answer.text[:300]}"
        code = answer.json()["code"] if answer.status_code >= 400 else ""
        if caller not in row.permitted:
            assert (answer.status_code, code) == (403, "not_permitted"), where
        elif caller not in row.answered.split():
            assert answer.status_code in (403, 404), where
            assert code in ("not_found", "not_yours", "no_result"), where
        else:
            assert answer.status_code < 300 or market.desk.done or code in row.short, where
        leaked = [
            kind
            for kind, (text, seen_by) in market.secrets.items()
            if text in answer.text and caller not in seen_by
        ]
        assert not leaked, f"{leaked} in {where}"


def test_the_secrets_are_found_where_they_may_be(market: Rights) -> None:
    """Else nothing could leak in the test above."""
    got = [name for name, (method, _) in described().items() if method == "get" and name in TABLE.keys() - ENDLESS]
    found: set[str] = set()
    for caller in ("fmo", "esp1"):
        for name in got:
            if caller in TABLE[name].answered.split() and found != set(market.secrets):
                path = address(described()[name][1], TABLE[name], market.there)
                text = call(market, "get", path, TABLE[name], caller).text
                found |= {kind for kind, (secret, _) in market.secrets.items() if secret in text}
    assert found == set(market.secrets)
