"""The negotiation on the served product: by the example, a client of the seed's text, and a generated one.

The market's own interface tells the rest: what was posted at one door is what the other one shows.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from generated_client import Generated, GeneratedParty
from seed_client import Outcome, negotiate

from app.bench.desks.served import Product, served
from domain.time import MARKET_ZONE

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples" / "interflex_negotiation.py"
DAY = "2016-07-25"
BUS, OTHER_BUS = "MV1.101 Bus 44", "MV1.101 Bus 77"
KW = -20
EACH_STEP = dict.fromkeys(range(48, 52), 0.02)
"""MW in the quarter hours from noon on."""
PATIENCE_S = 60


@pytest.fixture(scope="module")
def product(loaded_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("interflex") / "data"
    shutil.copytree(loaded_demo, folder)
    with served(folder) as made:
        yield made


def _port(product: Product) -> int:
    return urlsplit(product.api).port or 0


def _get(product: Product, account: str, path: str) -> Any:
    with product.caller(account) as caller:
        return caller.get(path).raise_for_status().json()


def _market_now(product: Product) -> datetime:
    return datetime.fromisoformat(_get(product, "fmo", "/clock")["market_time"]).astimezone(MARKET_ZONE)


def _play(product: Product, hour: int, party: Any = None) -> Outcome:
    """A negotiation at the other bus for one hour of the delivery day."""
    now = _market_now(product)
    others = {} if party is None else {"party": party}
    return negotiate(
        "127.0.0.1",
        _port(product),
        region_id=OTHER_BUS,
        activation_time=f"{DAY}T{hour}:00:00+02:00",
        deadline=(now + timedelta(hours=1)).replace(microsecond=0).isoformat(),
        timestamp=now.isoformat(),
        flexible_power=KW,
        **others,
    )


def _check(outcome: Outcome, hour: int) -> None:
    prices = {offer["entity_id"]: offer["flex_price"] for offer in outcome.offers}
    assert prices == {"agg1": 71, "agg2": 66}
    expected = {
        "flexible_power": KW,
        "unit": "kW",
        "duration": 3600,
        "activation_time": f"{DAY}T{hour}:00:00+02:00",
    }
    for seen in (*outcome.offers, outcome.activation, outcome.ack):
        assert {name: seen[name] for name in expected} == expected
    assert (outcome.activation["flex_price"], outcome.activation["currency"]) == (66, "EUR")
    (winning,) = [offer for offer in outcome.offers if offer["entity_id"] == "agg2"]
    assert outcome.activation["offer_id"] == outcome.ack["offer_id"] == winning["offer_id"]
    assert outcome.other_saw == []


def test_a_client_of_the_seeds_text_negotiates(product: Product) -> None:
    _check(_play(product, 13), 13)


def test_a_generated_client_negotiates(product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = httpx.get(f"{product.api}/openapi.json", timeout=60).raise_for_status().json()
    monkeypatch.syspath_prepend(str(tmp_path))
    _check(_play(product, 14, partial(GeneratedParty, Generated(document, tmp_path))), 14)


def test_the_example_prints_each_step_and_the_desks_show_it(product: Product) -> None:
    before = {account: len(_notes(product, account)) for account in ("agg1", "agg2", "dso1")}
    deadline = (_market_now(product) + timedelta(minutes=20)).replace(microsecond=0)
    printed = _run_example(product, deadline)
    said = [re.sub(r"^ ?\d+\. ", "", line) for line in printed]
    patterns = [
        *(rf"{name} authenticates; its token holds \d+ s\." for name in ("dso1", "agg1", "agg2")),
        r"dso1 asks for a request id: (?P<request>\S+)\.",
        rf"dso1 posts the request: -20 kW at {BUS} from {DAY}T12:00:00\+02:00 for 3600 s, offers until .+\.",
        r"agg1 reads \d+ request\(s\) of dso1, .+ is among them\.",
        r"agg1 asks for an offer id: (?P<dear>\S+)\.",
        rf"agg1 posts the offer: -20 kW at {BUS} .+ for 64\.00 EUR/MWh\.",
        r"agg2 reads \d+ request\(s\) of dso1, .+ is among them\.",
        r"agg2 asks for an offer id: (?P<cheap>\S+)\.",
        rf"agg2 posts the offer: -20 kW at {BUS} .+ for 58\.50 EUR/MWh\.",
        r"dso1 reads \d+ offer\(s\); 2 answer the request: \S+ of agg2 for 58\.50 EUR/MWh, \S+ of agg1 .+\.",
        r"dso1 chooses the cheapest, \S+ of agg2\.",
        r"dso1 asks for an activation id: (?P<call>\S+)\.",
        r"dso1 posts the activation of \S+ to agg2\.",
        r"agg2 reads the activation \S+ of its offer \S+\.",
        r"agg2 acknowledges it: \S+\.",
        r"dso1 reads the acknowledgement of \S+: -20 kW will be delivered\.",
        r"agg1 sees no activation of \S+ and waits for its deadline\.",
        r"agg1 is informed: \S+ was not activated and does not stand any more\.",
    ]
    matches = [re.fullmatch(pattern, line) for pattern, line in zip(patterns, said, strict=True)]
    assert all(matches), [(p, line) for p, line, m in zip(patterns, said, matches, strict=True) if not m]
    ids = {name: value for match in matches if match for name, value in match.groupdict().items()}
    assert len(set(ids.values())) == 4
    assert f"chooses the cheapest, {ids['cheap']} of" in said[12]
    _check_market(product, ids)
    for account, n in before.items():
        assert len(_notes(product, account)) > n, account
    assert any("did not call" in note["sentence"] and BUS in note["sentence"] for note in _notes(product, "agg1"))


def _notes(product: Product, account: str) -> list[Mapping[str, Any]]:
    notes: list[Mapping[str, Any]] = _get(product, account, "/notifications?limit=1000")["items"]
    return notes


def _check_market(product: Product, ids: Mapping[str, str]) -> None:
    """What the market's own interface shows of the same request, offers and activation."""
    request = _get(product, "agg1", f"/requests/{ids['request']}")
    assert (request["dso_id"], request["congestion_point"], request["buses"]) == ("dso1", BUS, [BUS])
    assert (request["direction"], _steps(request["quantity_mw"])) == ("down", EACH_STEP)

    dear = _get(product, "agg1", f"/offers/{ids['dear']}")
    assert (dear["party_id"], dear["direction"], dear["region_id"]) == ("agg1", "down", "rural")
    (line,) = dear["lines"]
    assert _steps(line["quantity_mw"]) == EACH_STEP
    with product.caller("agg2") as caller:
        assert caller.get(f"/offers/{ids['dear']}").status_code == 404

    called = [
        entry["activation"]
        for entry in _get(product, "agg2", "/activations")["items"]
        if entry["award"]["offer_id"] == ids["cheap"]
    ]
    assert {activation["state"] for activation in called} == {"acknowledged"}
    assert sum(float(mw) for activation in called for mw in activation["p_mw"]) == pytest.approx(-0.08)
    mine = [entry["award"]["offer_id"] for entry in _get(product, "agg1", "/activations")["items"]]
    assert ids["dear"] not in mine


