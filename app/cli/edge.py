"""How both listeners face the network: TLS by a certificate, or by a proxy in front, or this machine alone."""

from __future__ import annotations

import os
import ssl
import stat
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.output import complain

if TYPE_CHECKING:
    from app.settings import Settings


def guarded_edge(settings: Settings) -> ssl.SSLContext | None:
    """The TLS of both listeners; None without.

    Raises:
        SettingsError: files that cannot be used, or an address that others reach with neither TLS nor proxy.
    """
    from app.settings import PREFIX, SettingsError

    if not is_loopback(settings.host) and not settings.reached_by_https:
        raise SettingsError(
            f"{PREFIX}HOST is {settings.host}, which other machines reach, and passwords would cross the network "
            f"in the clear. Give a certificate ({PREFIX}TLS_CERT and {PREFIX}TLS_KEY), or name the reverse proxy "
            f"that does TLS ({PREFIX}PROXY); see docs/tls.md."
        )
    return tls_context(settings.tls_cert, settings.tls_key) if settings.tls_cert else None


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    return ip_address(host).is_loopback


def tls_context(cert: str, key: str) -> ssl.SSLContext:
    """TLS 1.2 or newer with this certificate.

    Raises:
        SettingsError: a file that is missing, unreadable, no PEM, locked by a pass phrase, or of another pair.
    """
    from app.settings import PREFIX, SettingsError

    for name, file in ((f"{PREFIX}TLS_CERT", cert), (f"{PREFIX}TLS_KEY", key)):
        try:
            with Path(file).open("rb") as opened:
                mode = os.fstat(opened.fileno()).st_mode
        except OSError as error:
            raise SettingsError(f"{name}: {file} cannot be read: {error.strerror}.") from None
    if mode & stat.S_IRWXO:
        complain(f"Everybody on this machine can read the key {key}. Run: chmod 640 {key}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(cert, key, password=_no_pass_phrase)
    except (ssl.SSLError, _PassPhraseError) as error:
        raise SettingsError(_why(error, cert, key)) from None
    return context


class _PassPhraseError(Exception):
    """The key wants a pass phrase."""


def _no_pass_phrase() -> str:
    raise _PassPhraseError


def _why(error: Exception, cert: str, key: str) -> str:
    if isinstance(error, _PassPhraseError):
        return f"The key {key} is locked by a pass phrase. Give one without, readable by the server alone."
    if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
        return f"The key {key} does not belong to the certificate {cert}."
    return f"{cert} and {key} are not a certificate and its key in PEM format."
