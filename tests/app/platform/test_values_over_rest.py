"""Values over a platform's interfaces: bulk files in their size, and what peers send and pull."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from test_deliveries import DAY_1, DAY_2, PODS, Pair

from app.platform.serving import Serving, asgi_of
from app.platform.usecases.keys import issued, no_password
from app.platform.values.reading import HEAD
from app.rest.compressed import inflated
from domain.errors import Refused
from domain.ids import PartyId
from domain.parties import SYSTEM, Party
from domain.platform.deliveries import Delivery, DeliveryState, ReceivedSeries
from domain.transport import OutgoingMessage

CSV = {"Content-Type": "text/csv"}
LINE = f"{PODS[0]},energy consumption,PT1H,{DAY_1.isoformat()},1,2,,4"


class Sides:
    """Both platforms with a client each."""

    def __init__(self, pair: Pair, folder: Path, stack: ExitStack) -> None:
        self.pair = pair
        for world, name in ((pair.provider, "provider"), (pair.requester, "requester")):
            how = Serving(secret=name.encode() * 20, data_dir=folder, plain_answers=True)
            client = TestClient(asgi_of(world.platform, how), raise_server_exceptions=False)
            setattr(self, name, stack.enter_context(client))
        self.provider: Any
        self.requester: Any

    def token(self, side: str, who: str) -> dict[str, str]:
        world = getattr(self.pair, side)
        with world.platform.store.write(SYSTEM, self.pair.agreement) as uow:
            if uow.access.party_of(who) is None:
                uow.sign_ins.enter(who, no_password(), uow.get(Party, who))
            return {"Authorization": f"Bearer {issued(uow, PartyId(who), who, timedelta(days=1)).secret}"}


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[Sides]:
    pair = Pair(tmp_path)
    with ExitStack() as stack:
        yield Sides(pair, tmp_path, stack)
    pair.provider.platform.close()
    pair.requester.platform.close()


def test_a_bulk_file(sides: Sides) -> None:
    meters = sides.token("provider", "meters")
    body = f"{HEAD}\n{LINE}\n".encode()
    made = sides.provider.put("/own/v1/values", content=body, headers=meters | CSV)
    assert made.status_code == 200, made.text
    told = made.json()
    assert (told["n_values"], told["n_stored"], told["n_gaps"], told["lines_with_gaps"]) == (3, 1, 1, [2])
    packed = meters | CSV | {"Content-Encoding": "gzip"}
    assert sides.provider.put("/own/v1/values", content=gzip.compress(body), headers=packed).json()["n_same"] == 1
    bad = sides.provider.put("/own/v1/values", content=body + b"x,1\n", headers=meters | CSV)
    assert (bad.status_code, bad.json()["findings"][0]["field"]) == (422, "line 3")
    good = sides.provider.put("/own/v1/values?good_only=true", content=body + b"x,1\n", headers=meters | CSV)
    assert [line["line"] for line in good.json()["bad"]] == [3]
    again = body.replace(b",1,", b",9,")
    assert sides.provider.put("/own/v1/values", content=again, headers=meters | CSV).status_code == 409
    corrected = sides.provider.put("/own/v1/values?correct=true", content=again, headers=meters | CSV)
    assert corrected.json()["n_stored"] == 1
    asked = {
        "pod_id": PODS[0],
        "quantity": "energy consumption",
        "time_step": "PT1H",
        "start": DAY_1.isoformat(),
        "end": "2026-11-01T03:00:00Z",
    }
    (series,) = sides.provider.get("/own/v1/values", params=asked, headers=meters).json()
    assert series["values"] == ["9", "2", None, "4"]


def test_a_bulk_file_may_be_larger_than_other_bodies(sides: Sides) -> None:
    meters = sides.token("provider", "meters")
    body = (HEAD + "\n" + (LINE + "\n") * 400_000).encode()
    assert len(body) > 20 * 2**20
    made = sides.provider.put("/own/v1/values", content=body, headers=meters | CSV)
    assert made.status_code == 200, made.text
    elsewhere = sides.provider.post("/own/v1/values", content=body, headers=meters | CSV)
    assert elsewhere.status_code == 413


def test_what_a_bulk_route_refuses(sides: Sides) -> None:
    meters = sides.token("provider", "meters")

    def status(headers: dict[str, str], body: bytes = b"x") -> int:
        return int(sides.provider.put("/own/v1/values", content=body, headers=headers).status_code)

    assert status(CSV) == 401
    assert status(meters | {"Content-Type": "image/png"}) == 415
    assert status(meters | CSV) == 422
    assert status(meters | CSV | {"Content-Encoding": "br"}) == 422
    assert status(meters | CSV | {"Content-Encoding": "gzip"}) == 422
    assert status(sides.token("provider", "house") | CSV) == 403


def test_a_small_gzip_does_not_become_a_large_body() -> None:
    bomb = gzip.compress(bytes(10_000_000))
    with pytest.raises(Refused, match="too_large"):
        list(inflated(io.BytesIO(bomb), most=1_000_000))
    assert sum(map(len, inflated(io.BytesIO(bomb), most=10_000_000))) == 10_000_000
    for cut in (bomb[:-5], b"", b"no gzip"):
        with pytest.raises(Refused, match="malformed"):
            list(inflated(io.BytesIO(cut), most=10_000_000))


def test_pushed_acknowledged_and_pulled(sides: Sides) -> None:
    sides.pair.values()
    sides.pair.poll()
    (message,) = sides.pair.provider.find(OutgoingMessage)
    key = sides.token("requester", "meters")
    envelope = {
        "Message-Id": message.id,
        "Message-Stream": message.stream,
        "Message-Sequence": "1",
        "Message-Sent-At": sides.pair.requester.wall.now.isoformat(),
    }
    body = json.loads(message.body)
    taken = sides.requester.post("/b2b/v1/values", json=body, headers=key | envelope)
    assert taken.status_code == 200, taken.text
    assert len(sides.pair.requester.find(ReceivedSeries)) == 12
    (answer,) = sides.pair.requester.find(OutgoingMessage)
    pool = sides.token("provider", "pool")
    back = sides.provider.post(
        "/b2b/v1/values/acknowledgements", json=json.loads(answer.body), headers=pool | envelope
    )
    assert back.status_code == 200, back.text
    (sent,) = sides.pair.provider.find(Delivery)
    assert sent.state is DeliveryState.ACKNOWLEDGED
    page = sides.provider.get("/b2b/v1/deliveries", headers=pool).json()
    assert [row["id"] for row in page["items"]] == [sent.id]
    pulled = sides.provider.get(f"/b2b/v1/deliveries/{sent.id}/values", headers=pool).json()
    assert (len(pulled["series"]), len(pulled["starts"]), pulled["cursor"]) == (12, 24, None)
    sides.pair.revoke(*PODS)
    assert sides.provider.get(f"/b2b/v1/deliveries/{sent.id}/values", headers=pool).json()["series"] == []
    own = sides.token("requester", "pool")
    listed = sides.requester.get("/own/v1/received-values?name=PSN-DE-03", headers=own).json()["items"]
    assert [row["name"] for row in listed] == ["PSN-DE-03"]
    assert sides.requester.get(f"/own/v1/deliveries/{sent.id}", headers=own).json()["parts"][0]["part"] == 0
    asked = sides.requester.post(f"/own/v1/deliveries/{sent.id}/again", headers=own)
    assert asked.status_code == 200, asked.text
    body["series"][0]["values"][0] = "NaN"
    bad = sides.requester.post("/b2b/v1/values", json=body, headers=key | envelope | {"Message-Id": "n"})
    assert bad.status_code == 422


def test_an_aggregate_over_rest(sides: Sides) -> None:
    sides.pair.values()
    meters = sides.token("provider", "meters")
    asked = {
        "level": "city",
        "method": "mean",
        "quantity": "energy consumption",
        "time_step": "P1D",
        "start": DAY_1.isoformat(),
        "end": DAY_2.isoformat(),
        "localisation": "DE",
    }
    (made,) = sides.provider.get("/own/v1/aggregates", params=asked, headers=meters).json()
    assert (made["name"], made["values"], made["n_pods"]) == ("DE / C", ["24"], [12])


def test_exported_as_it_is_read(sides: Sides) -> None:
    """What goes out as CSV or as a market document comes in again, and is no change."""
    sides.pair.values()
    meters = sides.token("provider", "meters")
    asked = {
        "pod_id": list(PODS[:2]),
        "quantity": "energy consumption",
        "time_step": "PT1H",
        "start": DAY_1.isoformat(),
        "end": DAY_2.isoformat(),
    }
    for form, media_type in (("csv", "text/csv"), ("xml", "application/xml")):
        file = sides.provider.get("/own/v1/values/export", params=asked | {"format": form}, headers=meters)
        assert (file.status_code, file.headers["content-type"].split(";")[0]) == (200, media_type), file.text
        sent = meters | {"Content-Type": media_type}
        made = sides.provider.put("/own/v1/values", content=file.content, headers=sent).json()
        assert (made["n_values"], made["n_same"], made["n_stored"]) == (48, 2, 0)
    long = asked | {"time_step": "PT15M", "start": "2026-08-02T22:00:00Z", "end": "2026-11-01T23:00:00Z"}
    quarters = ",".join(["0.25"] * 200)
    begins = (datetime(2026, 8, 3, tzinfo=UTC) + timedelta(minutes=3000 * k) for k in range(42))
    lines = (f"{PODS[0]},energy consumption,PT15M,{at.isoformat()},{quarters}" for at in begins)
    stored = sides.provider.put("/own/v1/values", content="\n".join((HEAD, *lines)), headers=meters | CSV)
    assert (stored.status_code, stored.json()["n_values"]) == (200, 8400)
    for form, media_type in (("csv", "text/csv"), ("xml", "application/xml")):
        file = sides.provider.get("/own/v1/values/export", params=long | {"format": form}, headers=meters)
        made = sides.provider.put(
            "/own/v1/values", content=file.content, headers=meters | {"Content-Type": media_type}
        )
        assert made.status_code == 200, "longer than a line, and one with no such value"
        assert (made.json()["n_values"], made.json()["n_stored"]) == (8400, 0)
    sides.pair.poll()
    sides.pair.carry()
    pool = sides.token("requester", "pool")
    for form, part in (("csv", "PSN-DE-00,energy consumption,PT1H"), ("xml", "<resolution>PT60M</resolution>")):
        where = {"agreement_id": sides.pair.agreement.id, "format": form}
        file = sides.requester.get("/own/v1/received-values/export", params=where, headers=pool)
        assert file.status_code == 200
        assert part in file.text
    other = sides.token("requester", "house")
    assert sides.requester.get("/own/v1/received-values/export", params=where, headers=other).status_code == 403
