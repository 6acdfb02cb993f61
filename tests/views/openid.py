"""An OpenID provider for tests: a real server on loopback that signs with its own keys, and can be made to err."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from app.free_ports import free_port

CLIENT, SECRET = "flexdesk", "the-provider-s-secret"
WITHIN_S = 10

Claims = dict[str, Any]


def new_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


@dataclass
class OpenIdProvider:
    """Signs in as `person` whoever comes, at once. What it issues is right unless it is twisted.

    twist : changes the claims before they are signed
    sign : makes the token of the claims, instead of the first of `keys`
    pause_s : how long it thinks about a code
    """

    issuer: str
    person: Claims = field(default_factory=dict)
    keys: list[ECKey] = field(default_factory=lambda: [new_key("first")])
    twist: Callable[[Claims], Claims] = dict
    sign: Callable[[Claims], str] | None = None
    pause_s: float = 0.0
    asked: Counter[str] = field(default_factory=Counter)
    codes: dict[str, Claims] = field(default_factory=dict)

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._description),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _description(self, _request: Request) -> Response:
        self.asked["description"] += 1
        there = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return JSONResponse({"issuer": self.issuer} | {k: f"{self.issuer}/{path}" for k, path in there.items()})

    async def _keys(self, _request: Request) -> Response:
        self.asked["keys"] += 1
        return JSONResponse(KeySet(self.keys).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        right = {"response_type": "code", "code_challenge_method": "S256", "client_id": CLIENT}
        if {name: asked.get(name) for name in right} != right or "openid" not in asked.get("scope", "").split():
            return Response("not what was agreed", 400)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        answer = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}", 302)

    async def _token(self, request: Request) -> Response:
        self.asked["token"] += 1
        await asyncio.sleep(self.pause_s)
        sent = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.codes.pop(sent.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if (
            asked is None
            or request.headers.get("Authorization") != f"Basic {basic}"
            or sent["grant_type"] != "authorization_code"
            or sent["redirect_uri"] != asked["redirect_uri"]
            or _challenge(sent["code_verifier"]) != asked["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        answer = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer"}
        return JSONResponse(answer | {"id_token": self._signed(asked)})

    def _signed(self, asked: Claims) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
        claims = self.twist(claims | self.person)
        if self.sign is not None:
            return self.sign(claims)
        return jwt.encode({"alg": "ES256", "kid": self.keys[0].kid}, claims, self.keys[0])


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@contextmanager
def providing() -> Iterator[OpenIdProvider]:
    """The provider, until the block is left."""
    port = free_port()
    provider = OpenIdProvider(f"http://127.0.0.1:{port}")
    config = uvicorn.Config(provider.app, port=port, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + WITHIN_S
    while not server.started:
        assert time.monotonic() < end, "the provider did not start"
        time.sleep(0.01)
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join(WITHIN_S)
