"""Messages are stored with what they tell of; the courier finds them there."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta

from app.codec import dumps, to_data
from domain.errors import Finding, raise_if
from domain.ids import MessageId, PartyId
from domain.paging import Slice
from domain.ports import UnitOfWork
from domain.texts import storable
from domain.transport import Correspondent, OutgoingMessage, url_findings

REFRESH_EVERY = timedelta(days=7)
"""From one key of ours at a correspondent's to the next."""
LONGEST_KEY = 300
_LAST = (("sequence", True),)


def send(uow: UnitOfWork, *, to: PartyId, stream: str, path: str, body: object) -> MessageId:
    """A message that waits to be sent, stored in the caller's transaction.

    to : whose system gets it; one that has no address yet is waited for
    stream : messages of one stream to one participant arrive in their order; the subscription's id
    path : of the other side's interface, such as `/eu-mp/v1/service-offer/confirmed/provider`
    body : a dataclass instance

    Raises:
        Refused: `not_found` for no such participant; `not_finite`, `naive_time` from the body.
        ValueError: a path that does not begin with `/`, or no stream.
    """
    if not path.startswith("/") or path.startswith("//") or not stream:
        raise ValueError("a message needs a stream and a path that begins with /")
    last = uow.part(OutgoingMessage, Slice(order=_LAST, limit=1), {"addressee_id": to, "stream": stream})
    message = OutgoingMessage(
        id=MessageId(f"MS-{secrets.token_hex(16)}"),
        addressee_id=to,
        stream=stream,
        sequence=last[0].sequence + 1 if last else 1,
        path=path,
        body=dumps(to_data(body)),
        created_at=uow.wall,
        trying_since=uow.wall,
        next_try_at=uow.wall,
    )
    uow.add(message)
    return message.id


def address(uow: UnitOfWork, party_id: PartyId, url: str, secret: str) -> Correspondent:
    """Where a participant's system is and the key that it gave us, entered or changed. The key is kept encrypted.

    url : paths of messages come behind it
    secret : the key; empty leaves the one that is there

    Raises:
        Refused: findings on `url` and `secret`; `not_found` for no such participant.
    """
    url = url.strip().rstrip("/")
    raise_if([*url_findings(url, "url"), *_key_findings(secret)])
    found = uow.find(Correspondent, id=party_id)
    sealed = uow.vault.seal(secret, party_id) if secret else ""
    if not found:
        made = Correspondent(id=party_id, url=url, sealed_key=sealed, refresh_at=uow.wall + REFRESH_EVERY)
        uow.add(made)
        return made
    changed = replace(found[0], url=url)
    if sealed:
        changed = replace(changed, sealed_key=sealed, sealed_next="", refresh_at=uow.wall + REFRESH_EVERY)
    uow.save(changed)
    return uow.get(Correspondent, party_id)


def _key_findings(secret: str) -> list[Finding]:
    plain = secret.isascii() and secret.isprintable() and " " not in secret and storable(secret)
    if plain and len(secret) <= LONGEST_KEY:
        return []
    sentence = f"A key is one word of at most {LONGEST_KEY} plain characters."
    return [Finding(code="malformed", field="secret", sentence=sentence)]
