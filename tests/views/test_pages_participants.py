"""Participants, balance, customer and portfolio files: what is shown, sent and refused, without a browser."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import fakes
import httpx
import pytest
from opened import opened
from serving import serving

from app.auth.throttle import Throttled
from app.queries.models import BalanceRow, CustomerCall, ListApplications
from domain.commands import AcceptApplication, RefuseApplication
from domain.errors import Finding, Refused
from domain.events import ApplicationReceived, PartySuspended, RoleAssigned, SessionOpened
from domain.flexibility.assets import AssetKind, Direction, FlexAsset
from domain.lifecycle import ApplicationState
from domain.parties import Application, Party, Role
from domain.time import DeliveryDay
from tests.views import fakes as asked  # the module that `opened` answers from
from views import news
from views.pages.customer import calls_markup
from views.pages.fmo_participants import ParticipantsPage
from views.pages.supply_assets import groups_words
from views.state import brp_balance as balance
from views.state import participants, portfolio_file
from views.state.customer_calls import card
from views.state.portfolio_day import shown_day, value_eur

DAY = DeliveryDay(day=fakes.DAY)
NONE = (Decimal(0),) * DAY.n_steps
ASSET = FlexAsset(
    id="FA-0",
    owner_id="esp1",
    region_id="north",
    unit_id="PV 1",
    bus="B1",
    name="Roof",
    kind=AssetKind.PV,
    p_min_mw=Decimal(0),
    p_max_mw=Decimal(1),
)
APPLICATION = Application(
    id="AP-1",
    company="Dale <i>Power</i>",
    contact="Grace",
    email="desk@dale.example",
    role=Role.AGGREGATOR,
    independent=True,
    account="dale",
    applied_at=fakes.NOW,
)


# -- applications ---------------------------------------------------------------------------------------------


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The operator's page with one application that waits."""
    monkeypatch.setitem(asked._ANSWERS, ListApplications, lambda _desk, _who, _query: (APPLICATION,))
    return opened("fmo")


def test_the_role_given_starts_as_the_role_wished_and_may_be_another(applied: Any) -> None:
    page = ParticipantsPage(applied.context)
    decision = page._decision
    assert decision.role.value == participants.INDEPENDENT
    decision.role.value = Role.ESP.value
    decision.group.value = "brp1"
    decision._on_accept(None)
    (command,) = applied.sent(AcceptApplication)
    assert (command.role, command.independent, command.brp_id) == (Role.ESP, False, "brp1")
    decision.reason.value = "No licence."
    decision._on_refuse(None)
    assert applied.sent(RefuseApplication)[0].reason == "No licence."


def test_what_somebody_typed_into_an_application_is_text(applied: Any) -> None:
    page = ParticipantsPage(applied.context)
    assert "<i>" not in page._decision._words.object
    assert "Dale &lt;i&gt;Power" in page._decision._words.object


def test_those_that_wait_come_first() -> None:
    done = replace(APPLICATION, id="AP-2", state=ApplicationState.REFUSED)
    assert [one.id for one in participants.waiting_first([done, APPLICATION])] == ["AP-1", "AP-2"]


@pytest.mark.parametrize("value", participants.role_options().values())
def test_a_chosen_role_comes_back(value: str) -> None:
    assert participants.role_value(*participants.chosen_role(value)) == value


def test_shut_out_pages_are_closed_at_once_and_others_are_not() -> None:
    rechecked: list[bool] = []
    close = news.closer(lambda: rechecked.append(True))
    close([SessionOpened(session_id="s", region_id="r"), ApplicationReceived(application_id="a")])
    assert rechecked == []
    close([PartySuspended(party_id="esp1")])
    close([RoleAssigned(party_id="esp1", role=Role.BRP)])
    assert rechecked == [True, True]


def test_only_operators_hear_of_applications() -> None:
    assert news.audience_of(ApplicationReceived(application_id="a")) == frozenset({"role fmo"})


# -- the public page ------------------------------------------------------------------------------------------


class Door:
    """Takes what is well; what is not is told by the company's name."""

    def __init__(self) -> None:
        self.forms: list[Any] = []

    def apply(self, form: Any, _remote_ip: str) -> None:
        self.forms.append(form)
        if form.company == "hasty":
            raise Throttled(17, "applications")
        if form.company == "<script>alert(1)</script>":
            raise Refused([Finding(code="malformed", field="company", sentence="Not <b>so</b>.")])


FORM = {
    "company": "Dale",
    "contact": "Grace",
    "email": "desk@dale.example",
    "role": "esp",
    "account": "dale",
    "password": "a long secret",
}


