"""Messages to and from other systems, on both lines."""

from __future__ import annotations

from app.persistence.columns import count, enum, instant, key
from app.persistence.columns import text as text_
from app.persistence.registry import entity
from domain.transport import Correspondent, MessageState, OutgoingMessage, ReceivedMessage

outgoing_messages = entity(
    OutgoingMessage,
    "outgoing_messages",
    key(),
    text_("addressee_id", references="parties.id"),
    text_("stream"),
    count("sequence"),
    text_("path"),
    text_("body"),
    enum("state", MessageState),
    instant("created_at"),
    instant("trying_since"),
    instant("next_try_at"),
    count("n_tries"),
    text_("error"),
    instant("ended_at", nullable=True),
    unique=[["addressee_id", "stream", "sequence"]],
    index=[["state", "addressee_id", "stream", "sequence"]],
)

received_messages = entity(
    ReceivedMessage,
    "received_messages",
    key(),
    text_("sender_id", references="parties.id"),
    text_("message_id"),
    text_("stream"),
    count("sequence"),
    text_("sha256"),
    text_("answer"),
    instant("received_at"),
    index=[["sender_id", "stream", "sequence"]],
)

correspondents = entity(
    Correspondent,
    "correspondents",
    text_("id", references="parties.id", primary=True),
    text_("url"),
    text_("sealed_key"),
    text_("sealed_next"),
    instant("refresh_at"),
    index=[["refresh_at_us"]],
)
