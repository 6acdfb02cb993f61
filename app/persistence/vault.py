"""Secrets that we have to show again, encrypted with the server's: keys for other systems.

JWE with a direct key (RFC 7516, A256GCM). The key is derived from the server's secret, which is not in the
database; what a secret is for is bound to it, so that one cannot be put in another's place.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from app.signing import signed

_PURPOSE = b"flexdesk: keys for other systems"
_HEADER = {"alg": "dir", "enc": "A256GCM"}


class Vault:
    """Implements `domain.ports.Vault`. `secret` is asked for when it is first needed."""

    def __init__(self, secret: Callable[[], bytes]) -> None:
        self._secret = secret

    @cached_property
    def _key(self) -> OctKey:
        return OctKey.import_key(hmac.digest(self._secret(), _PURPOSE, hashlib.sha256))

    def seal(self, said: str, about: str) -> str:
        body = json.dumps({"about": about, "said": said}).encode()
        return jwe.encrypt_compact(dict(_HEADER), body, self._key)

    def sign(self, said: Mapping[str, Any]) -> str:
        return signed(self._secret(), said)

    def open(self, sealed: str, about: str) -> str:
        try:
            opened = json.loads(jwe.decrypt_compact(sealed, self._key).plaintext or b"{}")
        except (JoseError, ValueError) as error:
            raise ValueError("this was not sealed with the server's secret") from error
        if opened.get("about") != about:
            raise ValueError("this was sealed for another purpose")
        return str(opened["said"])
