"""Two market days over REST alone, a step at a time, each with other values than the day before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import world as w

from app.bridge.metering import Metered, document_of

SUN = range(44, 56)
MORE_UNIT = "LD-4"
CONDITION = {"most_down_mw": "0.3", "from_hour": 10, "to_hour": 16, "reason": "Until the line is doubled."}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is unlike on a market day. It is held on the `eve` of its delivery day; continuous trading is for three
    days later.

    east : degrees by which the network lies further east; units : new assets, owner by unit
    """

    eve: date
    pv_mw: float
    east: float
    price: int
    share: str
    asked: tuple[float, float]
    verdicts: tuple[str, str]
    rules: dict[str, str]
    tried: dict[str, str]
    units: dict[str, tuple[str, str]]
    company: str
    contract: dict[str, Any]

    @property
    def day(self) -> str:
        return str(self.eve + timedelta(days=1))

    @property
    def later(self) -> str:
        return str(self.eve + timedelta(days=2))


PLANS = (
    Plan(
        eve=date(2016, 7, 24),
        pv_mw=4.0,
        east=0.0,
        price=40,
        share="0.5",
        asked=(0.4, 0.9),
        verdicts=("accept", "hold"),
        rules={"clearing": "network", "payment": "nodal", "energy": "priced"},
        tried={"clearing": "copperplate", "payment": "pay_as_bid", "energy": "ignored"},
        units={"PV-1": ("esp1", "confirm"), "LD-2": ("agg1", "confirm"), "LD-1": ("retailer1", "confirm")},
        company="Hillside",
        contract={"baseline": "nomination", "rule": "pay_delivered"},
    ),
    Plan(
        eve=date(2016, 7, 26),
        pv_mw=3.6,
        east=0.4,
        price=52,
        share="0.7",
        asked=(0.5, 0.7),
        verdicts=("hold", "ask_change"),
        rules={"clearing": "network", "payment": "nodal", "energy": "ignored"},
        tried={"clearing": "requests", "payment": "vcg", "energy": "ignored"},
        units={"PV-2": ("esp1", "condition"), "BAT-1": ("agg1", "confirm"), "PV-3": ("retailer1", "refuse")},
        company="Valley",
        contract={
            "baseline": "forecast",
            "rule": "penalty",
            "tolerance_share": "0.05",
            "penalty_eur_per_mwh": 60,
        },
    ),
)


def taken(answer: Any) -> Any:
    """The answer's value; the test fails when it is a refusal."""
    assert answer.status_code < 300, f"{answer.request.method} {answer.request.url}: {answer.text}"
    return answer.json() if answer.content else None


def in_the_sun(quantity: Any, else_: Any = 0) -> list[Any]:
    return [quantity if step in SUN else else_ for step in range(96)]


def network(east: float, *, more: bool, ohm: float) -> str:
    """The small world's network, further east and with other limits; with one bus more if wanted. Nothing flows
    over lines of 300 ohm, so that the computation of its needs fails."""
    document = json.loads(w.network())
    if more:
        document["buses"].append(document["buses"][-1] | {"id": "4", "lon": 9.04})
        document["branches"].append(document["branches"][-1] | {"id": "L3", "from": "3", "to": "4"})
        document["units"].append(document["units"][-1] | {"id": MORE_UNIT, "bus": "4"})
    for bus in document["buses"]:
        bus["lon"] += east + 0.1 * more
        bus["vm_max_pu"] -= east / 100
    for branch in document["branches"]:
        branch["max_i_ka"] -= east / 10
        branch["r_ohm"] = ohm
    return json.dumps(document)


def schedules(day: date, pv_mw: float, *, more: bool) -> str:
    """Its schedules, up to the unit that is there if it has one bus more."""
    text = w.schedule(day, pv_mw=pv_mw)
    return text + ",".join([MORE_UNIT, "p_mw", *["0.1"] * 96]) + "\n" if more else text


