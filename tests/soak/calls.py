"""One request as it goes out, byte by byte, what came back, and the operations of a description of OpenAPI."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import brotli

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request. `target`: path and query as they stand in the request line; `kind`: what is wrong with it."""

    kind: str
    operation: str
    who: str
    method: str
    target: bytes
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Got:
    """An answer. `sent`: the body as it came, `body`: after its content coding."""

    status: int
    headers: Mapping[str, str]
    sent: bytes
    seconds: float

    @property
    def body(self) -> bytes:
        coding = self.headers.get("content-encoding", "")
        if not self.sent or not coding:
            return self.sent
        return brotli.decompress(self.sent) if coding == "br" else gzip.decompress(self.sent)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A path and method of the description, with what it says of parameters and body."""

    name: str
    method: str
    path: str
    parameters: Sequence[Mapping[str, Any]]
    media_type: str
    schema: Mapping[str, Any] = field(default_factory=dict)

    @property
    def query(self) -> Sequence[Mapping[str, Any]]:
        return [parameter for parameter in self.parameters if parameter["in"] == "query"]

    @property
    def headers(self) -> Sequence[tuple[bytes, Mapping[str, Any]]]:
        """(name, schema) of those that have to be there."""
        listed = [one for one in self.parameters if one["in"] == "header" and one.get("required")]
        return [(one["name"].encode(), one["schema"]) for one in listed]


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """All of them, in the order of the description."""
    shared = document["components"].get("parameters", {})
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            if not isinstance(described, dict):
                continue
            listed = [
                shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
                for one in described.get("parameters", ())
            ]
            media = described.get("requestBody", {}).get("content", {})
            media_type = next(iter(media), "")
            yield Operation(
                name=f"{method.upper()} {path}",
                method=method.upper(),
                path=path,
                parameters=listed,
                media_type=media_type,
                schema=media.get(media_type, {}).get("schema", {}),
            )