@pytest.fixture(scope="module")
def public() -> Any:
    door = Door()
    with serving(fakes.FakeDesk(), None, applying=door) as url:
        yield url, door


def post(url: str, xsrf: bool = True, **changes: str) -> httpx.Response:
    with httpx.Client(base_url=url, timeout=30) as http:
        assert 'name="company"' in http.get("/apply").text
        token = {"_xsrf": http.cookies["_xsrf"]} if xsrf else {}
        return http.post("/apply", data=FORM | changes | token)


def test_an_application_is_sent_without_signing_in(public: Any) -> None:
    url, door = public
    answer = post(url)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/apply?received")
    assert (door.forms[-1].role, door.forms[-1].independent) == (Role.ESP, False)
    assert "is with the market operator" in httpx.get(f"{url}/apply?received").text


def test_a_refused_application_keeps_what_was_typed_but_the_password_and_is_escaped(public: Any) -> None:
    answer = post(public[0], company="<script>alert(1)</script>")
    assert answer.status_code == 422
    assert "<script>alert(1)" not in answer.text
    assert "Not &lt;b&gt;so&lt;/b&gt;." in answer.text
    assert "desk@dale.example" in answer.text
    assert "a long secret" not in answer.text


def test_it_needs_the_forms_token_and_a_role_and_is_throttled(public: Any) -> None:
    url, door = public
    before = len(door.forms)
    assert post(url, xsrf=False).status_code == 403
    assert post(url, role="fmo2").status_code == 422
    assert len(door.forms) == before
    answer = post(url, company="hasty")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "17")


def test_a_large_form_is_not_read(public: Any) -> None:
    url, door = public
    before = len(door.forms)
    try:
        status = post(url, company="x" * 70_000).status_code
    except httpx.TransportError:
        status = 413
    assert status >= 400
    assert len(door.forms) == before


# -- balance --------------------------------------------------------------------------------------------------


def row(noon: str) -> BalanceRow:
    series = tuple(Decimal(noon) if step == 48 else Decimal(0) for step in range(DAY.n_steps))
    return BalanceRow(
        region=fakes.REGIONS[0],
        n_assets=2,
        n_metered=0,
        n_forecast=1,
        nominated_p_mw=NONE,
        injected_p_mw=series,
        called_p_mw=NONE,
        bought_p_mw=NONE,
        imbalance_p_mw=series,
    )


def test_what_closes_an_imbalance_is_bought_in_the_other_direction() -> None:
    state = balance.BalanceDay(opened("brp1").context.desk)
    state.rows = (row("-2"), row("0.5"))
    asked = balance.quantity(state, balance.AGAINST, Direction.UP, 0, 0, "")
    assert (asked[48], sum(asked)) == (Decimal("1.5"), Decimal("1.5"))
    assert not any(balance.quantity(state, balance.AGAINST, Direction.DOWN, 0, 0, ""))
    assert balance.value_eur(asked, (Decimal(80),) * DAY.n_steps) == Decimal(30)


def test_an_even_quantity_runs_to_its_last_step_and_not_backwards() -> None:
    state = balance.BalanceDay(opened("brp1").context.desk)
    state.day = fakes.DAY.isoformat()
    asked = balance.quantity(state, balance.EVEN, Direction.UP, 4, 6, "0,25")
    assert [step for step, value in enumerate(asked) if value] == [4, 5, 6]
    assert asked[4] == Decimal("0.25")
    with pytest.raises(Refused, match="out_of_range"):
        balance.quantity(state, balance.EVEN, Direction.UP, 6, 4, "1")
    with pytest.raises(Refused, match="not_finite"):
        balance.quantity(state, balance.EVEN, Direction.UP, 4, 6, "NaN")


def test_the_next_day_to_be_delivered_is_shown_first() -> None:
    days = ("2016-07-26", "2016-07-25", "2016-07-20")
    assert shown_day(days, "", fakes.NOW) == "2016-07-25"
    assert shown_day(days, "2016-07-20", fakes.NOW) == "2016-07-20"
    assert shown_day(days, "<x>", fakes.NOW) == "2016-07-25"
    assert shown_day((), "", fakes.NOW) == ""
    assert value_eur((Decimal(-4),), (Decimal(50),)) == Decimal(-50)


# -- customers ------------------------------------------------------------------------------------------------


