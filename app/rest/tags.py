"""Entity tags: what was seen of a resource, so that it is neither sent twice nor changed unseen.

`"<version>-<digest>"` of a resource that can be changed: the version counts the changes of what is stored, the
digest is of the answer, which may hold more than that. `If-Match` compares versions, `If-None-Match` whole tags.
Everything else that is got has a weak tag of its answer alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.rest.access import Caller, FromCaller
from domain.commands import Command
from domain.errors import refuse
from domain.ports import Entity, Expected

_TAGS = re.compile(r'\s*(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"\s*(?:,\s*(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"\s*)*')
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_OURS = re.compile(r"(\d{1,18})(?:-[0-9a-f]{1,64})?", re.ASCII)
_MOST_CHARS = 2000
_KEPT = ("cache-control", "etag", "link", "vary")
DIGEST_CHARS = 20
KEEPING = "private, no-cache"
"""What has a tag may be kept by who asked, and asked for again; all else may not."""


def tag(response: Response, version: int) -> None:
    """The answer is of a resource at this version of what is stored; `Conditional` completes the tag."""
    response.headers["ETag"] = f'"{version}"'


@dataclass(frozen=True, kw_only=True)
class Changer(Caller):
    """A caller who may say which versions it means to change; None for whatever there is."""

    versions: Callable[[int], bool] | None

    def change(self, command: Command, kind: type[Entity], /, unset: int | None = None, **equal: object) -> object:
        """Do what the command says to the one entity that equals these values. `unset`: see `Expected`.

        Raises:
            Refused: as the command; `precondition_failed` when the entity is of none of the versions.
        """
        expected = (
            None if self.versions is None else Expected(kind=kind, equal=equal, fits=self.versions, unset=unset)
        )
        return self.execute(command, expected)


def _changer(
    caller: FromCaller,
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            description="Entity tags that the change is meant for, or `*`; at any other nothing is done.",
        ),
    ] = None,
) -> Changer:
    return Changer(**vars(caller), versions=_versions(if_match))


FromChanger = Annotated[Changer, Depends(_changer)]


def _versions(if_match: str | None) -> Callable[[int], bool] | None:
    """Which versions a header names; weak tags and others' tags name none.

    Raises:
        Refused: `malformed`.
    """
    if if_match is None:
        return None
    if if_match.strip() == "*":
        return lambda _version: True
    if len(if_match) > _MOST_CHARS or not _TAGS.fullmatch(if_match):
        raise refuse("malformed", "If-Match", 'Give entity tags such as "3-0f2c", or *.')
    ours = (_OURS.fullmatch(text) for weak, text in _TAG.findall(if_match) if not weak)
    named = frozenset(int(found[1]) for found in ours if found)
    return named.__contains__


class Conditional:
    """Gives what is got its tag, and answers 304 where the client has it already."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        held = _Held(Headers(scope=scope).get("if-none-match", ""), send)
        await self.app(scope, receive, held.send)


class _Held:
    """Holds an answer back until its body is known; streams pass."""

    def __init__(self, if_none_match: str, send: Send) -> None:
        self._if_none_match, self._send = if_none_match, send
        self._start: Message | None = None
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _has_tag(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        headers = MutableHeaders(scope=start)
        digest = hashlib.sha256(self._body).hexdigest()[:DIGEST_CHARS]
        version = headers.get("etag", "").strip('"')
        headers["ETag"] = f'"{version}-{digest}"' if version else f'W/"{digest}"'
        headers.setdefault("Cache-Control", KEEPING)
        if _is_named(headers["ETag"], self._if_none_match):
            kept = [(name, value) for name, value in start["headers"] if name.decode().lower() in _KEPT]
            start, self._body = {**start, "status": 304, "headers": kept}, bytearray()
        await self._send(start)
        await self._send({"type": "http.response.body", "body": bytes(self._body)})


def _has_tag(start: Message) -> bool:
    streams: Any = Headers(scope=start).get("content-type", "").startswith("text/event-stream")
    return start["status"] == 200 and not streams


def _is_named(tag: str, if_none_match: str) -> bool:
    if if_none_match.strip() == "*":
        return True
    own = tag.removeprefix("W/")
    return len(if_none_match) <= _MOST_CHARS and any(f'"{text}"' == own for _, text in _TAG.findall(if_none_match))
