"""Requests with something wrong, drawn from a seed: the same description, ids and answers give the same ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from tests.soak import spoiling
from tests.soak.calls import Call, Operation, operations
from tests.soak.samples import Known, Samples

NOBODY = "nobody"
_UNNAMED = (
    "/suspend",
    "/role",
    "/reset",
    "/pass",
    "/gate",
    "/day-end",
    "/clearing",
    "/clearings",
    "/settlements/",
    "/tries",
    "/what-ifs",
    "/toolkits/",
    "/needs",
    "/logins/",
)
"""What would take away a run's ground, or keep the machine busy, is asked for nothing that is there."""
_MOVES_TIME = ("/guide/", "/clock")
AS_NOBODY = frozenset(
    {"DELETE /api/v1/logins", "DELETE /own/v1/logins", "POST /api/v1/market-place/registration/quit"}
)
"""What would end those who ask."""
_HEAVY = frozenset({"too large"})


def is_unnamed(operation: str) -> bool:
    """It is asked for nothing that is there."""
    return not operation.startswith("GET ") and any(word in operation for word in _UNNAMED)


def moves_time(operation: str) -> bool:
    """An operator who is let in moves the clock, and what falls due is done beside the requests."""
    return not operation.startswith("GET ") and any(word in operation for word in _MOVES_TIME)


class Fuzzer:
    """Draws calls. `roles`: account names; `known`: ids of what is there."""

    def __init__(self, document: Mapping[str, Any], roles: Sequence[str], known: Known, seed: int) -> None:
        self.operations = list(operations(document))
        self._samples = Samples(document, known)
        self._roles = roles
        self._rng = Random(seed)
        self._fit: dict[str, set[str]] = {}

    def learn(self, call: Call, code: str) -> None:
        """Who is not let in by an operation is rarely sent there again."""
        if call.who != NOBODY and code != "not_permitted":
            self._fit.setdefault(call.operation, set()).add(call.who)

    def calls(self, n_calls: int) -> Iterator[Call]:
        """Every operation in turn, each time with something else wrong."""
        rng = self._rng
        for number in range(n_calls):
            operation = self.operations[number % len(self.operations)]
            good = self.good(operation)
            families = [_spoil_headers, _spoil_query, _spoil_path, _spoil_method]
            weights = [3, 2, 2, 0.3]
            if operation.media_type:
                families += [_spoil_value, _spoil_bytes]
                weights += [8, 4]
            families.append(_leave)
            weights.append(1)
            (spoil,) = rng.choices(families, weights)
            yield spoil(good, operation, rng)

    def good(self, operation: Operation) -> Call:
        """A request that might be taken."""
        rng = self._rng
        named = not is_unnamed(operation.name)
        who = self._who(operation)
        path = operation.path
        for parameter in operation.parameters:
            if parameter["in"] == "path":
                name = parameter["name"]
                value = self._samples.value(parameter["schema"], rng, name, named) if named else "X-none"
                path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        query = {
            parameter["name"]: _shown(self._samples.value(parameter["schema"], rng, parameter["name"]))
            for parameter in operation.query
            if parameter.get("required") or rng.random() < 0.3
        }
        headers = [(b"host", b"127.0.0.1"), (b"accept-encoding", rng.choice((b"gzip", b"br, gzip")))]
        headers += [(name, self._header(name, schema, named)) for name, schema in operation.headers]
        body = self._body(operation, named)
        if operation.media_type:
            headers.append((b"content-type", operation.media_type.encode()))
        target = path + (f"?{urlencode(query)}" if query else "")
        return Call(
            kind="well-formed",
            operation=operation.name,
            who=who,
            method=operation.method,
            target=target.encode(),
            headers=tuple(headers),
            body=body,
        )

    def _header(self, name: bytes, schema: Mapping[str, Any], named: bool) -> bytes:
        """Messages have ids of their own, mostly."""
        if name == b"Message-Id":
            return f"MS-{self._rng.randrange(10_000)}".encode()
        return str(self._samples.value(schema, self._rng, name.decode(), named)).encode("latin-1", "replace")

    def _who(self, operation: Operation) -> str:
        rng = self._rng
        if operation.name in AS_NOBODY:
            return NOBODY
        roles = list(self._roles)
        if moves_time(operation.name) and "fmo" in roles:
            roles.remove("fmo")
        fit = [who for who in roles if who in self._fit.get(operation.name, ())]
        if fit and rng.random() < 0.85:
            return rng.choice(fit)
        return NOBODY if rng.random() < 0.05 else rng.choice(roles)

    def _body(self, operation: Operation, named: bool) -> bytes:
        if not operation.media_type:
            return b""
        if operation.media_type == "text/csv":
            return _CSV
        value = self._samples.value(operation.schema, self._rng, "", named)
        if "form" in operation.media_type:
            return urlencode(value).encode()
        return json.dumps(value).encode()


