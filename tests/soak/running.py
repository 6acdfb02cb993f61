"""Sends calls one after the other, looks at each answer and at what is stored, and counts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from tests.soak.calls import Call, Got, operations
from tests.soak.checks import code_of, faults
from tests.soak.fuzzing import NOBODY
from tests.soak.samples import Known
from tests.soak.state import Stored, changed

_AGAIN = 3


class Client(Protocol):
    def send(self, call: Call) -> Got: ...


@dataclass
class Tally:
    """What happened. `faults`: of each the call and what was wrong."""

    kinds: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[Call, str]] = field(default_factory=list)
    changes: list[tuple[Call, str]] = field(default_factory=list)
    slowest_s: float = 0.0

    @property
    def n_requests(self) -> int:
        return self.statuses.total()

    def shown(self) -> str:
        """The first of what was wrong, for people."""
        lines = [f"{what}: {_line(call)}" for call, what in (*self.faults, *self.changes)]
        return "\n".join(lines[:20])


def _line(call: Call) -> str:
    odd = [pair for pair in call.headers if pair[0] not in (b"host", b"authorization")]
    return f"{call.kind}: {call.method} {call.target[:300]!r} as {call.who} {odd!r:.300} {call.body[:300]!r}"


class Soak:
    """One run against one client.

    tokens : bearer tokens by account; quiet : waits until nothing else writes
    background : tables that the server writes by itself too
    tally : of runs before this one, to count on in
    """

    def __init__(
        self,
        client: Client,
        tokens: Mapping[str, str],
        stored: Stored,
        quiet: Callable[[], None] = lambda: None,
        background: Set[str] = frozenset(),
        tally: Tally | None = None,
    ) -> None:
        self._client, self._tokens, self._stored, self._quiet = client, tokens, stored, quiet
        self._background = background
        self.tally = tally or Tally()
        self._before: Mapping[str, int] = {}
        self._settled = False

    @property
    def accounts(self) -> list[str]:
        """In whose name can be sent."""
        return [*self._tokens]

    def describe(self, path: str = "/api/v1/openapi.json") -> Mapping[str, Any]:
        """The description that the server gives of an interface."""
        answer = self._client.send(_plain("GET", path, NOBODY))
        return dict(json.loads(answer.body))

    def learn(self, document: Mapping[str, Any], known: Known | None = None) -> Known:
        """Ids of what is there, from every list that needs no id. `known`: to be added to."""
        known = known or Known()
        for operation in operations(document):
            if operation.method == "GET" and "{" not in operation.path and "stream" not in operation.path:
                for who in self._tokens:
                    answer = self._client.send(self._signed(_plain("GET", operation.path, who)))
                    if answer.status == 200 and answer.headers.get("content-type", "") == "application/json":
                        known.learn(operation.path, json.loads(answer.body))
        return known

    def run(self, calls: Iterable[Call], learn: Callable[[Call, str], None] = lambda call, code: None) -> Tally:
        for call in calls:
            got = self.one(call)
            learn(call, code_of(got))
        return self.tally

    def one(self, call: Call) -> Got:
        """Send it, and hold the answer against what always holds."""
        tally, signed = self.tally, self._signed(call)
        if not self._settled:
            self._settle()
        got = self._client.send(signed)
        tally.kinds[call.kind] += 1
        tally.statuses[got.status] += 1
        tally.codes[code_of(got)] += 1
        tally.operations[call.operation] += 1
        tally.slowest_s = max(tally.slowest_s, got.seconds)
        tally.faults += [(call, what) for what in faults(call, got)]
        if written := changed(self._before, self._stored.writes()):
            if got.status >= 400 and (names := self._changed_again(signed, written)):
                tally.changes.append((call, f"changed {', '.join(names)}"))
            self._settled = False
        return got

    def _settle(self) -> None:
        self._quiet()
        self._before, self._settled = self._stored.writes(), True

    def _changed_again(self, signed: Call, names: Sequence[str]) -> Sequence[str]:
        """What a refused request changed. Where the server writes by itself, it is sent again to see who did."""
        for _ in range(_AGAIN):
            if not names or not self._background.issuperset(names):
                break
            self._settle()
            self._client.send(signed)
            names = changed(self._before, self._stored.writes())
        return names

    def _signed(self, call: Call) -> Call:
        given = {name for name, _ in call.headers}
        if call.who == NOBODY or b"authorization" in given:
            return call
        token = (b"authorization", f"Bearer {self._tokens[call.who]}".encode())
        return replace(call, headers=(*call.headers, token))


def _plain(method: str, path: str, who: str) -> Call:
    headers = ((b"host", b"127.0.0.1"), (b"accept-encoding", b"gzip"))
    return Call(kind="plain", operation=path, who=who, method=method, target=path.encode(), headers=headers)
