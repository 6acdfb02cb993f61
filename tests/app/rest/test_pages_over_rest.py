"""Lists by the page: whole and in order, whatever comes in between; the database cuts long ones."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rights_world import Rights, rights
from test_who_may_call_what import TABLE, address, described

from app.persistence.registry import EntityTable
from app.rest import MARKET
from domain.commands import MarkNotificationsRead
from domain.ids import NotificationId, PartyId
from domain.notifications import Notification
from domain.parties import SYSTEM
from domain.time import as_utc


@pytest.fixture(scope="module")
def market(delivered_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rights]:
    with rights(delivered_database, tmp_path_factory.mktemp("pages") / "flexdesk.db") as made:
        yield made


def lists() -> list[str]:
    """Every operation whose answer comes by the page."""
    paths = MARKET.description["paths"]
    return sorted(
        operation["operationId"]
        for methods in paths.values()
        for operation in methods.values()
        if any(parameter.get("name") == "cursor" for parameter in operation.get("parameters", ()))
    )


def got(market: Rights, name: str, who: str = "", **query: Any) -> Any:
    row, (method, path) = TABLE[name], described()[name]
    own = row.query(market.there) if row.query else {}
    who = who or ("esp1" if "esp1" in row.answered else row.answered.split()[0])
    where = address(path, row, market.there)
    return market.api.client.request(method, where, headers=market.api.headers(who), params=own | query)


def pages(market: Rights, name: str, limit: int, **query: Any) -> list[Any]:
    """All entries, page by page, by `next`."""
    entries: list[Any] = []
    more: dict[str, Any] = {}
    for _ in range(200):
        answer = got(market, name, limit=limit, **query, **more)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= limit
        entries += page["items"]
        assert (page["next"] is None) is ("link" not in answer.headers)
        if page["next"] is None:
            return entries
        assert len(page["items"]) == limit
        more = {"cursor": page["next"]}
    raise AssertionError("the list does not end")


def test_every_list_of_the_interface_comes_by_the_page() -> None:
    document = MARKET.description
    answers = {
        name: operation["responses"]
        .get("200", {})
        .get("content", {})
        .get("application/json", {})
        .get("schema", {})
        for methods in document["paths"].values()
        for method, operation in methods.items()
        for name in (operation["operationId"],)
        if method == "get" and not name.startswith("interflex")
    }
    listed = {name for name, schema in answers.items() if "_list" in name or name.startswith("list_")}
    assert listed <= set(lists())
    assert len(lists()) >= 30
    for name in lists():
        assert answers[name]["$ref"].split("/")[-1].startswith("Page_"), name


@pytest.mark.parametrize("name", lists())
def test_a_list_is_the_same_whole_and_by_the_page(market: Rights, name: str) -> None:
    whole = (
        got(market, name, limit=1000, with_total="true").json()
        if name != "search"
        else got(market, name, limit=100, with_total="true").json()
    )
    assert (whole["next"], whole["total"]) == (None, len(whole["items"]))
    for limit in (1, 3):
        assert pages(market, name, limit) == whole["items"]
    for wrong in ({"limit": "0"}, {"limit": "1001"}, {"sort": "nothing"}, {"sort": "--id"}, {"page": "2"}):
        answer = got(market, name, **wrong)
        assert answer.status_code == 422, wrong
        assert {finding["field"] for finding in answer.json()["findings"]} == set(wrong)


def test_lists_are_sorted_by_every_field_they_offer(market: Rights) -> None:
    for name in lists():
        told = got(market, name, sort="nothing").json()["findings"][0]["sentence"]
        fields = told.rpartition("there is ")[2].rstrip(".").split(", ")
        for field in fields if fields != ["no field"] else []:
            for sort in (field, f"-{field}"):
                items = got(market, name, limit=1000, sort=sort).json()["items"]
                values = [item[field] for item in items if item[field] is not None]
                if all(isinstance(value, str) for value in values) and not field.endswith(("_eur", "_mwh", "_mw")):
                    assert values == sorted(values, reverse=sort != field), (name, sort)
        if fields != ["no field"]:
            assert pages(market, name, 2, sort=sort) == items


def hostile() -> Iterator[str]:
    yield from ("x", "eyJ9", "-" * 1500, "A" * 1501, "%00", "é")
    places: tuple[Any, ...] = (
        None, 0, 1, -1, 10**400, "x", [], [None, None], ["x", "x"], ["2016-07-25T10:00:00Z", "\ud800"],
        ["0001-01-01T00:00:00+14:00", "x"], ["9999-12-31T23:59:59-14:00", "x"], [{}, {}], [[[]], "x"],
        ["2016-07-25T10:00:00Z", "\x00"], [True, False], [1e308, 1], {"a": 1, "b": 2},
    )  # fmt: skip
    for place in places:
        for text in (json.dumps(["", place]), json.dumps([place, ""]), json.dumps(place)):
            yield urlsafe_b64encode(text.encode()).decode().rstrip("=")
    yield urlsafe_b64encode(b"[" * 1000).decode().rstrip("=")
    yield urlsafe_b64encode(b'["",[NaN,Infinity]]').decode().rstrip("=")


LISTS = ("list_offers", "list_readings", "list_jobs", "list_assets", "list_alarms", "search")


@pytest.mark.parametrize("name", LISTS)
def test_hostile_cursors_are_refused_or_lead_nowhere(market: Rights, name: str) -> None:
    for cursor in hostile():
        answer = got(market, name, cursor=cursor)
        assert answer.status_code in (200, 422), (cursor, answer.text)
        if answer.status_code == 422:
            assert answer.json()["findings"][0]["field"] == "cursor"


def test_a_cursor_is_of_one_order(market: Rights) -> None:
    cursor = got(market, "list_assets", who="fmo", limit=1).json()["next"]
    answer = got(market, "list_assets", who="fmo", limit=1, cursor=cursor, sort="-name")
    assert (answer.status_code, answer.json()["findings"][0]["field"]) == (422, "cursor")


def add(market: Rights, *ids: str) -> None:
    """Notifications of esp1, each a second after the one before."""
    world = market.api.world
    with world.store.write(SYSTEM, MarkNotificationsRead()) as uow:
        for at, name in enumerate(ids):
            own = {"party_id": PartyId("esp1"), "event": "JobChanged", "sentence": name, "link": ""}
            when = as_utc(uow.market.replace(minute=at % 60, microsecond=at))
            uow.add(Notification(id=NotificationId(name), market_at=when, **own))


def test_what_comes_meanwhile_repeats_and_hides_nothing(market: Rights) -> None:
    add(market, *(f"N-{n:03}" for n in range(9)))
    first = got(market, "list_notifications", limit=4).json()
    before = [item["id"] for item in got(market, "list_notifications").json()["items"]]
    add(market, "N-newest-1", "N-newest-2")
    more = got(market, "list_notifications", limit=1000, cursor=first["next"]).json()["items"]
    seen = [item["id"] for item in first["items"] + more]
    assert [id for id in seen if not id.startswith("N-newest")] == before
    assert len(set(seen)) == len(seen)


def test_the_link_is_the_next_page(market: Rights) -> None:
    answer = got(market, "list_requests", who="fmo", limit=1, region_id="R1")
    address_, _, rel = answer.headers["link"].partition("; ")
    assert rel == 'rel="next"'
    following = market.api.client.get(address_.strip("<>"), headers=market.api.headers("fmo")).json()["items"]
    assert following == got(market, "list_requests", who="fmo", region_id="R1").json()["items"][1:2]


def test_the_database_cuts_long_lists(market: Rights, monkeypatch: pytest.MonkeyPatch) -> None:
    add(market, *(f"L-{n:04}" for n in range(300)))
    made: list[str] = []
    make = EntityTable.from_row
    monkeypatch.setattr(
        EntityTable, "from_row", lambda table, row: (made.append(table.kind.__name__), make(table, row))[1]
    )
    assert len(got(market, "list_notifications", limit=10).json()["items"]) == 10
    assert made.count("Notification") == 11
    for name, kind in (("list_offers", "FlexOffer"), ("list_requests", "FlexRequest"), ("list_jobs", "Job")):
        made.clear()
        assert len(got(market, name, who="fmo", limit=1).json()["items"]) == 1
        assert made.count(kind) <= 2, name
    made.clear()
    got(market, "list_sessions", who="fmo", limit=1)
    assert made.count("MarketSession") <= 2


def test_totals_count_only_what_is_seen(market: Rights) -> None:
    session = {"session_id": market.there["session"], "with_total": "true"}
    for name, who in (("list_requests", "dso2"), ("list_offers", "dso1"), ("list_offers", "esp2")):
        assert got(market, name, who=who, **session).json()["total"] == 0, name
    assert got(market, "list_offers", who="esp1", **session).json()["total"] == 1