_CSV = b"pod_id,quantity,00:00\nPOD-1,p_mw,0.25\n"


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _leave(call: Call, _operation: Operation, _rng: Random) -> Call:
    return call


def _spoil_value(call: Call, operation: Operation, rng: Random) -> Call:
    kind, raw = rng.choice(list(spoiling.VALUES.items()))
    if not operation.media_type.endswith("json"):
        at = rng.randrange(len(call.body) or 1)
        return replace(call, kind=f"in the body: {kind}", body=call.body[:at] + raw + call.body[at:])
    value = json.loads(call.body)
    place = rng.choice(spoiling.places(value))
    return replace(call, kind=f"in the body: {kind}", body=spoiling.with_value(value, place, raw))


def _spoil_bytes(call: Call, _operation: Operation, rng: Random) -> Call:
    kind, spoil = rng.choice(list(spoiling.BYTES.items()))
    if kind in _HEAVY and rng.random() < 0.8:
        return _spoil_bytes(call, _operation, rng)
    return replace(call, kind=f"the body: {kind}", body=spoil(call.body, rng))


def _spoil_headers(call: Call, _operation: Operation, rng: Random) -> Call:
    kind, changes = rng.choice(list(spoiling.HEADERS.items()))
    names = {name for name, _ in changes}
    kept = tuple(pair for pair in call.headers if pair[0] not in names)
    return replace(
        call,
        kind=f"headers: {kind}",
        headers=(*kept, *((name, value) for name, value in changes if value is not None)),
    )


def _spoil_query(call: Call, operation: Operation, rng: Random) -> Call:
    path, _, query = call.target.partition(b"?")
    if operation.query and rng.random() < 0.6:
        name = rng.choice(operation.query)["name"].encode()
        kind, value = rng.choice(list(spoiling.IN_QUERY.items()))
        others = [part for part in query.split(b"&") if part and not part.startswith(name + b"=")]
        times = rng.choice((1, 1, 1, 2))
        parts = [*others, *[name + b"=" + value] * times]
        return replace(call, kind=f"a parameter: {kind}", target=path + b"?" + b"&".join(parts))
    kind, raw = rng.choice(list(spoiling.QUERIES.items()))
    return replace(call, kind=f"the query: {kind}", target=path + b"?" + (query + b"&" if query else b"") + raw)


def _spoil_path(call: Call, operation: Operation, rng: Random) -> Call:
    path, sign, query = call.target.partition(b"?")
    kind, raw = rng.choice(list(spoiling.IN_PATH.items()))
    parts, described = path.split(b"/"), operation.path.split("/")
    free = [index for index, part in enumerate(described) if part.startswith("{")]
    parts[rng.choice(free or [len(parts) - 1])] = raw
    return replace(call, kind=f"the path: {kind}", target=b"/".join(parts) + sign + query)


def _spoil_method(call: Call, operation: Operation, rng: Random) -> Call:
    barred = {call.method, "DELETE" if "/logins" in operation.path else ""}
    others = [method for method in spoiling.METHODS if method not in barred]
    return replace(call, kind="another method", method=rng.choice(others))
