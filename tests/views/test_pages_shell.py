"""The shell's search, jobs and alarms, wholesale prices, the presenter's panel, and the web manifest."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import fakes
import httpx
import numpy as np
import pytest
from fakes import DAY, REGIONS, N
from opened import opened
from serving import serving
from test_app import FakeAuth, signed_in

from app.bridge import prices
from app.demo.accounts import place_accounts
from app.queries import models as q
from domain.commands import PlayChapter, UploadPrices
from domain.errors import refuse
from domain.flexibility.market import PriceKind
from domain.guide import Chapter, ChapterName, ChapterState
from domain.lifecycle import JobState
from domain.parties import Role
from views import app as desks_app
from views import bar_facts, manifest, news
from views.pages import guide as guide_page
from views.pages import wholesale as wholesale_page
from views.state.finding import TARGETS, link
from views.state.guide import WORDS, Guide, shown
from views.state.wholesale_day import WholesaleDay, local_words, step_records

K = q.HitKind
PAGES = {page.path: page for page in desks_app.PAGES}


# -- search ---------------------------------------------------------------------------------------------------


def hit(kind: q.HitKind, **more: object) -> q.Hit:
    values = {"region_id": "north", "session_id": "MS-1", "delivery_day": DAY, "bus": "B 4"}
    return q.Hit(kind=kind, id="X 1&2", label="X", note="", **values | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "role"), TARGETS, ids=lambda value: str(value))
def test_a_hit_leads_to_a_page_of_the_askers_own(kind: q.HitKind, role: Role) -> None:
    href = link(hit(kind), role)
    assert href is not None
    assert role in PAGES[href.partition("?")[0]].roles
    assert " " not in href
    assert "&2" not in href, "an id is a value, never further keys"


def test_a_dso_s_line_opens_the_control_room_on_it_and_nobody_gets_a_page_they_lack() -> None:
    assert link(hit(K.BRANCH), Role.DSO) == "/dso?region=north&element=X+1%262"
    assert link(hit(K.OFFER), Role.ESP) == "/supply?region=north&offer=X+1%262"
    assert link(hit(K.OFFER, region_id=None), Role.ESP) == "/supply?offer=X+1%262"
    assert link(hit(K.PARTY), Role.ESP) is None
    assert [found.href for found in bar_facts.found([hit(K.PARTY), hit(K.SESSION)], Role.BRP)] == [
        "/wholesale?day=2016-07-25"
    ]


# -- jobs and alarms ------------------------------------------------------------------------------------------


def test_the_tray_holds_own_jobs_newest_first_and_those_that_run_can_be_cancelled() -> None:
    running, done = fakes.job_of(), replace(fakes.job_of(JobState.DONE), id="JB-2")
    other = replace(fakes.job_of(), id="JB-3", owner_id="dso1")
    lines = bar_facts.job_lines([running, other, done], fakes.principal("fmo"), {"north": "Rural north"})
    assert [(line.id, line.ends) for line in lines] == [("JB-1", True), ("JB-2", False)]
    assert lines[0].title == "Clearing, Rural north, 25.07.2016"
    assert (lines[0].stage, lines[0].progress) == ("Power flow", 0.4)
    many = [replace(done, id=f"JB-{k}") for k in range(30)]
    assert len(bar_facts.job_lines(many, fakes.principal("fmo"), {})) == bar_facts.JOBS_SHOWN


@pytest.mark.parametrize(("who", "shown_at"), [("dso1", "/dso"), ("esp1", None), ("brp1", None)])
def test_alarms_are_counted_where_the_role_lists_them(who: str, shown_at: str | None) -> None:
    view = replace(fakes.FakeDesk().query(fakes.principal(who), q.GetShell()), n_alarms=3)
    alarms = desks_app.shell_model(view, "/").alarms
    assert (alarms and (alarms.count, alarms.path)) == (shown_at and (3, shown_at))


def test_the_presenter_s_page_is_in_the_navigation_of_a_demo_only() -> None:
    assert "/guide" in {item.path for item in desks_app.navigation(Role.FMO, demo=True)}
    assert "/guide" not in {item.path for item in desks_app.navigation(Role.FMO)}


# -- wholesale ------------------------------------------------------------------------------------------------


def local(low: float, high: float, n_buses: int = 3) -> q.LocalPrices:
    session = fakes.FakeDesk().sessions["north"]
    return q.LocalPrices(
        region=REGIONS[0],
        session=session,
        low_eur_per_mwh=np.full(N, low),
        high_eur_per_mwh=np.full(N, high),
        n_buses=n_buses,
    )


class LocalDesk(fakes.FakeDesk):
    """With local prices in the first region."""

    rows: tuple[q.LocalPrices, ...] = (local(-40.0, 12.5), q.LocalPrices(region=REGIONS[1]))

    def query(self, who: object, query: object) -> object:
        return self.rows if isinstance(query, q.ListLocalPrices) else super().query(who, query)  # type: ignore[arg-type]


def wholesale(who: str = "brp1", **link: str) -> tuple[WholesaleDay, wholesale_page.WholesalePage, object]:
    page = opened(who, LocalDesk(), **link)
    content = wholesale_page._build(page.context)
    filling = content.owner
    return filling._page.state, filling._page, page  # type: ignore[attr-defined]


def test_wholesale_prices_stand_beside_the_local_ones() -> None:
    state, page, _ = wholesale()
    assert state.day == DAY.isoformat()
    row = step_records(state)[7]
    assert (row["at"], row["day_ahead"], row["balancing"]) == ("01:45", 37.0, 52.0)
    assert (row["low north"], row["high north"]) == (-40.0, 12.5)
    assert "low south" not in row
    data = page._chart.source.data
    assert data["high north"][0] == 12.5
    assert np.isnan(data["high south"]).all()
    assert not page._chart.items["south"].visible
    assert local_words(state, state.local[0]) == ("-40.00 to 12.50", "3 buses")
    assert local_words(state, state.local[1]) == ("–", "no result is published yet")


def test_every_price_on_the_page_moves_with_its_input() -> None:
    state, page, open_page = wholesale("esp1")
    before = page._figures.view.object
    desk = open_page.desk  # type: ignore[attr-defined]
    desk.prices[0] = replace(desk.prices[0], price_eur_per_mwh=(Decimal("77.70"),) * N)
    desk.rows = (local(-99.0, 1.0, 1), q.LocalPrices(region=REGIONS[1]))
    open_page.hub.tell(news.PRICES)  # type: ignore[attr-defined]
    assert page._figures.view.object != before
    assert "77.70 to 77.70" in page._figures.view.object
    assert "1 own bus" in page._figures.view.object
    assert page._book.records[0]["low north"] == -99.0
    assert state.own_buses


@pytest.mark.parametrize("asked", ["nonsense", "0001-01-01", "2016-13-40"])
def test_a_link_to_no_day_falls_back_to_one(asked: str) -> None:
    assert wholesale(day=asked)[0].day == DAY.isoformat()


def test_a_day_without_any_price_says_so() -> None:
    state, page, _ = wholesale(day="2017-01-01")
    assert state.day == "2017-01-01"
    LocalDesk.rows, kept = (q.LocalPrices(region=REGIONS[0]),), LocalDesk.rows
    try:
        state.refresh()
        page.draw()
        assert page._hint.visible
    finally:
        LocalDesk.rows = kept


def test_only_the_operator_uploads_prices_and_they_come_back_as_they_went_in() -> None:
    assert wholesale("esp1")[1]._upload is None
    state, page, open_page = wholesale("fmo")
    document = state.prices_csv(PriceKind.DAY_AHEAD)
    state.upload(PriceKind.BALANCING, "b.csv", document)
    (sent,) = open_page.sent(UploadPrices)  # type: ignore[attr-defined]
    assert (sent.kind, sent.delivery_day, sent.source) == (PriceKind.BALANCING, DAY, "file b.csv")
    assert sent.price_eur_per_mwh == prices.read(document.decode(), DAY)
    assert page._upload is not None
    page._upload._file.filename = "bad.csv"
    page._upload._file.value = b"start,price\n"
    assert page._upload.problems.view.visible


def test_the_table_goes_out_as_csv() -> None:
    content: io.BytesIO = wholesale()[1]._book.csv()
    lines = content.read().decode("utf-8-sig").splitlines()
    assert lines[0].startswith("From,UTC,Day-ahead,Balancing,")
    assert len(lines) == 1 + N


# -- the presenter's panel ------------------------------------------------------------------------------------


class GuideDesk(fakes.FakeDesk):
    """With chapters as given."""

    chapters: tuple[Chapter, ...] = ()
    blocked = ""

    def query(self, who: object, query: object) -> object:
        if not isinstance(query, q.GetGuide):
            return super().query(who, query)  # type: ignore[arg-type]
        known = {chapter.id: chapter for chapter in self.chapters}
        return q.GuideView(
            demo=True,
            chapters=tuple(
                q.ChapterRow(name=n, chapter=known.get(n.value), blocked=self.blocked) for n in ChapterName
            ),
            sessions=tuple((region, self.sessions[region.id]) for region in REGIONS),
        )


def test_every_chapter_has_its_words_and_leads_to_pages_of_the_account_it_names() -> None:
    accounts = {role: {"dso1", "dso2"} if role is Role.DSO else {name} for name, role in (("tso", Role.TSO),)}
    accounts |= {Role.FMO: {"fmo"}, Role.ESP: {"esp1"}, Role.AGGREGATOR: {"agg1"}, Role.DSO: {"dso1", "dso2"}}
    role_of = {account: role for role, names in accounts.items() for account in names}
    role_of |= {each.account: Role(each.role) for each in place_accounts()}
    for name in ChapterName:
        desk = GuideDesk()
        desk.chapters = (Chapter(id=name.value, state=ChapterState.PLAYED, told="Done."),)
        page = opened("fmo", desk, chapter=name.value)
        drawn = shown(guide_page.GuidePage(page.context).state)
        assert drawn["chapter"]["line"] == WORDS[name].line
        assert drawn["chapter"]["look"]
        for look in drawn["chapter"]["look"]:
            path = look["href"].partition("?")[0]
            assert role_of[look["account"]] in PAGES[path].roles, look
            assert "{" not in look["href"]


def test_the_panel_shows_the_first_chapter_that_is_not_played_and_then_the_next() -> None:
    desk = GuideDesk()
    page = opened("fmo", desk)
    panel = guide_page.GuidePage(page.context)
    assert panel.state.chapter == "needs"
    assert panel.stage.shown["next"] == ""
    panel.stage.played = "needs"
    assert [command.chapter for command in page.sent(PlayChapter)] == [ChapterName.NEEDS]
    desk.chapters = (Chapter(id="needs", stage="Power flow", progress=0.4),)
    page.hub.tell(news.GUIDE)
    chapter = panel.stage.shown["chapter"]
    assert (chapter["state"], chapter["stage"], chapter["progress"]) == ("playing", "Power flow", 0.4)
    panel.stage.chosen = "offers"
    assert panel.stage.shown["chapter"]["blocked"] == "Needs is playing."
    panel.stage.chosen = "needs"
    desk.chapters = (Chapter(id="needs", state=ChapterState.PLAYED, told="35 elements."),)
    page.hub.tell(news.GUIDE)
    drawn = panel.stage.shown
    assert (drawn["chapter"]["told"], drawn["next"], drawn["next_words"]) == (
        "35 elements.",
        "requests",
        "Next: Requests",
    )
    assert Guide(page.context.desk).chapter == ""


def test_a_chapter_that_is_refused_says_why() -> None:
    page = opened("fmo", GuideDesk())
    panel = guide_page.GuidePage(page.context)
    page.desk.refusal = refuse("wrong_state", "chapter", "The gates have closed.")
    panel.stage.played = "needs"
    assert page.said == [("warning", "The gates have closed.")]
    panel.stage.played = "needs"
    assert len(page.sent(PlayChapter)) == 1, "the same button works again"


def test_outside_a_demo_the_panel_says_so() -> None:
    desk = GuideDesk()
    demo = desk.query
    desk.query = lambda who, query: (  # type: ignore[method-assign]
        replace(demo(who, query), demo=False) if isinstance(query, q.GetGuide) else demo(who, query)
    )
    content = guide_page._build(opened("fmo", desk).context)
    assert not any(isinstance(part, guide_page.ChapterStage) for part in content.main)


# -- the web manifest -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(fakes.FakeDesk(), FakeAuth()) as address:
        yield address


def test_a_browser_can_install_the_desks(url: str) -> None:
    answer = httpx.get(url + manifest.PATH)
    assert answer.headers["Content-Type"].startswith("application/manifest+json")
    told = json.loads(answer.text)
    assert told["display"] == "standalone"
    assert told["start_url"] == told["scope"] == "/"
    for icon in told["icons"]:
        image = httpx.get(url + icon["src"])
        assert image.status_code == 200
        assert image.headers["Content-Type"] == icon["type"]
        if icon["type"] == "image/png":
            width, height = (int.from_bytes(image.content[at : at + 4], "big") for at in (16, 20))
            assert icon["sizes"] == f"{width}x{height}"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in told["icons"]}


def test_every_page_names_the_manifest_and_may_read_it(url: str) -> None:
    sign_in = httpx.get(f"{url}/login")
    assert f'href="{manifest.PATH}"' in sign_in.text
    assert "manifest-src 'self'" in sign_in.headers["Content-Security-Policy"]
    desk = signed_in(url, "fmo").get("/wholesale")
    assert f'href="{manifest.PATH}"' in desk.text
    assert "default-src 'self'" in desk.headers["Content-Security-Policy"]


def test_the_clock_of_the_panel_runs_on() -> None:
    desk = GuideDesk()
    desk.clock = replace(desk.clock, anchor_market=desk.clock.anchor_market + timedelta(hours=1), speed=60.0)
    drawn = shown(guide_page.GuidePage(opened("fmo", desk).context).state)["clock"]
    assert drawn["speed"] == 60.0
    assert drawn["market_ms"] == (fakes.NOW + timedelta(hours=1)).timestamp() * 1000
