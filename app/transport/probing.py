"""The integration set-up test: does a platform answer, and does our key fit? Outside of any transaction."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

from app.transport.client import Answer, Client
from app.transport.verdicts import clean

TEST_PATH = "/eu-mp/v1/test"


@dataclass(frozen=True, kw_only=True)
class Probed:
    """Whether the platform works for us; `sentence` says it for people."""

    passed: bool
    sentence: str


def probe(url: str, key: str, *, local: bool, path: str = TEST_PATH) -> Probed:
    """Ask a platform's GET /test through the guard on addresses; takes up to a minute and never raises.

    url : the platform's address; key : ours there; local : see `Client`
    """
    return asyncio.run(_probe(url, key, path, local))


async def _probe(url: str, key: str, path: str, local: bool) -> Probed:
    client = Client(local=local)
    try:
        answer = await client.ask("GET", url.rstrip("/") + path, {"Authorization": f"Bearer {key}"})
    finally:
        await client.close()
    if answer.status == 200 and _is_json(answer):
        return Probed(passed=True, sentence="The platform answered, and the key fits.")
    if answer.status in (401, 403):
        return Probed(passed=False, sentence=f"The platform answered, but our key does not fit ({answer.status}).")
    if answer.status == 200:
        return Probed(passed=False, sentence="What answers there is no EU-MP API.")
    said = f"It answered {answer.status}." if answer.status else answer.error
    return Probed(passed=False, sentence=clean(f"The platform does not work: {said}"))


def _is_json(answer: Answer) -> bool:
    try:
        return isinstance(json.loads(answer.text), dict)
    except (ValueError, RecursionError):
        return False
