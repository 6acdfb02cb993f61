"""FlexDesk's engine: market cases in, needs and cleared markets out.

Pure and deterministic: documents (dicts of JSON values) and arrays in, frozen dataclasses and documents out. No
clock (except the seconds it reports), no randomness, no web, database or screen. Sign everywhere: injection into
the grid is positive; `up` raises net injection. Axes are named in each docstring; times are steps 0..n_steps-1.

Documents
    read_case(document) -> (Case | None, findings)           ``flexdesk.case/1``, all findings at once
    read_grid(document, n_steps=1) -> (Grid | None, findings) ``flexdesk.grid/1``, units included
    expand_sources(document, cache_dir, folder=None) -> document  {"source": "simbench:..."} replaced by values,
                                                             cached; files that it names lie in `folder`
    canonical_json(document) -> bytes; sha256_of(document) -> str; result_sha256(result) -> str

Network
    compile_network(grid) -> Network                         arrays, milliseconds
    power_flow(network, p_mw, q_mvar) -> PowerFlow           [n_steps, n_bus] in; batched, converged per step;
                                                             .held and .control_q_mvar tell of the controls
    without_branches(grid, elements) -> (Grid, positions)    an outage; refuses by name what would island
    lost_supply(grid, elements) -> tuple[bus id, ...]        the buses that an outage would leave dark
    find_needs(network, flow) -> tuple[Need, ...]            element, kind, step, value, limit
    congestion_zones(grid) -> {bus id: zone name}
    baseline_injections(case) -> (p_mw, q_mvar)              [n_steps, n_bus]
    sensitivities(network, v, held=None) -> Sensitivities    exact first derivatives
    curtailment(network, p_mw, q_mvar, curve_mw, coupling=None) -> Curtailment
                                                             largest share of an exchange that makes nothing worse

Market
    assess(case, without=()) -> Assessment                   needs of the baseline with the flow behind them,
                                                             after an outage of the named branches (N-1)
    clear(case, progress=None) -> Clearing                   .result is ``flexdesk.result/1``; PowerFlow arrays
                                                             .before and .after for maps, axes in .network
    propose_requests(case, progress=None) -> Proposal        least change of P (and Q) by zone
    replay(case_document, result_document) -> Replay         same case, same bytes?
    match(case, network) -> Matching                         orders of a continuous session one by one, no proof
    dry_clear(case, offer_document, base=None) -> DryClearing  .award, .revenue_eur and .why of one more offer;
                                                             base=dry_base(case) saves clearing the case each time
    dry_together(case, offer_documents, base=None)           the same of several offers of one party at once
    forced_in(case, offer_id) -> ForcedIn                    exact break-even of a whole-or-nothing offer
    turning_point(case, offer_id) -> TurningPoint            of any other: prices at which it is accepted, refused
    impact_factors(case, assessment=None) -> Impact          [n_needs, n_offers] percent or pu per MW; relief cost

`progress(stage, share)` is called with a stage in PROGRESS_STAGES and a share 0..1; raise `Cancelled` in it to
stop.
Wrong documents give findings; `InvalidInput` is raised only by importers and loaders. A market that cannot be
cleared is a result with status ``not_cleared`` and a reason, never an exception.

Importers (`engine.grid.importers`, they load pandapower and SimBench, which takes seconds):
    pandapower.grid_from_pandapower(net) -> GridImport
    pandapower_json.grid_from_json(text) -> GridImport       a saved net; nothing in it is imported, opened or run
    builtin.builtin_grid(name) -> GridImport                 pandapower's own networks
    matpower.grid_from_matpower(text) -> MatpowerImport      the matrices of a case file, version 2
    planned_work.with_planned_work(net, lines_out, switches_closed) -> net
    simbench.simbench_grid(code, cache_dir, lines_out=(), switches_closed=()) -> grid document
    simbench.simbench_schedules(code, cache_dir, first_row, n_steps) -> Schedules
    simbench.baseline_units(grid_document, schedules) -> units of a case's baseline
"""

from engine.canonical import canonical_json, result_sha256, sha256_of
from engine.grid.case import Branch, Bus, Control, Grid, Shunt, Unit, read_grid
from engine.grid.curtailment import Binding, CouplingLimits, Curtailment, Share, curtailment
from engine.grid.needs import Need, find_needs
from engine.grid.network import Network, compile_network
from engine.grid.outage import lost_supply, without_branches
from engine.grid.powerflow import PowerFlow, power_flow
from engine.grid.sensitivities import Sensitivities, sensitivities
from engine.grid.zones import congestion_zones
from engine.market.assessment import Assessment, assess, baseline_injections
from engine.market.case import Case, Offer, Options, Request, Storage, TimeGrid, read_case
from engine.market.clearing import PROGRESS_STAGES, Clearing, clear
from engine.market.continuous import Match, Matching, Standing, match
from engine.market.dry import DryBase, DryClearing, DryTogether, dry_base, dry_clear, dry_together
from engine.market.forced import ForcedIn, TurningPoint, forced_in, turning_point
from engine.market.impact import COST_UNITS, UNITS, Impact, impact_factors
from engine.market.proposal import Proposal, ProposedChange, propose_requests
from engine.market.replay import Replay, replay
from engine.market.sources import expand_sources
from engine.status import Cancelled, Finding, InvalidInput

__all__ = [
    "COST_UNITS",
    "PROGRESS_STAGES",
    "UNITS",
    "Assessment",
    "Binding",
    "Branch",
    "Bus",
    "Cancelled",
    "Case",
    "Clearing",
    "Control",
    "CouplingLimits",
    "Curtailment",
    "DryBase",
    "DryClearing",
    "DryTogether",
    "Finding",
    "ForcedIn",
    "Grid",
    "Impact",
    "InvalidInput",
    "Match",
    "Matching",
    "Need",
    "Network",
    "Offer",
    "Options",
    "PowerFlow",
    "Proposal",
    "ProposedChange",
    "Replay",
    "Request",
    "Sensitivities",
    "Share",
    "Shunt",
    "Standing",
    "Storage",
    "TimeGrid",
    "TurningPoint",
    "Unit",
    "assess",
    "baseline_injections",
    "canonical_json",
    "clear",
    "compile_network",
    "congestion_zones",
    "curtailment",
    "dry_base",
    "dry_clear",
    "dry_together",
    "expand_sources",
    "find_needs",
    "forced_in",
    "impact_factors",
    "lost_supply",
    "match",
    "power_flow",
    "propose_requests",
    "read_case",
    "read_grid",
    "replay",
    "result_sha256",
    "sensitivities",
    "sha256_of",
    "turning_point",
    "without_branches",
]
