"""The server's signature: Ed25519 (RFC 8032), as JWS (RFC 7515), its public key as JWKS (RFC 7517).

The key is derived from the server's secret, so that it needs no place of its own. With another secret it is
another key: keep the published ones with what they have signed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

_PURPOSE = b"flexdesk: signature of the trail"
_ALG = "Ed25519"


def signed(secret: bytes, said: Mapping[str, Any]) -> str:
    """What is said, with the signature, as compact JWS."""
    key = _key(secret)
    text = json.dumps(said, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return jws.serialize_compact({"alg": _ALG, "kid": key.thumbprint()}, text, key, algorithms=[_ALG])


def public_keys(secret: bytes) -> dict[str, Any]:
    """The key that signatures are checked with, as JWKS."""
    key = _key(secret)
    return {"keys": [{**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": _ALG}]}


def opened(token: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, if one of these keys (JWKS) signed it. Raises ValueError."""
    try:
        known = KeySet.import_key_set({"keys": list(keys["keys"])})
        said = json.loads(jws.deserialize_compact(token, known, algorithms=[_ALG]).payload)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError("no such key signed this") from error
    if not isinstance(said, dict):
        raise ValueError("this is no statement of ours")
    return said


def _key(secret: bytes) -> OKPKey:
    seed = hmac.digest(secret, _PURPOSE, hashlib.sha256)
    private = Ed25519PrivateKey.from_private_bytes(seed)
    return OKPKey.import_key(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
