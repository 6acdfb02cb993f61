"""The values behind an access token: those of its consent, as long as that stands, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from consent_world import DAY, NOW, PROVIDER, REQUESTER
from starlette.testclient import TestClient
from test_consent_tokens import BACK, Flow
from test_consents_over_rest import Room
from two_platforms import TwoPlatforms, two_platforms

from app.platform.serving import Serving, asgi_of
from app.platform.values.documents import read
from app.platform.values.reading import HEAD, Format, Known
from app.platform.values.uploading import upload
from domain.commands import platform as pc
from domain.ids import PodId
from domain.marketplace.words import AggregationLevel, AggregationMethod, ServiceType, TimeStep
from domain.platform.consents import Consent, ConsentedPod
from domain.platform.pods import Pod
from domain.platform.subscriptions import PlatformSubscription, SubscriptionStanding
from domain.platform.tokens import ConsentToken

HOUR = timedelta(hours=1)
START = NOW - 2 * HOUR
"""Four quarter hours are stored from here on, the third a gap."""


class Values:
    """A client that asks with an access token."""

    def __init__(self, two: TwoPlatforms, flow: Flow) -> None:
        self.two, self.flow = two, flow
        lines = [f"{pod},energy consumption,PT15M,{START.isoformat()},{n},2,,4" for n, pod in enumerate(PODS, 1)]
        side = two.provider

        class Meters:
            def execute(self, command: Any) -> object:
                return side.do(PROVIDER, command)

            def query(self, query: Any) -> Any:
                return side.ask(PROVIDER, query)

        upload(Meters(), iter(["\n".join((HEAD, *lines, "")).encode()]), Format.CSV)
        two.asked()
        self.tokens = flow.token(flow.code()).json()
        self.access: str = self.tokens["access_token"]

    def get(self, path: str = "", token: str | None = None, **where: Any) -> Any:
        asked = {"start": START.isoformat(), "end": NOW.isoformat()} | where
        headers = {"Authorization": f"Bearer {token or self.access}"}
        return self.flow.http.get(f"/b2c/v1/values{path}", params=asked, headers=headers)

    def code(self, **how: Any) -> tuple[int, str]:
        answer = self.get(**how)
        return answer.status_code, answer.json().get("code", answer.json()["findings"][0]["code"])

    def rows(self, **where: Any) -> dict[str, list[str | None]]:
        answer = self.get(**where)
        assert answer.status_code == 200, answer.text
        return {one["name"]: one["values"] for one in answer.json()["series"]}

    @property
    def consent(self) -> Consent:
        found: Consent = self.two.provider.only(Consent)
        return found

    def service(self, **changes: Any) -> None:
        subscription = self.two.provider.only(PlatformSubscription)
        descriptions = tuple(replace(each, **changes) for each in subscription.content.descriptions)
        content = replace(subscription.content, descriptions=descriptions)
        self.two.provider.change(subscription, content=content)


PODS = ("AT001", "AT002", "AT003")


@pytest.fixture
def values(tmp_path: Path) -> Iterator[Values]:
    with two_platforms(tmp_path) as two:
        how = Serving(secret=b"s" * 48, data_dir=tmp_path, plain_answers=True)
        app = asgi_of(two.provider.platform, how)
        with TestClient(app, base_url="http://testserver", raise_server_exceptions=False) as client:
            yield Values(two, Flow(two, Room(two.provider, client)))


def test_the_consented_values_and_no_others(values: Values) -> None:
    answer = values.get().json()
    assert (answer["consent_id"], answer["quantity"], answer["time_step"], answer["after"]) == (
        values.consent.id,
        "energy consumption",
        "PT15M",
        None,
    )
    assert {one["name"]: one["values"][:4] for one in answer["series"]} == {
        "AT001": ["1", "2", None, "4"],
        "AT002": ["2", "2", None, "4"],
    }
    assert datetime.fromisoformat(answer["series"][0]["starts"][0]) == START
    assert len(answer["series"][0]["starts"]) == 8


def test_as_a_market_document(values: Values) -> None:
    answer = values.get(".xml")
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "application/xml")
    found = read([answer.content], Known(countries=dict.fromkeys(PODS, "AT"), market=NOW))
    assert (found.bad.count, found.n_values) == (0, 6)
    assert "AT003" not in answer.text


def test_points_come_by_the_name_that_the_client_knows(values: Values) -> None:
    row = values.two.provider.find(ConsentedPod, pod_id="AT001")[0]
    values.two.provider.change(row, name="PSN-1")
    assert set(values.rows()) == {"AT002", "PSN-1"}
    assert "AT001" not in values.get(".xml").text


def test_by_the_page(values: Values) -> None:
    first = values.get(limit=1).json()
    assert ([one["name"] for one in first["series"]], first["after"]) == (["AT001"], "AT001")
    second = values.get(limit=1, after="AT001").json()
    assert ([one["name"] for one in second["series"]], second["after"]) == (["AT002"], None)
    link = values.get(".xml", limit=1).headers["link"]
    path = link.removeprefix("<").removesuffix('>; rel="next"')
    following = values.flow.http.get(path, headers={"Authorization": f"Bearer {values.access}"})
    assert ("AT001" in following.text, "AT002" in following.text) == (False, True)
    assert "link" not in following.headers


@pytest.mark.parametrize("path", ["", ".xml"])
def test_after_a_revocation_there_is_no_row(values: Values, path: str) -> None:
    assert values.get(path).status_code == 200
    values.two.provider.do("house", pc.RevokeConsent(consent_id=values.consent.id))
    answer = values.get(path)
    assert (answer.status_code, "AT00" in answer.text) == (401, False)


def test_a_consent_that_does_not_stand_opens_nothing_even_to_a_token_that_is_left(values: Values) -> None:
    values.two.provider.change(values.consent, state="revoked")
    assert values.two.provider.find(ConsentToken)
    assert values.code() == (401, "signed_out")


def test_a_point_for_which_it_was_revoked_is_gone_at_once(values: Values) -> None:
    command = pc.RevokeConsent(consent_id=values.consent.id, pod_ids=(PodId("AT001"),))
    values.two.provider.do("house", command)
    assert set(values.rows()) == {"AT002"}


def test_a_point_of_another_customer_is_gone(values: Values) -> None:
    values.two.provider.change(values.two.provider.find(Pod, id="AT001")[0], customer_id="flat")
    assert set(values.rows()) == {"AT002"}


def test_tokens_and_consents_end_by_time(values: Values) -> None:
    values.two.provider.wall.now += HOUR
    assert values.code() == (401, "signed_out")
    values.two.provider.wall.now -= HOUR
    values.two.provider.at(values.consent.ends_at - timedelta(minutes=1))
    assert values.get().status_code == 200
    values.two.provider.at(values.consent.ends_at)
    assert values.code() == (401, "signed_out")


def test_a_token_opens_its_own_consent_alone(values: Values) -> None:
    values.flow.http.cookies.clear()
    flow = values.flow
    flow.sign_in("flat")
    page = flow.form(flow.authorize().text) | {"decision": "give"}
    back = flow.post("/authorize/decision", page).headers["location"]
    code = back.partition("code=")[2].partition("&")[0]
    other = flow.token(code).json()["access_token"]
    values.two.provider.at(NOW + DAY)
    end = (NOW + HOUR).isoformat()
    seen = values.get(token=other, end=end).json()["series"]
    assert [one["name"].startswith("PSN-") for one in seen] == [True]
    assert len(seen[0]["values"]) == 4
    assert set(values.rows(end=end)) == {"AT001", "AT002"}


def test_no_token_and_what_is_none(values: Values) -> None:
    for token in ("x" * 43, values.tokens["refresh_token"], values.flow.room.tokens["house"], "a b"):
        assert values.code(token=token) == (401, "signed_out")
    path = "/b2c/v1/values"
    where = {"start": START.isoformat(), "end": NOW.isoformat()}
    plain = values.flow.http.get(path, params=where)
    assert (plain.status_code, "Bearer" in plain.headers["www-authenticate"]) == (401, True)
    in_address = values.flow.http.get(path, params=where | {"access_token": values.access})
    assert in_address.status_code in (401, 422)
    twice = [("Authorization", "Bearer x"), ("Authorization", f"Bearer {values.access}")]
    assert values.flow.http.get(path, params=where, headers=twice).status_code == 401


def test_only_the_time_that_was_consented_to(values: Values) -> None:
    consent = values.consent
    early = values.get(start=(consent.starts_at - DAY).isoformat()).json()["series"][0]
    assert datetime.fromisoformat(early["starts"][0]) == consent.starts_at
    before = {"start": (consent.starts_at - 2 * DAY).isoformat(), "end": consent.starts_at.isoformat()}
    assert values.code(**before) == (422, "out_of_range")
    later = values.get(end=(NOW + DAY).isoformat()).json()["series"][0]
    assert len(later["starts"]) == 8
    assert values.code(start=NOW.isoformat(), end=(NOW + DAY).isoformat()) == (422, "out_of_range")


def test_a_value_is_given_only_if_all_its_time_may(values: Values) -> None:
    aside = timedelta(minutes=5)
    found = values.rows(start=(START + aside).isoformat(), end=(START + HOUR - aside).isoformat())
    assert found["AT001"] == ["2", None]
    values.service(time_step=TimeStep.HOUR)
    assert values.rows()["AT002"] == [None, None]
    values.service(time_step=TimeStep.DAY)
    assert values.rows() == {}
    whole = values.get(start=(NOW - 3 * DAY).isoformat()).json()["series"][0]
    assert whole["starts"] == ["2016-07-22T22:00:00Z", "2016-07-23T22:00:00Z"]


def test_only_single_values_of_the_service_as_it_stands(values: Values) -> None:
    values.service(period_end=START + HOUR)
    assert len(values.rows()["AT001"]) == 4
    values.service(
        service_type=ServiceType.AGGREGATED_DATA,
        aggregation_level=AggregationLevel.PORTFOLIO,
        aggregation_method=AggregationMethod.SUM,
    )
    assert values.code() == (422, "not_offered")
    subscription = values.two.provider.only(PlatformSubscription)
    values.two.provider.change(subscription, state=SubscriptionStanding.CANCELED)
    assert values.code() == (409, "not_in_force")


@pytest.mark.parametrize(
    "where",
    [
        {"start": "yesterday"},
        {"start": "2016-07-25T08:00:00"},
        {"start": NOW.isoformat(), "end": START.isoformat()},
        {"start": "0001-01-01T00:00:00Z", "end": "9999-12-31T23:59:59Z"},
        {"start": "9999-12-31T23:59:59Z", "end": "9999-12-31T23:59:59-14:00"},
        {"end": (START + 401 * DAY).isoformat()},
        {"limit": 0},
        {"limit": 101},
        {"limit": "1 OR 1=1"},
        {"after": "x" * 300},
        {"after": "\0"},
        {"after": ""},
        {"pod_id": "AT003"},
    ],
    ids=str,
)
def test_hostile_parameters(values: Values, where: dict[str, Any]) -> None:
    answer = values.get(**where)
    assert (answer.status_code, "AT00" in answer.text) == (422, False), answer.text


def test_names_are_compared_and_nothing_else(values: Values) -> None:
    assert values.rows(after="' OR 1=1 --") != {}
    assert values.rows(after="AT002") == {}
    assert values.rows(after="\U0010ffff") == {}


def test_a_client_ends_its_tokens(values: Values) -> None:
    flow = values.flow
    client = {"client_id": flow.client.id, "client_secret": flow.client.secret}
    ended = flow.post("/revoke", client | {"token": values.access})
    assert ended.status_code == 200, ended.text
    assert values.code() == (401, "signed_out")
    following = flow.refresh(values.tokens["refresh_token"]).json()
    assert values.get(token=following["access_token"]).status_code == 200
    assert flow.post("/revoke", client | {"token": following["refresh_token"]}).json() == {}
    assert values.code(token=following["access_token"]) == (401, "signed_out")
    assert flow.refresh(following["refresh_token"]).json()["error"] == "invalid_grant"
    assert not values.two.provider.find(ConsentToken)
    assert values.consent.state == "acknowledged"


def test_nobody_ends_tokens_of_others(values: Values) -> None:
    flow = values.flow
    register = pc.RegisterConsentClient(peer_id=REQUESTER, name="Other app", redirect_uris=(BACK,))
    other = values.two.provider.do(PROVIDER, register)
    stranger = {"client_id": other.id, "client_secret": other.secret}
    assert flow.post("/revoke", stranger | {"token": values.access}).status_code == 200
    assert flow.post("/revoke", stranger | {"token": values.tokens["refresh_token"]}).status_code == 200
    wrong = flow.post("/revoke", {**stranger, "client_secret": "x" * 43, "token": values.access})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    missing = flow.post("/revoke", stranger)
    assert (missing.status_code, missing.json()["error"]) == (400, "invalid_request")
    assert values.get().status_code == 200