class Days:
    """The market's participants as callers of `api`. A day yields what was just done."""

    def __init__(self, api: Any) -> None:
        self.api = api
        self.assets: dict[tuple[str, str], str] = {}

    # -- callers ----------------------------------------------------------------------------------------------

    def get(self, who: str, path: str, **query: str) -> Any:
        return taken(self.api.get(path, who=who, **query))

    def post(self, who: str | None, path: str, body: Any = None) -> Any:
        if body is None:
            return taken(self.api.raw(path, b"", who))
        return taken(self.api.post(path, body, who=who))

    def put(self, who: str, path: str, body: Any) -> Any:
        return taken(self.api.put(path, body, who=who))

    def document(self, who: str, path: str, text: str, media_type: str) -> None:
        taken(self.api.raw(path, text, who, method="PUT", **{"content-type": media_type}))

    # -- a day ------------------------------------------------------------------------------------------------

    def play(self, plan: Plan) -> Iterator[str]:
        """From the grid's files to the corrected statement."""
        for who in self.api.tokens:
            account = {"account": who, "password": f"demo-{who}"}
            self.api.tokens[who] = self.post(None, "/token", account)["access_token"]
        yield from self.inputs(plan)
        yield from self.take_part(plan)
        yield from self.register(plan)
        yield from self.watch(plan)
        sessions = yield from self.open(plan)
        yield from self.ask(plan, sessions)
        yield from self.offer(plan, sessions)
        yield from self.clear(plan, sessions)
        yield from self.settle(plan, sessions)
        yield from self.operate(plan, sessions)

    def inputs(self, plan: Plan) -> Iterator[str]:
        """Networks, schedules, prices; each comes twice, with other values."""
        for more in (True, False):
            for who, region in (("dso1", "R1"), ("dso2", "R2")):
                text = network(plan.east, more=more, ohm=300 if more and region == "R2" else 3)
                self.document(who, f"/regions/{region}/network", text, "application/json")
                for day in (plan.day, plan.later):
                    text = schedules(date.fromisoformat(day), plan.pv_mw - 0.2 * more, more=more)
                    self.document(who, f"/regions/{region}/schedules/{day}", text, "text/csv")
            yield "grid"
        for forecast in (3, 0):
            for further, day in enumerate((plan.day, plan.later)):
                for kind, above in (("day_ahead", 0), ("balancing", 20)):
                    series = [plan.price + further + above + forecast + step % 7 for step in range(96)]
                    body = {"price_eur_per_mwh": series, "source": f"exchange {plan.price + forecast}"}
                    self.put("fmo", f"/prices/{kind}/{day}", body)
            yield "prices"

    def take_part(self, plan: Plan) -> Iterator[str]:
        """One company is accepted, one is not, one waits; somebody is shut out and comes back."""
        ids = {}
        for name in ("mill", "barn", "farm"):
            company = f"{plan.company} {name}"
            body = {
                "company": company,
                "contact": "A. Hill",
                "email": f"{name}@{plan.company.lower()}.example",
                "role": "esp",
                "account": f"{plan.company.lower()}-{name}",
                "password": "long enough, is it",
            }
            ids[name] = self.post(None, "/applications", body)["id"]
        yield "applications"
        self.post("fmo", f"/applications/{ids['mill']}/accept", {"role": "esp", "brp_id": "brp1"})
        self.post("fmo", f"/applications/{ids['barn']}/refuse", {"reason": "Unknown company."})
        self.post("fmo", "/parties/brp2/suspend", {"reason": f"Did not pay {plan.company}."})
        yield "suspended"
        self.post("fmo", "/parties/brp2/reinstate")
        contract = {"region_id": "R1", "party_id": "esp1", "valid_from": plan.day, **plan.contract}
        for party in ("esp1", "agg1"):
            self.post("fmo", "/contracts", contract | {"party_id": party})

    def register(self, plan: Plan) -> Iterator[str]:
        """Assets of both regions; the grid operator's word, meters, baselines, forecasts."""
        waiting = []
        for unit, (who, word) in plan.units.items():
            waiting.append(("dso1", self.asset(who, unit), word))
            if word != "refuse":
                waiting.append(("dso2", self.asset("esp2" if who == "retailer1" else who, unit, "R2"), word))
        yield "registered"
        for dso, asset_id, word in waiting:
            self.answer(dso, asset_id, word)
        yield "confirmed"
        for (region, unit), asset_id in self.assets.items():
            pod, owner = f"10Y{region}{unit}", self.owners[asset_id]
            if unit in plan.units and plan.units[unit][1] != "refuse":
                self.put("fmo", f"/pods/{pod}", {"asset_id": asset_id, "valid_from": str(plan.eve)})
                planned = self.planned(unit, plan)
                for day in (plan.day, plan.later):
                    self.put(owner, f"/assets/{asset_id}/baselines/{day}", {"p_mw": planned})
                    self.put(owner, f"/forecasts/{asset_id}/{day}", {"p_mw": planned})
        for who in ("esp1", "agg1", "retailer1"):
            mine = [asset_id for asset_id in self.assets.values() if self.owners[asset_id] == who]
            units = {asset_id: unit for (_region, unit), asset_id in self.assets.items()}
            for kind in ("baseline", "forecast"):
                series = [{"asset_id": one, "p_mw": self.planned(units[one], plan)} for one in mine]
                self.put(who, f"/portfolio/{kind}/{plan.day}", {"series": series})
        yield "baselines and forecasts"

    @property
    def owners(self) -> dict[str, str]:
        return {row["id"]: row["owner_id"] for row in self.get("fmo", "/assets")["items"]}

    def planned(self, unit: str, plan: Plan) -> list[Any]:
        feeding = {"PV-1": plan.pv_mw, "PV-2": 2.0, "PV-3": 0.5}
        flat = {"LD-1": 0.2, "LD-2": 0.2}
        return in_the_sun(feeding[unit]) if unit in feeding else [-flat.get(unit, 0)] * 96

    def asset(self, who: str, unit: str, region: str = "R1") -> str:
        command = w.register(unit)
        body = {
            "region_id": region,
            "unit_id": unit,
            "name": f"{command.name} {region}",
            "kind": command.kind.value,
            "p_min_mw": str(command.p_min_mw),
            "p_max_mw": str(command.p_max_mw),
            "brp_id": "brp1",
            "customer_id": "customer1",
        }
        asset_id: str = self.post(who, "/assets", body)["id"]
        self.assets[region, unit] = asset_id
        return asset_id

    def answer(self, who: str, asset_id: str, word: str) -> None:
        path = f"/assets/{asset_id}"
        if word == "condition":
            self.post(who, f"{path}/confirm-conditionally", CONDITION)
        elif word == "refuse":
            self.post(who, f"{path}/refuse", {"reason": "It has no meter."})
        else:
            self.post(who, f"{path}/confirm")

    def watch(self, plan: Plan) -> Iterator[str]:
        """Zones, congested regions, alarms, what-ifs."""
        west, east, south, north = (
            f"{place:.3f}" for place in (9.015 + plan.east, 9.035 + plan.east, 52.99, 53.01)
        )
        around = [
            {"lon": lon, "lat": lat} for lon, lat in ((west, south), (east, south), (east, north), (west, north))
        ]
        zone = self.post("dso1", "/zones", {"region_id": "R1", "name": f"End {plan.company}", "corners": around})
        self.put("dso1", f"/zones/{zone['id']}", {"name": f"Line's end {plan.company}", "corners": around})
        for standing in self.get("dso1", "/congested-regions")["items"]:
            self.post("dso1", f"/congested-regions/{standing['id']}/close")
        body = {"region_id": "R1", "name": f"Line {plan.company}", "zone_id": zone["id"], "elements": ["L2"]}
        self.post("dso1", "/congested-regions", body)
        found = self.get("dso1", "/alarms", delivery_day=plan.day)["items"]
        alarms = [alarm for alarm in found if alarm["state"] == "raised"]
        for alarm, until in zip(alarms[:2], (None, f"{plan.eve}T12:00:00+02:00"), strict=False):
            word, sent = (
                ("acknowledge", None) if until is None else ("shelve", {"until": until, "reason": "Known."})
            )
            self.post("dso1", f"/alarms/{alarm['id']}/{word}", sent)
        self.what_if(plan, lines_out=["L2"])
        yield "zones, alarms and N-1"
        self.what_if(plan, changes=[{"unit_id": "PV-1", "first_step": 44, "last_step": 50, "scale_percent": 80}])

    def what_if(self, plan: Plan, **changed: Any) -> None:
        self.post("dso1", "/what-ifs", {"region_id": "R1", "delivery_day": plan.day, **changed})

    # -- sessions ---------------------------------------------------------------------------------------------

    def open(self, plan: Plan) -> Iterator[str]:
        """An auction on the network, one of requests, and continuous trading."""
        live = {"clearing": "continuous", "payment": "nodal", "energy": "ignored"}
        sessions = {
            "auction": self.session(plan, "R1", plan.day, **plan.rules),
            "requests": self.session(plan, "R2", plan.day, clearing="requests", payment="nodal"),
            "live": self.session(plan, "R1", plan.later, **live),
        }
        yield "planned"
        for session in sessions.values():
            self.pass_gate(session, "open")
        yield "opened"
        return sessions

    def session(self, plan: Plan, region: str, day: str, **rules: str) -> Any:
        times = {"opens_at": "09:00", "gate_closes_at": "12:00", "publishes_at": "12:15"}
        body = {key: f"{plan.eve}T{at}:00+02:00" for key, at in times.items()}
        return self.post("fmo", "/sessions", {"region_id": region, "delivery_day": day, **body, **rules})

    def pass_gate(self, session: Any, kind: str) -> None:
        """The clock reaches the session's next gate of this kind, and it is passed."""
        gates = self.get("fmo", f"/sessions/{session['id']}")["gates"]
        gate = next(gate for gate in gates if gate["kind"] == kind and not gate["done"])
        self.post("fmo", "/clock/gate", {"gate_id": gate["id"]})
        self.post("fmo", f"/gates/{gate['id']}/pass")

    def ask(self, plan: Plan, sessions: Any) -> Iterator[str]:
        """Grid operators and a balance group ask; the grid above has its say."""
        auction, of_requests, live = (sessions[name] for name in ("auction", "requests", "live"))
        asked = [self.request("dso1", auction, quantity) for quantity in plan.asked]
        gone = self.request("dso1", auction, 0.1)
        taken(self.api.delete(f"/requests/{gone['id']}", who="dso1"))
        self.request("dso1", auction, 0.1, commodity="Q", direction="down")
        for request, verdict in zip(asked, plan.verdicts, strict=True):
            self.put(
                "tso", f"/requests/{request['id']}/review", {"verdict": verdict, "note": "For the line above."}
            )
        self.request("dso2", of_requests, plan.asked[0])
        self.request("brp1", of_requests, plan.asked[1], buses=[], congestion_point="Balance")
        self.request("dso1", live, 0.3)
        for who, session in (("dso1", live), ("dso2", of_requests)):
            self.request(who, session, 0.05, direction="up", congestion_point="Start of the line")
        yield "requested"

    def request(self, who: str, session: Any, quantity: float, **changes: Any) -> Any:
        body = {
            "session_id": session["id"],
            "congestion_point": "End of the line",
            "buses": ["3"],
            "direction": "down",
            "quantity_mw": in_the_sun(quantity),
            "price_cap_eur_per_mwh": 150,
            "deadline": session["gate_closes_at"],
        }
        return self.post(who, "/requests", body | changes)

    def offer(self, plan: Plan, sessions: Any) -> Iterator[str]:
        """Sellers offer from what was confirmed, in all sessions; one takes an offer back."""
        sellers = [
            (unit, who) for unit, (who, word) in plan.units.items() if word != "refuse" and who != "retailer1"
        ]
        for name, region in (("auction", "R1"), ("requests", "R2"), ("live", "R1")):
            for number, (unit, who) in enumerate(sellers):
                self.bid(who, sessions[name], self.assets[region, unit], unit, plan.price - 10 + 5 * number)
        unit, who = sellers[0]
        gone = self.bid(who, sessions["auction"], self.assets["R1", unit], unit, plan.price + 20, "0.05")
        yield "offered"
        taken(self.api.delete(f"/offers/{gone['id']}", who=who))
        yield "withdrawn"
        yield from self.call_directly(plan)

    def call_directly(self, plan: Plan) -> Iterator[str]:
        """Over InterFlex: one has none, one offers; of three calls one is taken back, two are answered."""
        same = {
            "duration": 900,
            "timestamp": f"{plan.eve}T09:00:00+02:00",
            "unit": "kW",
            "activation_time": f"{plan.day}T12:00:00+02:00",
            "granularity": 5,
        }
        priced = same | {"flex_price": plan.price, "flex_type": "pv", "currency": "EUR"}
        offers = {}
        for region in ("R1", "R2"):
            there = priced | {"region_id": f"{region}/3", "deadline": f"{plan.eve}T11:00:00+02:00"}
            for who, power in (("agg1", 0), ("esp1", -40)):
                path = f"/aggregators/{who}/flexibilityOffers"
                size = {"flexible_power": power, "granularity": 5 if power else 0}
                offers[region] = self.negotiate(who, path, "offer", there | size | {"entity_id": who})
        yield "open to call"
        for dso, region in (("dso1", "R1"), ("dso2", "R2")):
            path = f"/dsos/{dso}/flexibilityActivations"
            for power in (-10, -15, -5):
                part = priced | {"offer_id": offers[region], "flexible_power": power}
                called = self.negotiate(dso, path, "activation", part, "/esp1")
            taken(self.interflex("DELETE", dso, f"{path}/esp1/{called}"))
        yield "called"
        for offer in offers.values():
            for kind, power in (("ack", -10), ("nack", -15)):
                path = f"/aggregators/esp1/flexibilityActivations/{kind}s"
                self.negotiate("esp1", path, kind, same | {"offer_id": offer, "flexible_power": power})
        yield "calls answered"

    def negotiate(self, who: str, path: str, kind: str, body: Any, to: str = "") -> str:
        """Post an object under an id of its own."""
        new: dict[str, str] = taken(self.interflex("GET", who, f"{path}/{kind}Id"))
        taken(self.interflex("POST", who, path + to, body | new))
        return new[f"{kind}_id"]

    def interflex(self, method: str, who: str, path: str, body: Any = None) -> Any:
        headers = self.api.headers(who)
        return self.api.client.request(method, f"/interflex/api/v1{path}", json=body, headers=headers)

    def bid(self, who: str, session: Any, asset_id: str, unit: str, price: int, quantity: str = "") -> Any:
        sizes = {"PV-1": ("down", "1.5"), "PV-2": ("down", "0.2"), "LD-2": ("up", "0.1"), "BAT-1": ("down", "0.4")}
        direction, most = sizes[unit]
        body = {
            "session_id": session["id"],
            "direction": direction,
            "lines": [{"asset_id": asset_id, "quantity_mw": in_the_sun(quantity or most)}],
            "price_eur_per_mwh": [price] * 96,
        }
        return self.post(who, "/offers", body)

    def clear(self, plan: Plan, sessions: Any) -> Iterator[str]:
        """Status reports, a try, the gate, the results, the answers to calls, another try."""
        self.pass_gate(sessions["auction"], "interim")
        self.put("fmo", "/clock", {"action": "run", "speed": 2})
        self.put("fmo", "/clock", {"action": "pause"})
        self.try_rules(sessions["auction"], plan.tried)
        yield "withdrawn, status report, tried"
        for session in sessions.values():
            self.pass_gate(session, "close")
        yield "closed"
        for session in sessions.values():
            self.pass_gate(session, "publish")
        yield "published"
        for who in ("esp1", "agg1", "esp2"):
            for number, row in enumerate(self.get(who, "/activations")["items"]):
                call = row["activation"]
                if call["state"] == "requested":
                    word, sent = ("refuse", {"reason": "It is broken."}) if number == 1 else ("acknowledge", None)
                    self.post(who, f"/activations/{call['id']}/{word}", sent)
        self.try_rules(sessions["auction"], plan.rules | {"payment": "pay_as_bid"})
        yield "answered and tried"

    def try_rules(self, session: Any, rules: dict[str, str]) -> None:
        self.post("fmo", f"/sessions/{session['id']}/tries", rules)

    def settle(self, plan: Plan, sessions: Any) -> Iterator[str]:
        """The day is over; readings come, statements are issued, and a reading is corrected."""
        self.post("fmo", "/clock/day-end", {"session_id": sessions["auction"]["id"]})
        self.meter("dso1", "R1", plan, plan.share)
        self.meter("dso2", "R2", plan, "1")
        yield "metered"
        for session in (sessions["auction"], sessions["requests"]):
            self.issue(session)
        yield "issued"
        self.meter("dso1", "R1", plan, "0.9")
        self.issue(sessions["auction"])
        yield "issued again"

    def meter(self, who: str, region: str, plan: Plan, share: str) -> None:
        """Readings of a region's assets: the schedule, of PV in the sun less a share."""
        readings = {
            f"10Y{region}{unit}": Metered(p_mw=tuple(self.delivered(unit, plan, share)))
            for unit, (_who, word) in plan.units.items()
            if word != "refuse"
        }
        self.document(
            who, f"/metering/{plan.day}", document_of(date.fromisoformat(plan.day), readings), "text/csv"
        )

    def delivered(self, unit: str, plan: Plan, share: str) -> Sequence[Any]:
        planned = self.planned(unit, plan)
        turned = w.Decimal(share) if unit.startswith("PV") else w.Decimal(0)
        return [w.Decimal(str(value)) - (turned if step in SUN else 0) for step, value in enumerate(planned)]

    def issue(self, session: Any) -> None:
        path = f"/settlements/{session['id']}"
        self.post("fmo", path)
        self.post("fmo", f"{path}/validate", {"accept_findings": True})
        self.post("fmo", f"{path}/issue")

    def operate(self, plan: Plan, sessions: Any) -> Iterator[str]:
        """Who answers for what fails, the audit trail, the guided demo, and notes that are read."""
        self.put("fmo", "/operation/toolkits/needs", {"party_id": "dso1", "note": f"Night shift {plan.company}"})
        self.post("fmo", "/operation/audit-check")
        for who in w.WHO:
            if who in self.api.tokens:
                self.post(who, "/notifications/read")
        yield "read"
