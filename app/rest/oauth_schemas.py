"""What token routes answer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.rest.fields import Out


class TokensOut(Out):
    """As listing 3 of the InterFlex document and RFC 6749, section 5.1, have it."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - RFC 6750's word
    expires_in: int = Field(description="Seconds until the access token ends.")
    refresh_token: str | None = Field(default=None, description="None is given for client credentials.")
