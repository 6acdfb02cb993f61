"""The market in memory for the pages that draft, offer and upload: it keeps what it is sent and checks offers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.queries import models as q
from domain import commands as c
from domain.checks import OfferContext, offer_findings
from domain.errors import Refused, refuse
from domain.flexibility.alarms import Alarm
from domain.flexibility.assets import AssetBaseline, AssetKind, Direction, FlexAsset, Headroom, headroom
from domain.flexibility.commodity import Commodity
from domain.flexibility.explanation import Explanation, sentence
from domain.flexibility.grids import Job
from domain.flexibility.market import Activation, FlexOffer, FlexRequest
from domain.lifecycle import ActivationState, AssetState, JobState, OfferState, RequestState
from domain.parties import Principal
from domain.time import DeliveryDay
from domain.units import Series, energy_mwh
from tests.views.fakes import DAY, NOW, PARTIES, ZERO, FakeDesk, N, asset_of, award_of, day_state, grid_map

SUN = tuple(Decimal("0.8") if 32 <= step < 72 else Decimal("0.1") for step in range(N))
NEED = tuple(Decimal("0.3") if 40 <= step < 64 else Decimal(0) for step in range(N))


def battery(party_id: str) -> FlexAsset:
    """A storage of the party, at another bus than its solar field."""
    return FlexAsset(
        id=f"FA-{party_id}-B",
        owner_id=party_id,
        region_id="north",
        unit_id="ST-1",
        bus="B5",
        name=f"Battery of {party_id}",
        kind=AssetKind.STORAGE,
        p_min_mw=Decimal("-0.5"),
        p_max_mw=Decimal("0.5"),
        brp_id="brp1",
        state=AssetState.CONFIRMED,
    )


def unit(unit_id: str, kind: str, unit_type: str, p_max_mw: float, asset: FlexAsset | None = None) -> q.UnitRow:
    return q.UnitRow(
        unit_id=unit_id, bus="B3", kind=kind, type=unit_type, p_max_mw=p_max_mw, s_max_mva=None, asset=asset
    )


@dataclass
class TradingDesk(FakeDesk):
    """Answers and does what DSO and suppliers need; a command changes the market as the real one would."""

    assets: list[FlexAsset] = field(
        default_factory=lambda: [asset_of("esp1"), battery("esp1"), asset_of("esp2"), asset_of("agg1")]
    )
    baselines: dict[str, Series] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)
    what_ifs: dict[str, q.WhatIfView] = field(default_factory=dict)
    congested: tuple[q.CongestedRow, ...] = ()
    activations: dict[str, Activation] = field(default_factory=dict)
    computing: Job | None = None
    state_known: bool = True
    n_before: float = 1.07
    worth_eur_per_mwh: Decimal = Decimal(100)
    proposed: tuple[q.ProposedRequest, ...] = (
        q.ProposedRequest(zone="A", buses=("B4", "B5"), direction="down", quantity_mw=NEED, plan=q.Plan.PQ),
        q.ProposedRequest(
            zone="C", buses=("B1",), direction="up", quantity_mw=tuple(v / 2 for v in NEED), plan=q.Plan.PQ
        ),
    )

    def execute(self, who: Principal, command: Any) -> Any:
        super().execute(who, command)
        effect = _EFFECTS.get(type(command))
        return effect(self, who, command) if effect else None

    def query(self, who: Principal, query: Any) -> Any:
        answer = _ANSWERS.get(type(query))
        return answer(self, who, query) if answer else super().query(who, query)

    def asset(self, asset_id: str) -> FlexAsset:
        found = next((a for a in self.assets if a.id == asset_id), None)
        if found is None:
            raise refuse("unknown_asset", "asset_id", "There is no such asset.")
        return found

    def taken(self, party_id: str, asset_id: str, direction: Direction, commodity: Commodity) -> Series:
        standing = [o for o in self.offers if o.party_id == party_id and o.state is OfferState.SUBMITTED]
        lines = [
            line.quantity_mw
            for offer in standing
            if (offer.direction, offer.commodity) == (direction, commodity)
            for line in offer.lines
            if line.asset_id == asset_id
        ]
        return tuple(sum((values[k] for values in lines), Decimal(0)) for k in range(N))

    def series(self, asset: FlexAsset) -> list[Series]:
        own = self.baselines.get(asset.id)
        schedule = SUN if asset.kind is AssetKind.PV else ZERO
        return [schedule, own] if own else [schedule]


def _asset_day(desk: TradingDesk, who: Principal, query: q.GetAssetDay) -> q.AssetDay:
    asset = desk.asset(query.asset_id)
    if query.delivery_day != DAY:
        raise refuse("no_schedule", "delivery_day", "The schedules of that day are not there yet.")
    own = desk.baselines.get(asset.id)
    baseline = AssetBaseline(id="BL-1", asset_id=asset.id, delivery_day=DAY, p_mw=own) if own else None
    return q.AssetDay(
        asset=asset,
        schedule_p_mw=desk.series(asset)[0],
        baseline=baseline,
        headroom=headroom(asset, *desk.series(asset)),
        offered=Headroom(
            up_mw=desk.taken(who.party_id, asset.id, Direction.UP, Commodity.P),
            down_mw=desk.taken(who.party_id, asset.id, Direction.DOWN, Commodity.P),
            up_mvar=desk.taken(who.party_id, asset.id, Direction.UP, Commodity.Q),
            down_mvar=desk.taken(who.party_id, asset.id, Direction.DOWN, Commodity.Q),
        ),
    )


def _check(desk: TradingDesk, who: Principal, query: q.CheckOffer) -> q.OfferCheck:
    command = query.command
    own = [asset for asset in desk.assets if asset.owner_id == who.party_id]
    session = next(s for s in desk.sessions.values() if s.id == command.session_id)
    context = OfferContext(
        party=next(p for p in PARTIES if p.id == who.party_id),
        session=session,
        market=desk.clock.anchor_market,
        assets={asset.id: asset for asset in desk.assets},
        headroom_mw={a.id: headroom(a, *desk.series(a)).of(command.direction, command.commodity) for a in own},
        taken_mw={a.id: desk.taken(who.party_id, a.id, command.direction, command.commodity) for a in own},
    )
    findings = tuple((f.code, f.field, f.sentence) for f in offer_findings(command, context))
    return q.OfferCheck(
        findings=findings, offered_mwh=sum((energy_mwh(line.quantity_mw) for line in command.lines), Decimal(0))
    )


def _check_all(desk: TradingDesk, who: Principal, query: q.CheckOffers) -> q.OfferCheck:
    """Each by itself; those that are replaced take nothing."""
    kept = desk.offers
    desk.offers = [offer for offer in desk.offers if offer.id not in query.replaces]
    told = [_check(desk, who, q.CheckOffer(command=offer)) for offer in query.offers]
    desk.offers = kept
    findings = [(code, f"offers[{k}].{at}", said) for k, one in enumerate(told) for code, at, said in one.findings]
    return q.OfferCheck(findings=tuple(findings), offered_mwh=sum((t.offered_mwh for t in told), Decimal(0)))


def _try_all(desk: TradingDesk, who: Principal, query: q.TryOffers) -> q.OfferTrial:
    """What costs more than `worth_eur_per_mwh` is not accepted, all else is."""
    findings = _check_all(desk, who, q.CheckOffers(offers=query.offers, replaces=query.replaces)).findings
    if findings:
        return q.OfferTrial(findings=findings)
    tried = tuple(_tried(offer, desk.worth_eur_per_mwh) for offer in query.offers)
    paid = sum((one.paid_eur for one in tried), Decimal(0))
    return q.OfferTrial(offers=tuple(one.offer for one in tried), revenue_eur=paid.quantize(Decimal("0.01")))


@dataclass(frozen=True)
class _Tried:
    offer: q.TriedOffer
    paid_eur: Decimal


def _tried(offer: c.SubmitOffer, worth: Decimal) -> _Tried:
    taken = max(offer.price_eur_per_mwh) <= worth
    lines = tuple(
        q.TriedLine(
            asset_id=line.asset_id,
            accepted_mw=line.quantity_mw if taken else ZERO,
            price_eur_per_mwh=offer.price_eur_per_mwh,
            make_whole_eur=Decimal(0),
        )
        for line in offer.lines
    )
    why = Explanation(
        asset_id=offer.lines[0].asset_id,
        kind="voltage",
        element="B5",
        step=50,
        local_price_eur_per_mwh=worth,
        accepted_if_eur_per_mwh=worth,
    )
    words = sentence(why, DeliveryDay(day=DAY), offer.commodity)
    told = q.TriedOffer(lines=lines, why=() if taken else ((why, words),))
    return _Tried(told, energy_mwh(told.accepted_mw) * offer.price_eur_per_mwh[0])


def _place(desk: TradingDesk, who: Principal, command: c.PlaceOffers) -> tuple[FlexOffer, ...]:
    for offer_id in command.replaces:
        _withdraw_offer(desk, who, c.WithdrawOffer(offer_id=offer_id))
    return tuple(_submit(desk, who, offer) for offer in command.offers)


def _grid(desk: TradingDesk, who: Principal, query: q.GetGrid) -> q.GridView | None:
    if not desk.has_network:
        return None
    view = FakeDesk.query(desk, who, query)
    before = day_state(desk.n_before, 90) if desk.state_known and query.delivery_day == DAY else None
    return replace(
        view,
        grid=grid_map(query.region_id),
        before=before,
        proposed=desk.proposed if before else (),
        computing=desk.computing,
        schedule_uploaded_at=NOW if before else None,
    )


def _submit(desk: TradingDesk, who: Principal, command: c.SubmitOffer) -> FlexOffer:
    findings = _check(desk, who, q.CheckOffer(command=command)).findings
    if findings:
        raise refuse(*findings[0])
    offer = FlexOffer(
        id=f"FO-{len(desk.offers) + 1}",
        party_id=who.party_id,
        session_id=command.session_id,
        region_id="north",
        direction=command.direction,
        lines=command.lines,
        price_eur_per_mwh=command.price_eur_per_mwh,
        submitted_at=NOW,
        commodity=command.commodity,
        terms=command.terms,
    )
    desk.offers.insert(0, offer)
    return offer


def _publish(desk: TradingDesk, who: Principal, command: c.PublishRequest) -> FlexRequest:
    request = FlexRequest(
        id=f"FR-{len(desk.requests) + 1}",
        dso_id=who.party_id,
        region_id="north",
        session_id=command.session_id,
        congestion_point=command.congestion_point,
        buses=command.buses,
        direction=command.direction,
        quantity_mw=command.quantity_mw,
        price_cap_eur_per_mwh=command.price_cap_eur_per_mwh,
        deadline=command.deadline,
        published_at=NOW,
        commodity=command.commodity,
    )
    desk.requests.append(request)
    return request


def _register(desk: TradingDesk, who: Principal, command: c.RegisterAsset) -> FlexAsset:
    if not command.name.strip():
        raise refuse("missing", "name", "Give a name.")
    asset = FlexAsset(
        id=f"FA-{len(desk.assets) + 1}",
        owner_id=who.party_id,
        region_id=command.region_id,
        unit_id=command.unit_id,
        bus="B3",
        name=command.name,
        kind=command.kind,
        p_min_mw=command.p_min_mw,
        p_max_mw=command.p_max_mw,
        brp_id=command.brp_id,
    )
    desk.assets.append(asset)
    return asset


def _set_asset(state: AssetState) -> Any:
    def effect(desk: TradingDesk, _who: Principal, command: Any) -> None:
        reason = getattr(command, "reason", "")
        if state is AssetState.REFUSED and not reason.strip():
            raise refuse("missing", "reason", "Give a reason.")
        at = desk.assets.index(desk.asset(command.asset_id))
        desk.assets[at] = replace(desk.assets[at], state=state, reason=reason)

    return effect


def _withdraw_offer(desk: TradingDesk, _who: Principal, command: c.WithdrawOffer) -> None:
    at = next(k for k, offer in enumerate(desk.offers) if offer.id == command.offer_id)
    desk.offers[at] = replace(desk.offers[at], state=OfferState.WITHDRAWN)


def _withdraw_request(desk: TradingDesk, _who: Principal, command: c.WithdrawRequest) -> None:
    at = next(k for k, request in enumerate(desk.requests) if request.id == command.request_id)
    desk.requests[at] = replace(desk.requests[at], state=RequestState.WITHDRAWN)


def _answer(state: ActivationState) -> Any:
    def effect(desk: TradingDesk, _who: Principal, command: Any) -> None:
        reason = getattr(command, "reason", "")
        if state is ActivationState.REFUSED and not reason.strip():
            raise refuse("missing", "reason", "Give a reason.")
        before = desk.activations[command.activation_id]
        desk.activations[command.activation_id] = replace(before, state=state, reason=reason)

    return effect


def _upload_baseline(desk: TradingDesk, _who: Principal, command: c.UploadBaseline) -> None:
    desk.baselines[command.asset_id] = command.p_mw


def _bad_network(_desk: TradingDesk, _who: Principal, command: c.UploadNetwork) -> None:
    if "buses" not in command.document:
        finding = refuse("invalid_network", "$.buses", "<b>No buses</b>").findings
        raise Refused([*finding, *refuse("missing", "$.coupling", "Name the coupling bus.").findings])


def _awards(desk: TradingDesk, who: Principal, _query: q.ListActivations) -> tuple[q.AwardRow, ...]:
    return tuple(
        q.AwardRow(
            award=award,
            party=next(p for p in PARTIES if p.id == award.party_id),
            asset=desk.asset(award.asset_id),
            accepted_mwh=energy_mwh(award.accepted_mw),
            activation=next((a for a in desk.activations.values() if a.award_id == award.id), None),
        )
        for award in desk.awards
        if award.party_id == who.party_id
    )


def award(desk: TradingDesk, party_id: str) -> TradingDesk:
    """The party gets an award with an activation to answer."""
    given = award_of(party_id)
    desk.awards.append(given)
    desk.activations[f"AC-{party_id}"] = Activation(
        id=f"AC-{party_id}",
        award_id=given.id,
        session_id=given.session_id,
        region_id=given.region_id,
        party_id=party_id,
        asset_id=given.asset_id,
        p_mw=tuple(-v for v in given.accepted_mw),
    )
    return desk


def needs_job(state: JobState = JobState.RUNNING, day: date = DAY) -> Job:
    return Job(
        id="JB-7",
        kind="needs",
        owner_id="dso1",
        region_id="north",
        delivery_day=day,
        session_id=None,
        submitted_at=NOW,
        inputs=b"",
        state=state,
        stage="Power flow",
        progress=0.5,
    )


_EFFECTS: dict[type, Any] = {
    c.SubmitOffer: _submit,
    c.PlaceOffers: _place,
    c.WithdrawOffer: _withdraw_offer,
    c.PublishRequest: _publish,
    c.WithdrawRequest: _withdraw_request,
    c.RegisterAsset: _register,
    c.ConfirmAsset: _set_asset(AssetState.CONFIRMED),
    c.RefuseAsset: _set_asset(AssetState.REFUSED),
    c.UploadBaseline: _upload_baseline,
    c.UploadNetwork: _bad_network,
    c.AcknowledgeActivation: _answer(ActivationState.ACKNOWLEDGED),
    c.RefuseActivation: _answer(ActivationState.REFUSED),
}

_ANSWERS: dict[type, Any] = {
    q.GetGrid: _grid,
    q.ListAlarms: lambda desk, _who, _query: tuple(desk.alarms),
    q.GetWhatIf: lambda desk, _who, query: desk.what_ifs[query.what_if_id],
    q.ListWhatIfs: lambda desk, _who, _query: tuple(desk.what_ifs.values()),
    q.GetAssetDay: _asset_day,
    q.CheckOffer: _check,
    q.CheckOffers: _check_all,
    q.TryOffers: _try_all,
    q.ListActivations: _awards,
    q.ListAssets: lambda desk, who, query: tuple(
        a
        for a in desk.assets
        if (who.role.value == "dso" or a.owner_id == who.party_id) and query.region_id in (None, a.region_id)
    ),
    q.ListUnits: lambda desk, _who, _query: (
        unit("PV-4", "generator", "PV4", 1.0, desk.assets[0]),
        unit("WT-1", "generator", "Wind", 0.7500004),
        unit("LD-2", "load", "H0", 0.25),
    ),
    q.ListZones: lambda _desk, _who, _query: (),
    q.ListCongestedRegions: lambda desk, _who, _query: desk.congested,
    q.GetFiles: lambda _desk, _who, _query: q.ExampleFiles(network_json='{"a": 1}', schedule_csv="t,p\n"),
}
