"""The client has the document's functions, and each sends what the appendix says."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from app.clients import interflex
from app.clients.interflex import InterFlexError

BASE = ("host", "port")
BY_DSO = (*BASE, "entity_id", "access_token")
TO_AGGREGATOR = (*BASE, "entity_id", "aggregator", "access_token")
OF_AGGREGATOR = (*BASE, "access_token", "aggregator")
FROM_DSO = (*BASE, "entity_id", "access_token", "aggregator")
SENT = ("flexible_power", "granularity", "duration", "unit", "activation_time")
PRICED = ("flex_price", "flex_type", "currency")

# Section 3.2, tables 2 to 51: module -> function -> arguments in their order. `flexible_power` for the tables'
# "flexibible_power"; `version` follows every function that calls. Additions are marked.
DOCUMENTED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "authentication": {
        "authenticate": (*BASE, "username", "user_secret", "client_id", "client_secret", "version"),
        "refresh": (*BASE, "refresh_token", "client_id", "client_secret", "version"),
    },
    "flexibilityRequest": {
        "get_request_id": (*BY_DSO, "version"),
        "post_request": (*BY_DSO, "request", "version"),
        "get_all_requests": (*BY_DSO, "version"),
        "delete_request": (*BY_DSO, "request_id", "version"),
        "create_request": (
            *("request_id", "timestamp", "deadline", "region_id", "flexible_power", "duration", "unit"),
            "activation_time",  # added by section 3.3, finding 006
        ),
    },
    "flexibilityOffer": {
        "get_offer_id": (*BY_DSO, "version"),
        "post_offer": (*BY_DSO, "offer", "version"),
        "get_all_offers": (*BASE, "access_token", "version"),
        "delete_offer": (*BY_DSO, "offer_id", "version"),
        "create_offer": ("offer_id", "entity_id", "timestamp", "deadline", "region_id", *SENT, *PRICED),
    },
    "flexibilityActivation": {
        "get_activation_id": (*BY_DSO, "version"),
        "post_activation": (*TO_AGGREGATOR, "flexibility_activation", "version"),
        "get_all_activations": (*FROM_DSO, "version"),
        "delete_activation": (*FROM_DSO, "activation_id", "version"),
        "create_activation": ("activation_id", "timestamp", "offer_id", *SENT, *PRICED),
    },
    "flexibilityActivationACK": {
        "get_activation_ack_id": (*BY_DSO, "version"),  # added: the appendix has it
        "post_activation_ack": (*BY_DSO, "flex_activation_ack", "version"),
        "get_all_activation_acks": (*OF_AGGREGATOR, "version"),
        "delete_activation_ack": (*OF_AGGREGATOR, "activation_ack_id", "version"),
        "create_activation_ack": ("ack_id", "timestamp", "offer_id", *SENT),
    },
    "flexibilityActivationNACK": {
        "get_activation_nack_id": (*BY_DSO, "version"),  # added: the appendix has it
        "post_activation_nack": (*BY_DSO, "flexibility_activation", "version"),
        "get_all_activation_nacks": (*OF_AGGREGATOR, "version"),
        "delete_activation_nack": (*OF_AGGREGATOR, "activation_ack_id", "version"),
        "create_activation_nack": ("nack_id", "timestamp", "offer_id", *SENT),
    },
}
FUNCTIONS = [(module, name) for module, functions in DOCUMENTED.items() for name in functions]


def _function(module: str, name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(getattr(interflex, module), name)
    return found


def test_the_package_has_the_six_modules_with_their_functions_and_no_other() -> None:
    there = {
        name: {
            function
            for function, value in vars(module).items()
            if inspect.isfunction(value) and value.__module__ == module.__name__ and not function.startswith("_")
        }
        for name, module in vars(interflex).items()
        if inspect.ismodule(module) and not name.startswith("_")
    }
    assert there == {module: set(functions) for module, functions in DOCUMENTED.items()}


@pytest.mark.parametrize(("module", "name"), FUNCTIONS)
def test_arguments_have_the_documents_names_and_order(module: str, name: str) -> None:
    parameters = inspect.signature(_function(module, name)).parameters
    assert tuple(parameters) == DOCUMENTED[module][name]
    optional = {name: p.default for name, p in parameters.items() if p.default is not p.empty}
    if name == "create_request":
        assert optional == {"activation_time": None}
    else:
        assert optional == ({} if name.startswith("create_") else {"version": "v1"})


@pytest.mark.parametrize("name", [name for _, name in FUNCTIONS if name.startswith("create_")])
def test_objects_hold_each_argument_under_its_name(name: str) -> None:
    (module,) = [module for module, functions in DOCUMENTED.items() if name in functions]
    given = {argument: f"the {argument}" for argument in DOCUMENTED[module][name]}
    assert _function(module, name)(*given.values()) == given


def test_a_request_without_activation_time_has_no_such_member() -> None:
    request = interflex.flexibilityRequest.create_request("R", "t", "d", "z", 1.5, 900.0, "MW")
    assert "activation_time" not in request


TOKENS = {"access_token": "a", "token_type": "bearer", "expires_in": 3600, "refresh_token": "r"}
HERE = ("market.example", "8006")
THING = {"offer_id": "O 1/ü"}
DSO, AGG = "/dsos/dso1", "/aggregators/agg1"
ACTS, ACKS, NACKS = (
    f"{DSO}/flexibilityActivations",
    *(f"{AGG}/flexibilityActivations/{k}" for k in ("acks", "nacks")),
)

# function -> arguments after host and port, method, path, the answer, what the function returns of it
WIRE: Mapping[str, tuple[tuple[Any, ...], str, str, Any, Any]] = {
    "get_request_id": (("dso1", "t"), "GET", f"{DSO}/flexibilityRequests/requestId", {"request_id": "R1"}, "R1"),
    "post_request": (("dso1", "t", THING), "POST", f"{DSO}/flexibilityRequests", {}, {}),
    "get_all_requests": (("dso1", "t"), "GET", f"{DSO}/flexibilityRequests", [THING], [THING]),
    "delete_request": (("dso1", "t", "R/1"), "DELETE", f"{DSO}/flexibilityRequests/R%2F1", {}, {}),
    "get_offer_id": (("agg1", "t"), "GET", f"{AGG}/flexibilityOffers/offerId", {"offer_id": "O1"}, "O1"),
    "post_offer": (("agg1", "t", THING), "POST", f"{AGG}/flexibilityOffers", {"a": 1}, {"a": 1}),
    "get_all_offers": (("t",), "GET", "/aggregators/flexibilityOffers", [THING, THING], [THING, THING]),
    "delete_offer": (("agg1", "t", "O1"), "DELETE", f"{AGG}/flexibilityOffers/O1", {}, {}),
    "get_activation_id": (("dso1", "t"), "GET", f"{ACTS}/activationId", {"activation_id": "A1"}, "A1"),
    "post_activation": (("dso1", "agg 1", "t", THING), "POST", f"{ACTS}/agg%201", {}, {}),
    "get_all_activations": (("dso1", "t", "agg1"), "GET", f"{ACTS}/agg1", [], []),
    "delete_activation": (("dso1", "t", "agg1", "A1"), "DELETE", f"{ACTS}/agg1/A1", {}, {}),
    "get_activation_ack_id": (("agg1", "t"), "GET", f"{ACKS}/ackId", {"ack_id": "K1"}, "K1"),
    "post_activation_ack": (("agg1", "t", THING), "POST", ACKS, {}, {}),
    "get_all_activation_acks": (("t", "agg1"), "GET", ACKS, [THING], [THING]),
    "delete_activation_ack": (("t", "agg1", "K1"), "DELETE", f"{ACKS}/K1", {}, {}),
    "get_activation_nack_id": (("agg1", "t"), "GET", f"{NACKS}/nackId", {"nack_id": "N1"}, "N1"),
    "post_activation_nack": (("agg1", "t", THING), "POST", NACKS, {}, {}),
    "get_all_activation_nacks": (("t", "agg1"), "GET", NACKS, [THING], [THING]),
    "delete_activation_nack": (("t", "agg1", "N1"), "DELETE", f"{NACKS}/N1", {}, {}),
}


def test_every_function_that_calls_is_looked_at() -> None:
    calling = {name for _, name in FUNCTIONS if not name.startswith("create_")}
    assert calling == {*WIRE, "authenticate", "refresh"}


@pytest.mark.parametrize("name", WIRE)
def test_each_call_is_the_appendixs(name: str) -> None:
    arguments, method, path, answer, returned = WIRE[name]
    (module,) = [module for module, functions in DOCUMENTED.items() if name in functions]
    seen: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201 if method == "POST" else 200, json=answer)

    with interflex.options(transport=httpx.MockTransport(server)):
        assert _function(module, name)(*HERE, *arguments) == returned
        _function(module, name)(*HERE, *arguments, version="v2")
    request, second = seen
    assert request.method == method
    assert request.url.raw_path.decode() == f"/interflex/api/v1{path}"
    assert second.url.raw_path.decode() == f"/interflex/api/v2{path}"
    assert (request.url.scheme, request.url.host, request.url.port) == ("http", "market.example", 8006)
    assert request.headers["Authorization"] == "Bearer t"
    if method == "POST":
        assert request.headers["Content-Type"] == "application/json"
        assert json.loads(request.content) == THING
    else:
        assert request.content == b""


@pytest.mark.parametrize(
    ("call", "arguments", "last", "form"),
    [
        (
            interflex.authentication.authenticate,
            ("demo", "d&=é", "client", "secret"),
            "token",
            {"grant_type": "password", "username": "demo", "password": "d&=é"},
        ),
        (
            interflex.authentication.refresh,
            ("tGzv3J0kYotnFCsicMWpAA", "client", "secret"),
            "refresh",
            {"grant_type": "refresh_token", "refresh_token": "tGzv3J0kYotnFCsicMWpAA"},
        ),
    ],
)
def test_tokens_are_asked_for_by_a_form(
    call: Callable[..., Any], arguments: tuple[str, ...], last: str, form: Mapping[str, str]
) -> None:
    seen: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=TOKENS)

    with interflex.options(transport=httpx.MockTransport(server)):
        assert call(*HERE, *arguments) == TOKENS
    (request,) = seen
    assert request.url.path == f"/interflex/api/v1/authentication/{last}"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in request.headers
    sent = parse_qs(request.content.decode(), strict_parsing=True)
    assert sent == {
        name: [value] for name, value in {**form, "client_id": "client", "client_secret": "secret"}.items()
    }


@pytest.mark.parametrize(
    ("host", "port", "netloc"),
    [
        ("localhost", "8006", "http://localhost:8006"),
        ("127.0.0.1", 8006, "http://127.0.0.1:8006"),
        ("::1", "8006", "http://[::1]:8006"),
        ("[2001:DB8::0:1]", "8006", "http://[2001:db8::1]:8006"),
        ("https://market.example", "443", "https://market.example"),
        ("https://[::1]/", "8443", "https://[::1]:8443"),
        ("HTTP://market.example", "80", "http://market.example"),
    ],
)
def test_hosts_are_names_and_addresses(host: str, port: str | int, netloc: str) -> None:
    seen: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=[])

    with interflex.options(transport=httpx.MockTransport(server)):
        interflex.flexibilityOffer.get_all_offers(host, port, "t")
    assert str(seen[0].url) == f"{netloc}/interflex/api/v1/aggregators/flexibilityOffers"


@pytest.mark.parametrize(
    ("host", "port", "token", "dso", "version"),
    [
        ("", "80", "t", "dso1", "v1"),
        ("a/b", "80", "t", "dso1", "v1"),
        ("user@market.example", "80", "t", "dso1", "v1"),
        ("market.example:81", "80", "t", "dso1", "v1"),
        ("market.example\r\nX-A: b", "80", "t", "dso1", "v1"),
        ("ftp://market.example", "80", "t", "dso1", "v1"),
        ("[market.example]", "80", "t", "dso1", "v1"),
        ("999.0.0.1", "80", "t", "dso1", "v1"),
        ("fe80::1%eth0", "80", "t", "dso1", "v1"),
        ("market.example", "0", "t", "dso1", "v1"),
        ("market.example", "65536", "t", "dso1", "v1"),
        ("market.example", "80 ", "t", "dso1", "v1"),
        ("market.example", "८०", "t", "dso1", "v1"),
        ("market.example", "80", "", "dso1", "v1"),
        ("market.example", "80", "t\r\nX-A: b", "dso1", "v1"),
        ("market.example", "80", "tö", "dso1", "v1"),
        ("market.example", "80", "t", "..", "v1"),
        ("market.example", "80", "t", "", "v1"),
        ("market.example", "80", "t", "dso1", "v1/../.."),
    ],
)
def test_what_makes_no_call_is_not_sent(host: str, port: str, token: str, dso: str, version: str) -> None:
    def server(_request: httpx.Request) -> httpx.Response:
        raise AssertionError("it was sent")

    with interflex.options(transport=httpx.MockTransport(server)), pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        interflex.flexibilityRequest.get_all_requests(host, port, dso, token, version=version)


@pytest.mark.parametrize("token", ["", "t t", "t\n", "t\r\nX-A: b", "tö"])
def test_a_token_that_is_none_is_refused_without_being_repeated(token: str) -> None:
    with pytest.raises(ValueError, match=r"^the access token has characters that no token has$"):
        interflex.flexibilityOffer.get_all_offers(*HERE, token)


def test_numbers_that_json_does_not_have_are_not_sent() -> None:
    def server(_request: httpx.Request) -> httpx.Response:
        raise AssertionError("it was sent")

    request = interflex.flexibilityRequest.create_request("R", "t", "d", "z", float("nan"), 900, "MW")
    with interflex.options(transport=httpx.MockTransport(server)), pytest.raises(ValueError, match="JSON"):
        interflex.flexibilityRequest.post_request(*HERE, "dso1", "t", request)


PROBLEM = {
    "type": "/api/v1/docs/refusals.md#gate_closed",
    "title": "The session's gate is not open.",
    "status": 409,
    "detail": "The session is cleared; offers are no longer taken.",
    "code": "gate_closed",
    "findings": [
        {"code": "gate_closed", "field": "activation_time", "sentence": "The session is cleared."},
        {"code": "out_of_range", "field": "duration", "sentence": "901 s; whole quarter hours are allowed."},
    ],
}


def _refused(answer: httpx.Response) -> InterFlexError:
    with (
        interflex.options(transport=httpx.MockTransport(lambda _request: answer), pause_s=0),
        pytest.raises(InterFlexError) as caught,
    ):
        interflex.flexibilityOffer.get_all_offers(*HERE, "t")
    return caught.value


def test_problem_details_become_one_exception_with_everything() -> None:
    error = _refused(httpx.Response(409, json=PROBLEM, headers={"Content-Type": "application/problem+json"}))
    assert (error.status, error.code) == (409, "gate_closed")
    assert error.sentence == "The session is cleared; offers are no longer taken."
    assert [(f.code, f.field, f.sentence) for f in error.findings] == [
        (f["code"], f["field"], f["sentence"]) for f in PROBLEM["findings"]
    ]
    assert str(error) == "409 gate_closed: The session is cleared; offers are no longer taken."


@pytest.mark.parametrize(
    ("answer", "status", "code", "sentence"),
    [
        (
            httpx.Response(400, json={"error": "invalid_grant", "error_description": "Used already."}),
            400,
            "invalid_grant",
            "Used already.",
        ),
        (httpx.Response(502, text="<html>"), 502, "http_502", "The server answered 502 Bad Gateway."),
        (httpx.Response(404), 404, "http_404", "The server answered 404 Not Found."),
        (httpx.Response(418, json=["no", "problem"]), 418, "http_418", "The server answered 418 I'm a Teapot."),
        (httpx.Response(599, json={"code": 7, "findings": 7}), 599, "http_599", "The server answered 599."),
        (
            httpx.Response(307, headers={"Location": "http://elsewhere.example"}),
            307,
            "http_307",
            "The server answered 307 Temporary Redirect.",
        ),
        (httpx.Response(200, text="no json"), None, "unreadable", "The answer is no JSON."),
        (httpx.Response(200, content=b"[" * 100_000), None, "unreadable", "The answer is no JSON."),
        (httpx.Response(200, content=b'["\xff"]'), None, "unreadable", "The answer is no JSON."),
        (httpx.Response(200, json={"items": []}), None, "unreadable", "The answer is no list of objects."),
        (httpx.Response(200, json=[1]), None, "unreadable", "The answer is no list of objects."),
        (httpx.Response(204), None, "unreadable", "The answer is no list of objects."),
    ],
)
def test_other_answers_are_told_as_they_are(
    answer: httpx.Response, status: int | None, code: str, sentence: str
) -> None:
    error = _refused(answer)
    if code != "unreadable":
        assert error.status == status
    assert (error.code, error.sentence, error.findings) == (code, sentence, ())


@pytest.mark.parametrize("answer", [{}, {**TOKENS, "expires_in": "soon"}, {"request_id": 7}])
def test_answers_without_what_was_asked_for_are_refused(answer: Any) -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, json=answer))
    with interflex.options(transport=transport):
        with pytest.raises(InterFlexError, match="unreadable: The answer holds no"):
            interflex.authentication.authenticate(*HERE, "u", "s", "c", "cs")
        with pytest.raises(InterFlexError, match="unreadable: The answer holds no request_id"):
            interflex.flexibilityRequest.get_request_id(*HERE, "dso1", "t")


def test_an_empty_answer_to_a_post_is_an_empty_object() -> None:
    with interflex.options(transport=httpx.MockTransport(lambda _request: httpx.Response(201))):
        assert interflex.flexibilityOffer.post_offer(*HERE, "agg1", "t", THING) == {}  # type: ignore[typeddict-item]
