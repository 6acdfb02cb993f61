"""`launch.py platform connect`: one key each way between a company's platform and the market place."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.exits import Exit
from app.cli.output import complain, say

if TYPE_CHECKING:
    from app.platform.bootstrap import Platform
    from app.settings import Settings
    from app.transport.client import Answer

LONGEST_KEYS = 10_000


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="the market place's address, such as https://place.example")
    parser.add_argument(
        "--keys",
        type=Path,
        metavar="FILE",
        help="lines of ID=KEY: each own registration with its API key of scope exchange on the market place; "
        "without it they are read from standard input",
    )


def connect(platform: Platform, settings: Settings, arguments: Namespace) -> Exit:
    """Give the market place a key for each registration, and keep one of the keys that it gave: a provider's where
    there is one, as providers' platforms tell of subscriptions, whichever of the company's they are of."""
    from domain.commands.platform import EnterMarketPlace
    from domain.ids import PartyId
    from domain.marketplace.words import PARTY_ROLE
    from domain.parties import Role
    from domain.platform.company import OwnRegistration

    text = arguments.keys.read_text("utf-8") if arguments.keys else sys.stdin.read(LONGEST_KEYS)
    keys = _keys(text)
    with platform.read() as uow:
        own = {each.id: each.player_role for each in uow.find(OwnRegistration)}
    if not keys or set(keys) - set(own):
        complain("Give a line ID=KEY for each registration: " + ", ".join(sorted(own)))
        return Exit.INVALID
    url = arguments.url.rstrip("/")
    for registration_id, key in keys.items():
        told = asyncio.run(_hand_over(platform, settings, url, registration_id, key))
        if told:
            complain(f"{registration_id}: {told}")
            return Exit.FAULT
        say(f"{registration_id}: the market place has a key for this platform.")
    speaking = min(keys, key=lambda id: PARTY_ROLE[own[PartyId(id)]] is not Role.PROVIDER)
    platform.execute(EnterMarketPlace(url=url, secret=keys[speaking]))
    say(f"Connected with {url}.")
    return Exit.DONE


def _keys(text: str) -> dict[str, str]:
    """registration -> key; nothing for what is not written so."""
    lines = [line.strip().partition("=") for line in text.splitlines() if line.strip()]
    return {id: key for id, _, key in lines} if all(id and key for id, _, key in lines) else {}


async def _hand_over(platform: Platform, settings: Settings, url: str, registration_id: str, key: str) -> str:
    """What went wrong, "" for nothing."""
    from app.transport.client import Client
    from domain.commands.platform import IssueMarketPlaceKey
    from domain.ids import PartyId

    issued = platform.execute(IssueMarketPlaceKey(registration_id=PartyId(registration_id)))
    client = Client(local=settings.calls_local)
    try:
        body = json.dumps({"key": issued.secret}).encode()
        headers = {"Authorization": f"Bearer {key}"}
        return _told(await client.ask("PUT", f"{url}/api/v1/market-place/platform-key", headers, body))
    finally:
        await client.close()


def _told(answer: Answer) -> str:
    if answer.status == 204:
        return ""
    if not answer.status:
        return answer.error
    try:
        said = json.loads(answer.text)
        detail = said.get("detail") if isinstance(said, dict) else None
    except (ValueError, RecursionError):
        detail = None
    told = detail if isinstance(detail, str) and detail.isprintable() else ""
    return f"the market place answered {answer.status}. {told[:300]}".rstrip()
