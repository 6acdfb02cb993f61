"""Every route that writes, with who may use it and a body that would be taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

APPLICATION = {
    "company": "Hillside",
    "contact": "A. Hill",
    "email": "hill@example.org",
    "role": "esp",
    "account": "hill",
    "password": "long enough, is it",
}
CONTRACT = {
    "region_id": "R1",
    "party_id": "esp1",
    "valid_from": "2016-07-25",
    "baseline": "nomination",
    "rule": "pay_delivered",
}
INSTANT = "2016-07-25T12:30:00+02:00"
TIMED = {"timestamp": INSTANT, "activation_time": INSTANT, "flexible_power": 1, "duration": 900, "unit": "kW"}
PRICED = {"granularity": 0, "flex_price": 40.5, "flex_type": "load", "currency": "EUR"}
CORNERS = [{"lon": lon, "lat": lat} for lon, lat in ((9, 52), (9.5, 52), (9.5, 54), (9, 54))]

# route -> who may use it, and a body that would be taken (None: it takes none); addresses name nothing
ROUTES: dict[str, tuple[str, Callable[[Any], Any] | None]] = {
    "POST /sessions": ("fmo", lambda market: market.plan()),
    "PUT /sessions/{session_id}/rules": (
        "fmo",
        lambda market: {"clearing": "network", "payment": "nodal", "energy": "ignored"},
    ),
    "POST /sessions/{session_id}/clearing": ("fmo", None),
    "POST /gates/{gate_id}/pass": ("fmo", None),
    "POST /requests": ("dso1", lambda market: market.request()),
    "POST /offers": ("esp1", lambda market: market.offer()),
    "POST /token": ("esp1", lambda market: {"account": "esp1", "password": "demo-esp1"}),
    "POST /password": (
        "esp1",
        lambda market: {"account": "esp1", "password": "demo-esp1", "new_password": "another horse"},
    ),
    "POST /accounts/{account}/reset": ("fmo", None),
    "POST /keys": ("esp1", lambda market: {"name": "Scheduler", "scopes": ["trade"]}),
    "POST /oauth/clients": (
        "fmo",
        lambda market: {"client_id": "scada", "grants": ["client_credentials"], "account": "esp1"},
    ),
    "POST /keys/{key_id}/rotate": ("esp1", lambda market: {"overlap_hours": 1}),
    "POST /notifications/read": ("esp1", None),
    "POST /activations/{activation_id}/acknowledge": ("esp1", None),
    "POST /activations/{activation_id}/refuse": ("esp1", lambda market: {"reason": "It is broken."}),
    "POST /assets": ("esp1", lambda market: market.asset()),
    "POST /assets/{asset_id}/confirm": ("dso1", None),
    "POST /assets/{asset_id}/refuse": ("dso1", lambda market: {"reason": "It is unknown here."}),
    "PUT /assets/{asset_id}/baselines/{delivery_day}": ("esp1", lambda market: {"p_mw": [0] * 96}),
    "PUT /portfolio/{series_kind}/{delivery_day}": (
        "esp1",
        lambda market: {"series": [{"asset_id": market.asset_id, "p_mw": [0] * 96}]},
    ),
    "PUT /prices/{kind}/{delivery_day}": (
        "fmo",
        lambda market: {"price_eur_per_mwh": [40] * 96, "source": "exchange"},
    ),
    "POST /jobs/{job_id}/cancel": ("esp1", None),
    "PUT /clock": ("fmo", lambda market: {"action": "pause"}),
    "POST /clock/gate": ("fmo", lambda market: {"gate_id": "GT-none"}),
    "POST /clock/day-end": ("fmo", lambda market: {"session_id": "MS-none"}),
    "POST /guide/{chapter}": ("fmo", None),
    "POST /applications": ("esp1", lambda market: APPLICATION),
    "POST /applications/{application_id}/accept": ("fmo", lambda market: {"role": "esp"}),
    "POST /applications/{application_id}/refuse": ("fmo", lambda market: {"reason": "Unknown company."}),
    "PUT /parties/{party_id}/role": ("fmo", lambda market: {"role": "esp"}),
    "POST /parties/{party_id}/suspend": ("fmo", lambda market: {"reason": "Did not pay."}),
    "POST /parties/{party_id}/reinstate": ("fmo", None),
    "POST /alarms/{alarm_id}/acknowledge": ("dso1", None),
    "POST /alarms/{alarm_id}/shelve": (
        "dso1",
        lambda market: {"until": "2016-07-24T12:00:00+02:00", "reason": "Being repaired."},
    ),
    "POST /alarms/{alarm_id}/unshelve": ("dso1", None),
    "POST /what-ifs": (
        "dso1",
        lambda market: {"region_id": "R1", "delivery_day": "2016-07-25", "lines_out": ["L1"]},
    ),
    "POST /needs": ("dso1", lambda market: {"region_id": "R1", "delivery_day": "2016-07-25"}),
    "PUT /pods/{pod_id}": ("fmo", lambda market: {"asset_id": "FA-none", "valid_from": "2016-07-25"}),
    "PUT /metering/{delivery_day}/{pod_id}": ("dso1", lambda market: {"p_mw": [0] * 96}),
    "PUT /forecasts/{asset_id}/{delivery_day}": ("esp1", lambda market: {"p_mw": [0] * 96}),
    "POST /contracts": ("fmo", lambda market: CONTRACT),
    "POST /settlements/{session_id}": ("fmo", None),
    "POST /settlements/{session_id}/validate": ("fmo", None),
    "POST /settlements/{session_id}/issue": ("fmo", None),
    "POST /zones": ("dso1", lambda market: {"region_id": "R1", "name": "End", "corners": CORNERS}),
    "PUT /zones/{zone_id}": ("dso1", lambda market: {"name": "End", "corners": CORNERS}),
    "POST /congested-regions": ("dso1", lambda market: {"region_id": "R1", "name": "End", "elements": ["3"]}),
    "POST /congested-regions/{congested_region_id}/close": ("dso1", None),
    "POST /assets/{asset_id}/confirm-conditionally": (
        "dso1",
        lambda market: {"most_down_mw": 1, "reason": "Until the line is doubled."},
    ),
    "PUT /requests/{request_id}/review": ("tso", lambda market: {"verdict": "hold", "note": "Too much."}),
    "POST /sessions/{session_id}/tries": (
        "fmo",
        lambda market: {"clearing": "network", "payment": "nodal", "energy": "ignored"},
    ),
    "POST /operation/audit-check": ("fmo", None),
    "POST /operation/letters/{letter_id}/send-again": ("fmo", None),
    "PUT /operation/toolkits/{toolkit}": ("fmo", lambda market: {"party_id": "dso1"}),
    "POST /offers/together": ("esp1", lambda market: {"offers": [market.offer()]}),
    "POST /offers/dry-clearing": ("esp1", lambda market: market.offer()),
    "POST /interflex/api/v1/dsos/{dso}/flexibilityRequests": (
        "dso1",
        lambda market: TIMED | {"request_id": "FR-1", "deadline": INSTANT, "region_id": "3"},
    ),
    "POST /interflex/api/v1/aggregators/{agg}/flexibilityOffers": (
        "esp1",
        lambda market: (
            TIMED | PRICED | {"offer_id": "FO-1", "entity_id": "esp1", "deadline": INSTANT, "region_id": "3"}
        ),
    ),
    "POST /interflex/api/v1/dsos/{dso}/flexibilityActivations/{agg}": (
        "dso1",
        lambda market: TIMED | PRICED | {"activation_id": "FA-1", "offer_id": "FO-1"},
    ),
    "POST /interflex/api/v1/aggregators/{agg}/flexibilityActivations/acks": (
        "esp1",
        lambda market: TIMED | {"granularity": 0, "ack_id": "AK-1", "offer_id": "FO-1"},
    ),
    "POST /interflex/api/v1/aggregators/{agg}/flexibilityActivations/nacks": (
        "esp1",
        lambda market: TIMED | {"granularity": 0, "nack_id": "NK-1", "offer_id": "FO-1"},
    ),
}
DOCUMENTS = {
    "PUT /regions/{region_id}/network",
    "PUT /regions/{region_id}/schedules/{delivery_day}",
    "PUT /metering/{delivery_day}",
}
"""Routes that take a document as it is; see test_documents_over_rest and test_settlement_over_rest."""
FORMS = {
    "POST /oauth/token",
    "POST /oauth/revoke",
    "POST /interflex/api/v1/authentication/token",
    "POST /interflex/api/v1/authentication/refresh",
}
"""Routes that take a form; see test_oauth_over_rest."""
IN_ADDRESS = {
    "delivery_day": "2016-07-25",
    "kind": "day_ahead",
    "series_kind": "baseline",
    "toolkit": "needs",
    "chapter": "needs",
    "dso": "dso1",
    "agg": "esp1",
}
