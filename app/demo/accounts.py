"""The demo's sign-ins."""

from __future__ import annotations

from dataclasses import dataclass

from app.demo.scenario import read_scenario

DEMO_CLIENT = "interflex-demo"
"""The demo's OAuth2 client, and its secret, which is no secret."""


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """A sign-in of the demo."""

    account: str
    password: str
    name: str
    role: str


def accounts() -> tuple[DemoAccount, ...]:
    """The demo's sign-ins: one for each participant, named as it, password `demo-` and the name."""
    return tuple(
        DemoAccount(account=party.id, password=f"demo-{party.id}", name=party.name, role=party.role.value)
        for party in read_scenario().parties
    )
