"""What is measured: the rows of the speed table, as data. A row's cases go to every contestant of its `jobs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.bench import cases, figures
from app.bench.cases import Case, Draw
from app.bench.contest import OURS, Job
from app.bench.figures import Bar, Figure

YEAR_STEPS = 35_136
SLICE_STEPS = 192
WATCHED = {"first": 0, "watched": 5}
MEMORY = Figure(
    name="peak memory", unit="MB", measure=figures.peak_mb, bar=Bar(limit=2000.0, sense="at_most", on="worst")
)
OVERHEAD = Figure(
    name="overhead by solver time", unit="", measure=figures.overhead, bar=Bar(limit=0.5, sense="at_most")
)
UNMET = Figure(
    name="unmet needs", unit="", measure=figures.value("unmet"), bar=Bar(limit=0.0, sense="at_most", on="worst")
)
EXPLANATIONS = Figure(
    name="explanations by clearing time",
    unit="",
    measure=figures.share("explanations"),
    bar=Bar(limit=0.05, sense="at_most"),
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row. `facts` are counts of a case that a figure needs; `note` says what a reader must know."""

    name: str
    title: str
    make: Callable[[Draw], Case]
    jobs: Mapping[str, Job]
    figures: tuple[Figure, ...]
    note: str = ""
    facts: Callable[[Case], Mapping[str, Any]] = field(default=lambda _case: {})


def _ours() -> Figure:
    return Figure(name="our seconds", unit="s", measure=figures.seconds_of(OURS))


def _faster(peer: str, limit: float | None, on: Any = "median") -> Figure:
    bar = None if limit is None else Bar(limit=limit, sense="at_least", on=on)
    return Figure(
        name=f"times faster than {peer}", unit="x", measure=figures.times_faster(peer), bar=bar, sense="at_least"
    )


def _same_objective(peer: str, limit: float) -> Figure:
    bar = Bar(limit=limit, sense="at_most", on="worst")
    return Figure(name=f"objective above {peer}", unit="relative", measure=figures.objective_apart(peer), bar=bar)


def _same_voltages(peer: str) -> Figure:
    bar = Bar(limit=1e-6, sense="at_most", on="worst")
    return Figure(name=f"voltage apart from {peer}", unit="pu", measure=figures.voltages_apart(peer), bar=bar)


NEEDS = Row(
    name="needs-year",
    title=f"Needs of a SimBench MV year ({YEAR_STEPS:,} steps, 1-MV-rural--2-sw)",
    make=cases.year,
    jobs={
        OURS: Job(task="needs", settings=WATCHED),
        "pandapower": Job(task="timeseries", settings=WATCHED | {"steps": SLICE_STEPS}),
        "lightsim2grid": Job(task="batch", settings=WATCHED),
        "power-grid-model": Job(task="batch", settings=WATCHED | {"method": "iterative_current"}),
    },
    figures=(
        _ours(),
        _faster("pandapower", 300.0),
        _faster("lightsim2grid", 1.0),
        _faster("power-grid-model", 1.0),
        _same_voltages("pandapower"),
        _same_voltages("lightsim2grid"),
        _same_voltages("power-grid-model"),
        MEMORY,
    ),
    note=f"pandapower's run_timeseries runs {SLICE_STEPS} steps, its seconds are scaled to the year. "
    "The peers give voltages and currents; ours finds the needs as well.",
)


def _step(network: str, title: str, coupling_price: float) -> Row:
    often = 10.0 if coupling_price else 25.0
    return Row(
        name=f"step-{network}-{coupling_price:g}",
        title=f"One step, {title}, coupling price {coupling_price:g}",
        make=cases.step(network, coupling_price),
        jobs={
            OURS: Job(task="clear", repeats=3),
            "pandapower": Job(task="runopp"),
            "casadi": Job(task="clear", settings={"starts": 3}),
        },
        figures=(
            _ours(),
            _faster("pandapower", 10.0, on="worst"),
            Figure(
                name="median times faster than pandapower",
                unit="x",
                measure=figures.times_faster("pandapower"),
                bar=Bar(limit=often, sense="at_least"),
            ),
            _same_objective("casadi", 1e-6),
            Figure(
                name="objective above pandapower",
                unit="relative",
                measure=figures.objective_apart("pandapower"),
            ),
            _faster("casadi", None),
            UNMET,
            OVERHEAD,
            EXPLANATIONS,
            MEMORY,
        ),
        note="Ours from compiled network to prices; runopp without building its net; "
        "ipopt with its build, best objective of three starts.",
    )


STEPS = tuple(
    _step(network, title, price)
    for network, title in (
        ("case33bw", "case33bw"),
        ("rural-0", "SimBench 1-MV-rural--0-sw with three times its feed-in"),
        ("rural-2", "SimBench 1-MV-rural--2-sw"),
        ("semiurb", "SimBench 1-MV-semiurb--2-sw with planned work"),
    )
    for price in (0.0, 50.0)
)