def test_a_customer_reads_plain_words_and_names_are_text() -> None:
    asset = replace(ASSET, name="Roof <script>")
    p_mw = tuple(Decimal("-0.004") if 40 <= step < 44 else Decimal(0) for step in range(DAY.n_steps))
    call = CustomerCall(
        asset=asset, provider="Sonne <b>", delivery_day=date(2016, 7, 25), p_mw=p_mw, state="requested"
    )
    shown = card(call)
    assert shown.headline == "Roof <script>: 4.0 kWh less into the grid, or more used"
    assert shown.when == "Monday, 25 July 2016, 10:00–11:00"
    markup = calls_markup((call,))
    assert "<script>" not in markup
    assert "Sonne <b>" not in markup
    assert "Nothing was asked of you" in calls_markup(())


# -- files of a portfolio -------------------------------------------------------------------------------------


def assets(*names: str) -> list[Any]:
    return [replace(ASSET, id=f"FA-{k}", name=name) for k, name in enumerate(names)]


def wide(header: str = "time,Roof,Wind", cell: str = "0.5,-0.25", n: int = DAY.n_steps) -> bytes:
    rows = [f"{DAY.label(step)},{cell}" for step in range(n)]
    return "\n".join([header, *rows]).encode()


def long(names: tuple[str, ...] = ("Roof", "FA-1")) -> bytes:
    rows = [f"{name},{DAY.label(step)},0.5" for name in names for step in range(DAY.n_steps)]
    return "\n".join(["asset,time,p_mw", *rows]).encode()


def places(content: bytes, own: list[Any]) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as error:
        portfolio_file.read(content, DAY, own)
    return [(finding.code, finding.field) for finding in error.value.findings]


def test_both_forms_are_read_exactly_and_the_example_is_one() -> None:
    own = assets("Roof", "Wind")
    for content in (wide(), long()):
        series = portfolio_file.read(content, DAY, own)
        assert [one.asset_id for one in series] == ["FA-0", "FA-1"]
        assert series[0].p_mw == (Decimal("0.5"),) * DAY.n_steps
    given = {"Roof": (Decimal("0.1"),) * DAY.n_steps, "Wind": NONE}
    again = portfolio_file.read(portfolio_file.example(DAY, given).encode(), DAY, own)
    assert {one.asset_id: one.p_mw for one in again} == {"FA-0": given["Roof"], "FA-1": given["Wind"]}


def test_days_of_92_and_100_quarter_hours() -> None:
    for day, n_steps in ((date(2026, 3, 29), 92), (date(2026, 10, 25), 100)):
        delivery = DeliveryDay(day=day)
        content = portfolio_file.example(delivery, {"Roof": (Decimal(1),) * n_steps}).encode()
        (one,) = portfolio_file.read(content, delivery, assets("Roof"))
        assert len(one.p_mw) == n_steps


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        (b"", "missing", "file"),
        (b"\xff\xfe", "malformed", "file"),
        (b"time,Roof\n", "missing", "file"),
        (b"when,Roof\n00:00,1", "malformed", "row 1"),
        (wide(n=95), "wrong_length", "file"),
        (wide("time,Roof,Sea"), "unknown_asset", "row 1, column 3"),
        (wide("time,Roof,Roof"), "duplicate", "row 1, column 3"),
        (wide(cell="0.5,much"), "not_finite", "row 2, column 3"),
        (wide(cell="NaN,1"), "not_finite", "row 2, column 2"),
        (wide(cell="0.1234567,1"), "too_many_decimals", "row 2, column 2"),
        (wide(cell="1"), "not_finite", "row 2, column 3"),
        (wide(cell="1,2,3"), "malformed", "row 2"),
        (wide().replace(b"00:15", b"00:20"), "malformed", "row 3"),
        (long(("Roof", "Sea")), "unknown_asset", "row 98"),
        (long().replace(b"Roof,00:00,0.5", b"Roof,00:00"), "malformed", "row 2"),
    ],
)
def test_findings_name_row_and_column(content: bytes, code: str, field: str) -> None:
    assert (code, field) in places(content, assets("Roof", "Wind"))


def test_two_assets_of_one_name_need_their_ids() -> None:
    assert ("unknown_asset", "row 1, column 2") in places(wide("time,Roof,FA-1"), assets("Roof", "Roof"))


def test_an_independent_aggregator_reads_that_offers_do_not_mix_groups() -> None:
    party = Party(id="agg2", name="Pool", role=Role.AGGREGATOR, independent=True)
    own = [replace(ASSET, brp_id=brp) for brp in ("brp1", "brp2")]
    facts = type("Facts", (), {"assets": own})()
    assert "2 balance responsible parties (BRP One, brp2)" in groups_words(party, facts, {"brp1": "BRP One"})
    assert groups_words(replace(party, independent=False), facts, {}) == ""
