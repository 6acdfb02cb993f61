"""Random hypothetical offers on days with storages and in auctions: the award is that of a whole clearing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import clear, dry_base, dry_clear

N_STEPS = 4
SHAPES = (
    {},
    {"min_acceptance": 0.5},
    {"block": True},
    {"max_energy_mwh": 0.2},
    {"ramp_mw_per_step": 0.2},
)
SHIFTS = (-30.0, -7.0, -1.0, 2.0, 25.0)


def storage(name: str, bus: str, price: Any) -> dict[str, Any]:
    return {
        "id": name, "party": f"party of {name}", "asset": name, "bus": bus, "commodity": "storage",
        "price_eur_per_mwh": price, "p_charge_max_mw": 0.3, "p_discharge_max_mw": 0.3, "energy_mwh": 0.5,
        "energy_start_mwh": 0.2, "energy_end_mwh": 0.2, "efficiency_charge": 0.93, "efficiency_discharge": 0.94,
    }  # fmt: skip


@pytest.fixture
def make(feeder, offer):
    """A market from a seed; `kind` is redispatch, arbitrage or auction."""

    def make(kind: str, rng: np.random.Generator) -> dict[str, Any]:
        price = lambda: round(float(rng.uniform(10.0, 90.0)), 2)  # noqa: E731
        p_mw = np.round(rng.uniform([2.2, 2.2, 0.3, 0.3], [2.6, 2.6, 1.5, 1.5]), 3).tolist()
        offers = [offer(f"D{b}", b, 1.5, price()) for b in "123"] + [offer("U", "2", 0.5, price(), direction="up")]
        if kind == "auction":
            up = {"id": "RU", "party": "C", "buses": ["3", "2"], "commodity": "P", "direction": "up"}
            down = up | {"id": "RD", "buses": ["1"], "direction": "down"}
            quantity = np.round(rng.uniform(0.0, 1.0, N_STEPS), 3).tolist()
            requests = [r | {"quantity_mw": quantity, "price_eur_per_mwh": price()} for r in (up, down)]
            return feeder(p_mw=p_mw, n_steps=N_STEPS, offers=offers, requests=requests, clearing="requests")
        coupling = np.round(rng.uniform(10.0, 100.0, N_STEPS), 2).tolist()
        energy = {"energy": "priced", "coupling_price": coupling} if kind == "arbitrage" else {}
        return feeder(p_mw=p_mw, n_steps=N_STEPS, offers=[*offers, storage("S", "2", 2.0)], **energy)

    return make


def hypothetical(rng: np.random.Generator, offer: Any, prices: Any) -> dict[str, Any]:
    """An offer at a random bus, priced near what its change is worth there, or a storage."""
    bus = int(rng.integers(1, 4))
    if rng.random() < 0.2:
        return storage(
            "X", str(bus), np.round(rng.uniform(0.5, 15.0) + rng.uniform(0.0, 2.0, N_STEPS), 2).tolist()
        )
    direction, reactive = str(rng.choice(["up", "down"])), bool(rng.random() < 0.15)
    shape = {} if reactive else SHAPES[int(rng.integers(len(SHAPES)))]
    quantity = np.round(rng.uniform(0.1, 0.8, N_STEPS), 3) * (rng.random(N_STEPS) < 0.8)
    sign = 1.0 if direction == "up" else -1.0
    local = sign * prices.total[int(reactive), :, bus + 1] + prices.balance[int(reactive), int(sign < 0)]
    # Another price in each step: where all steps are alike, how a budget is spread over them is a toss-up.
    price = np.round(np.clip(local.mean() + rng.choice(SHIFTS), -500.0, 500.0) + rng.uniform(0.0, 2.0, N_STEPS), 2)
    made = offer("X", str(bus), quantity.tolist(), price.tolist(), direction=direction, **shape)
    if not reactive:
        return made
    made = {k: v for k, v in made.items() if k not in ("quantity_mw", "price_eur_per_mwh")}
    return made | {
        "commodity": "Q",
        "quantity_mvar": quantity.tolist(),
        "price_eur_per_mvarh": abs(price).tolist(),
    }


@pytest.mark.parametrize("seed", [1, 3])
@pytest.mark.parametrize(
    ("kind", "payment"), [("redispatch", "nodal"), ("arbitrage", "pay_as_bid"), ("auction", "nodal")]
)
def test_random_offers_get_what_a_whole_clearing_gives(kind, payment, seed, make, offer, read):
    rng = np.random.default_rng([seed, len(kind)])
    document = make(kind, rng)
    document["options"] = document["options"] | {"payment": payment}
    case = read(document)
    base = dry_base(case)
    for number in range(4):
        trial = hypothetical(rng, offer, base.prices)
        dry = dry_clear(case, trial, base)
        whole = clear(read(document | {"offers": [*document["offers"], trial]})).result
        award, where = whole["awards"]["X"], f"{number} {trial}"
        assert dry.award["accepted"] == pytest.approx(award["accepted"], abs=1e-6), where
        assert float(dry.revenue_eur) == pytest.approx(float(whole["payments"][trial["party"]]), abs=0.011), where
        assert (dry.why is None) == (award["why"] is None), where
        if dry.why is not None:
            same = ("kind", "element", "step")
            assert {k: dry.why[k] for k in same} == {k: award["why"][k] for k in same}, (
                f"{where} {dry.award} {award}"
            )
