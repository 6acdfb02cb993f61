"""ID tokens verified: signature, issuer, audience, time, nonce."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Signatures by a key pair alone: neither `none`, nor a secret, which could be its public key."""
LEEWAY_S = 30


def verified(
    token: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str, now: datetime
) -> dict[str, Any]:
    """The claims of an ID token (OpenID Connect Core 1.0, section 3.1.3.7).

    Raises:
        joserfc.errors.InvalidKeyIdError: signed by a key that is not among `keys`.
        joserfc.errors.JoseError: anything else that is wrong with it.
    """
    read = jwt.decode(token, keys, algorithms=ALGORITHMS)
    claims = CodeIDToken(
        read.claims,
        read.header,
        options={"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}},
        params={"nonce": nonce, "client_id": client_id},
    )
    claims.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
    return dict(read.claims)