def _steps(values: list[str]) -> dict[int, float]:
    """Quarter hours with a quantity, MW."""
    return {step: round(float(value), 6) for step, value in enumerate(values) if float(value)}


def _run_example(product: Product, deadline: datetime) -> list[str]:
    """What the example prints, while the market's clock is run past the deadline once it waits for that."""
    command = [sys.executable, str(EXAMPLE), "--port", str(_port(product)), "--region-id", BUS]
    times = ["--deadline", deadline.isoformat(), "--wait", str(PATIENCE_S)]
    process = subprocess.Popen(
        [*command, *times],
        cwd=ROOT.parent,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    stop = threading.Timer(2 * PATIENCE_S, process.kill)
    stop.start()
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if line.rstrip().endswith("waits for its deadline."):
            _pass(product, deadline)
    stop.cancel()
    assert process.wait(10) == 0, "\n".join([*lines, process.stderr.read()])
    return lines


def _pass(product: Product, deadline: datetime) -> None:
    """Run the clock fast until the deadline is over: 20 minutes in two seconds, still long before the gate."""
    with product.caller("fmo") as caller:
        caller.put("/clock", json={"action": "run", "speed": 600}).raise_for_status()
        while datetime.fromisoformat(caller.get("/clock").json()["market_time"]) <= deadline:
            time.sleep(0.05)
        caller.put("/clock", json={"action": "run", "speed": 1}).raise_for_status()
