"""A small platform on loopback that holds what is posted, for tests of clients without the product's server.

Objects are taken with exactly their documented fields; a party acts for itself; an aggregator sees its own offers.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, unquote

COMMON = ("timestamp", "flexible_power", "duration", "unit", "activation_time")
REQUEST = {"request_id", "deadline", "region_id", *COMMON}
ACTIVATED = {"offer_id", "granularity", *COMMON}
PRICED = {"flex_price", "flex_type", "currency"}
OFFER = {"entity_id", "deadline", "region_id", *ACTIVATED, *PRICED}
FIELDS = {
    "requests": REQUEST,
    "offers": OFFER,
    "activations": {"activation_id", *ACTIVATED, *PRICED},
    "acks": {"ack_id", *ACTIVATED},
    "nacks": {"nack_id", *ACTIVATED},
}
D, A, NAME = r"/dsos/(?P<dso>[^/]+)", r"/aggregators/(?P<agg>[^/]+)", r"/(?P<id>[^/]+)"
F = "/flexibilityActivations"
ROUTES = [
    (rf"{D}/flexibilityRequests/requestId", "requests", "request_id"),
    (rf"{D}/flexibilityRequests(?:{NAME})?", "requests", None),
    (rf"{D}{F}/activationId", "activations", "activation_id"),
    (rf"{D}{F}/(?P<agg>[^/]+)(?:{NAME})?", "activations", None),
    (r"/aggregators/flexibilityOffers", "offers", None),
    (rf"{A}/flexibilityOffers/offerId", "offers", "offer_id"),
    (rf"{A}/flexibilityOffers(?:{NAME})?", "offers", None),
    (rf"{A}{F}/(?P<kind>acks|nacks)/(?P<new>ackId|nackId)", "", ""),
    (rf"{A}{F}/(?P<kind>acks|nacks)(?:{NAME})?", "", None),
]
PREFIX = "/interflex/api/v1"


class Platform:
    """What is stored: kind -> list of objects with the parties they belong to."""

    def __init__(self) -> None:
        self.stored: dict[str, list[tuple[frozenset[str], dict[str, Any]]]] = {kind: [] for kind in FIELDS}
        self.calls: list[tuple[str, str, str]] = []
        self.forms: list[dict[str, list[str]]] = []
        self.numbers = count(1)
        self.lapse_after_reads: int | None = None
        self.port = 0

    def answer(self, method: str, path: str, token: str, body: bytes) -> tuple[int, Any]:
        """Status and JSON of one call."""
        who = token.removeprefix("Bearer token-of-").split(".")[0]
        self.calls.append((who, method, path))
        if path.startswith("/authentication/"):
            return self._token(parse_qs(body.decode()))
        for pattern, kind, id_name in ROUTES:
            match = re.fullmatch(pattern, path)
            if match:
                named = {name: unquote(value) for name, value in match.groupdict().items() if value}
                if "kind" in named:
                    kind, new = named["kind"], named.get("new")
                    id_name = {"ackId": "ack_id", "nackId": "nack_id"}.get(new or "")
                return self._resource(method, who, kind, id_name, named, body)
        return 404, problem(404, "not_found", "There is no such thing.")

    def _token(self, form: dict[str, list[str]]) -> tuple[int, Any]:
        self.forms.append(form)
        name = form.get("username", [""])[0] or form["refresh_token"][0].removeprefix("refresh-of-").split(".")[0]
        n = next(self.numbers)
        return 200, {
            "access_token": f"token-of-{name}.{n}",
            "token_type": "bearer",
            "expires_in": 3600,
            "refresh_token": f"refresh-of-{name}.{n}",
        }

    def _resource(
        self, method: str, who: str, kind: str, id_name: str | None, named: dict[str, str], body: bytes
    ) -> tuple[int, Any]:
        if id_name is not None:
            return 200, {id_name: f"{kind[:-1]}-{next(self.numbers)}"}
        owners = frozenset(named[name] for name in ("dso", "agg") if name in named)
        if method == "POST":
            return self._store(kind, who, owners, json.loads(body))
        if method == "DELETE":
            name = next(name for name in FIELDS[kind] if name == f"{kind[:-1]}_id")
            kept = [entry for entry in self.stored[kind] if entry[1][name] != named["id"]]
            self.stored[kind] = kept
            return 200, {}
        return 200, [thing for of, thing in self._visible(kind, who) if not owners or owners <= of]

    def _store(self, kind: str, who: str, owners: frozenset[str], thing: dict[str, Any]) -> tuple[int, Any]:
        if set(thing) != FIELDS[kind]:
            return 422, problem(422, "malformed", f"fields: {sorted(set(thing) ^ FIELDS[kind])}")
        if who not in owners:
            return 403, problem(403, "not_yours", "It belongs to another participant.")
        self.stored[kind].append((owners, thing))
        return 201, {}

    def _visible(self, kind: str, who: str) -> list[tuple[frozenset[str], dict[str, Any]]]:
        if kind == "offers" and who.startswith("agg"):
            if self.lapse_after_reads is not None:
                self.lapse_after_reads -= 1
                if self.lapse_after_reads < 0:
                    return []
            return [(of, thing) for of, thing in self.stored[kind] if who in of]
        return self.stored[kind]


def problem(status: int, code: str, sentence: str) -> dict[str, Any]:
    """Problem details with one finding."""
    return {
        "type": f"/api/v1/docs/refusals.md#{code}",
        "title": sentence,
        "status": status,
        "detail": sentence,
        "code": code,
        "findings": [{"code": code, "field": "body", "sentence": sentence}],
    }


@contextmanager
def platform() -> Iterator[Platform]:
    """A platform of its own that listens on `port` of 127.0.0.1."""
    there = Platform()

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            path = self.path.removeprefix(PREFIX)
            status, told = there.answer(self.command, path, self.headers.get("Authorization", ""), body)
            encoded = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        do_GET = do_POST = do_DELETE = _handle  # noqa: N815 - the names that the library calls

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is logged."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        there.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield there
        finally:
            server.shutdown()
            thread.join()