def _day(name: str, title: str, energy: str, bars: tuple[Figure, ...]) -> Row:
    return Row(
        name=name,
        title=f"96 steps, 5 storages, 101 buses, {title}",
        make=cases.day(energy),
        jobs={OURS: Job(task="clear"), "casadi": Job(task="clear", settings={"starts": 1}, warm_up=False)},
        figures=(_ours(), *bars, _same_objective("casadi", 1e-6), UNMET, OVERHEAD, EXPLANATIONS, MEMORY),
        note="ipopt with its build, one start; its model does not exclude charging and discharging at once.",
    )


DAYS = (
    _day(
        "day-arbitrage",
        "prices 8 to 112 (arbitrage)",
        "priced",
        (
            _faster("casadi", 1.0, on="worst"),
            Figure(
                name="median times faster than casadi",
                unit="x",
                measure=figures.times_faster("casadi"),
                bar=Bar(limit=2.0, sense="at_least"),
            ),
        ),
    ),
    _day("day-redispatch", "pure redispatch", "ignored", (_faster("casadi", 30.0),)),
)

BLOCKS = Row(
    name="blocks",
    title="10,000 offers x 96 steps, half of them blocks",
    make=cases.many_offers,
    jobs={OURS: Job(task="clear", limit_s=300.0, warm_up=False)},
    figures=(
        Figure(
            name="seconds to the gap reached",
            unit="s",
            measure=figures.seconds_of(OURS),
            bar=Bar(limit=10.0, sense="at_most"),
        ),
        Figure(
            name="gap", unit="", measure=figures.value("gap"), bar=Bar(limit=1e-3, sense="at_most", on="worst")
        ),
        OVERHEAD,
        EXPLANATIONS,
        MEMORY,
    ),
    note="The gap is that to the bound of the grid linearised at the answer: no choice of blocks is cheaper there "
    "by more. The bars are 3e-3 in 10 s and 1e-3 in 30 s; one answer is given, so its seconds are held to the "
    "first and its gap to the second.",
)


def _continuous(name: str, title: str, make: Callable[[Draw], Case], limit: float, note: str) -> Row:
    return Row(
        name=name,
        title=f"Continuous matching, 15 buses, {title}",
        make=make,
        jobs={OURS: Job(task="clear")},
        figures=(
            Figure(
                name="orders a second",
                unit="1/s",
                measure=figures.per_second("orders"),
                bar=Bar(limit=limit, sense="at_least"),
            ),
            MEMORY,
        ),
        facts=lambda case: {"orders": cases.n_orders(case)},
        note=note,
    )


A_DAY = "48,000 orders in 96 books; every step of an offer or a request is an order of its own."
ONE_BOOK = (
    "1,000 orders in one step, up and down, on lines of {}; books that free each other trade in small turns."
)
CONGESTED_KA, ROOMY_KA = 0.03, 0.21
CONTINUOUS = (
    _continuous("continuous", "all unconditional", cases.order_book(0.0), 50_000.0, A_DAY),
    _continuous(
        "continuous-conditional", "half of the requests conditional", cases.order_book(0.5), 2_000.0, A_DAY
    ),
    _continuous(
        "continuous-one-book",
        "one congested book",
        cases.order_book(0.0, 1, 1000, CONGESTED_KA),
        50_000.0,
        ONE_BOOK.format("30 A"),
    ),
    _continuous(
        "continuous-one-book-conditional",
        "one book, half of the requests conditional",
        cases.order_book(0.5, 1, 1000, ROOMY_KA),
        2_000.0,
        ONE_BOOK.format("210 A"),
    ),
)

PARTIES = (
    Row(
        name="vcg",
        title="VCG of 10,000 divisible offers, 50 parties, one step",
        make=cases.many_parties("vcg"),
        jobs={OURS: Job(task="clear", limit_s=300.0, warm_up=False)},
        figures=(
            Figure(
                name="seconds with payments",
                unit="s",
                measure=figures.seconds_in("needs", "clearing", "prices", "payments"),
                bar=Bar(limit=10.0, sense="at_most"),
            ),
            MEMORY,
        ),
        note="From needs to payments, without the proof.",
    ),
    Row(
        name="explanations",
        title="Explanations of all rejected of 10,000 offers, one step",
        make=cases.many_parties("nodal"),
        jobs={OURS: Job(task="clear", limit_s=300.0, warm_up=False)},
        figures=(_ours(), EXPLANATIONS, OVERHEAD, MEMORY),
    ),
)

ROWS: tuple[Row, ...] = (NEEDS, *STEPS, *DAYS, BLOCKS, *CONTINUOUS, *PARTIES)
