"""Settings from the environment, prefix `FLEXDESK_`; docs/settings.md lists them and a test holds it to that."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

VERSION = "0.1.0"
PREFIX = "FLEXDESK_"
MIN_SECRET_CHARS = 32
_SQLITE = "sqlite:///"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    if any(ip_network(part).prefixlen == 0 for part in value):
        raise ValueError("Name the proxy, not every address")
    return value


Port = Annotated[int, Field(ge=0, le=65535)]
Address = Annotated[str, AfterValidator(lambda value: str(ip_address(value)))]
Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Networks = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_networks)]


class SettingsError(Exception):
    """A setting, or the secret's file, cannot be used. The message is for people."""


class Settings(BaseSettings):
    """All settings. Frozen; make one with `load`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True)

    data_dir: Path = Field(default=Path("var"), description="Folder of the database file, the secret and caches.")
    database_url: str = Field(
        default="",
        repr=False,
        pattern=r"^(sqlite:///.+|postgresql(\+psycopg)?://.+)?$",
        description="SQLAlchemy address of the database; empty means a SQLite file in the data folder.",
    )
    host: Address = Field(default="127.0.0.1", description="Address both listeners bind to.")
    desks_port: Port = Field(default=5006, description="Port of the desks.")
    api_port: Port = Field(default=8006, description="Port of the REST interface.")
    origins: Listed = Field(
        default=(),
        description="Hosts by which browsers reach the desks, with their port if it is not the usual one, "
        "comma-separated; empty means this machine's own names.",
    )
    tls_cert: str = Field(
        default="",
        description="File of the certificate (PEM, with its chain) that both listeners show; "
        "with it they take no plain HTTP.",
    )
    tls_key: str = Field(default="", description="File of that certificate's key (PEM, without pass phrase).")
    proxy: Networks = Field(
        default=(),
        description="Addresses or networks of the reverse proxy that does TLS for both listeners, "
        "comma-separated; forwarding headers are believed from there alone.",
    )
    secure_cookies: bool = Field(
        default=False, description="Send cookies over TLS only; always so with TLS or a proxy."
    )
    oidc_issuer: str = Field(
        default="", description="Address of the OpenID provider for single sign-on at the desks; empty means none."
    )
    oidc_client_id: str = Field(default="", description="Name by which the provider knows this server.")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Secret that the provider gave with that name; empty for a public client.",
    )
    oidc_scopes: str = Field(default="openid profile", description="Scopes asked for, with blanks between them.")
    oidc_role_claim: str = Field(
        default="role", description="Claim of the ID token with the person's role or roles; dots lead inside."
    )
    oidc_roles: Listed = Field(
        default=(),
        description="Which of the claim's values means which role, comma-separated: `grid-operators=dso`.",
    )
    oidc_party_claim: str = Field(
        default="party", description="Claim of the ID token with the participant's id; dots lead inside."
    )
    oidc_party: str = Field(
        default="", description="Participant of those without that claim; empty means that they are refused."
    )
    demo: bool = Field(
        default=False, description="Load the demo day into an empty database and show its sign-ins."
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description=f"Secret that signs cookies, at least {MIN_SECRET_CHARS} characters; "
        "empty means one is made and kept in the data folder.",
    )
    session_hours: float = Field(default=12.0, gt=0, le=720, description="How long a sign-in at the desks lasts.")
    token_hours: float = Field(default=12.0, gt=0, le=720, description="How long a REST token lasts.")
    access_minutes: float = Field(
        default=60.0, gt=0, le=1440, description="How long an OAuth2 access token lasts before it is refreshed."
    )
    refresh_days: float = Field(
        default=30.0, gt=0, le=366, description="For how long OAuth2 tokens can be refreshed, from their grant on."
    )
    password_grant: bool = Field(
        default=False,
        description="Let OAuth2 clients exchange an account's password for tokens, as InterFlex clients do; "
        "always on in a demo.",
    )
    callbacks_local: bool = Field(
        default=False,
        description="Let messages go to platforms at loopback and private addresses, by http, too; for tests. "
        "Always on in a demo.",
    )
    max_body_bytes: int = Field(
        default=1_000_000, ge=1_000, le=100_000_000, description="Largest body of a REST request."
    )
    plain_answers: bool = Field(
        default=False, description="Send REST answers without compression to those who want none."
    )
    rate_per_minute: int = Field(
        default=30_000, ge=10, le=10_000_000, description="REST requests a minute of one caller."
    )
    poll_seconds: float = Field(
        default=1.0, ge=0.05, le=60, description="How often due gates, jobs and notifications are looked for."
    )
    log_level: str = Field(
        default="INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="Least severe messages that are logged.",
    )

    @property
    def store_url(self) -> str:
        """The database's address, the default worked out."""
        return self.database_url or f"{_SQLITE}{self.data_dir.absolute() / 'flexdesk.db'}"

    @property
    def sqlite_path(self) -> Path | None:
        """The database file; None on PostgreSQL."""
        return Path(self.store_url.removeprefix(_SQLITE)) if self.store_url.startswith(_SQLITE) else None

    @property
    def takes_passwords(self) -> bool:
        """Whether the password grant of OAuth2 is on."""
        return self.password_grant or self.demo

    @property
    def calls_local(self) -> bool:
        """Whether platforms at loopback and private addresses are called."""
        return self.callbacks_local or self.demo

    def at(self, sqlite_path: Path) -> Settings:
        """The same settings on another database file."""
        return self.model_copy(update={"database_url": f"{_SQLITE}{sqlite_path.absolute()}"})

    @property
    def cache_dir(self) -> Path:
        """Folder of what can be computed again."""
        return self.data_dir / "cache"

    @property
    def websocket_origins(self) -> tuple[str, ...]:
        """Hosts a desk's websocket may come from."""
        return self.origins or (f"{self.url_host}:{self.desks_port}", f"localhost:{self.desks_port}")

    @property
    def pages_url(self) -> str:
        """Where browsers find the desks."""
        return f"{'https' if self.reached_by_https else 'http'}://{self.websocket_origins[0]}"

    @property
    def api_url(self) -> str:
        """Where browsers find the REST interface, on the host of the desks."""
        host = urlsplit(self.pages_url).hostname or self.url_host
        port = "" if self.proxy else f":{self.api_port}"
        return f"{urlsplit(self.pages_url).scheme}://{f'[{host}]' if ':' in host else host}{port}"

    @property
    def scheme(self) -> str:
        """What both listeners speak."""
        return "https" if self.tls_cert else "http"

    @property
    def reached_by_https(self) -> bool:
        """Whether browsers come by TLS, which ends here or at the proxy."""
        return bool(self.tls_cert or self.proxy)

    @property
    def url_host(self) -> str:
        """The bound address as it stands in a URL."""
        return f"[{self.host}]" if ":" in self.host else self.host

    def secret(self) -> bytes:
        """The signing secret: the setting, or the file `secret` in the data folder, made on first use.

        Raises:
            SettingsError: too short, or a file that others than its owner may read.
        """
        given = self.secret_key.get_secret_value()
        if given:
            return _long_enough(given, f"{PREFIX}SECRET_KEY")
        path = make_data_dir(self.data_dir) / "secret"
        if not path.exists():
            _make_secret(path)
        return _read_secret(path)

    @staticmethod
    def variables() -> tuple[str, ...]:
        """Names of all environment variables that are read."""
        return tuple(PREFIX + name.upper() for name in Settings.model_fields)

    def model_post_init(self, _context: Any) -> None:
        clash = self.desks_port == self.api_port != 0
        if clash:
            raise SettingsError(
                f"{PREFIX}DESKS_PORT and {PREFIX}API_PORT are both {self.api_port}; give two ports."
            )
        if bool(self.tls_cert) != bool(self.tls_key):
            raise SettingsError(f"{PREFIX}TLS_CERT and {PREFIX}TLS_KEY belong together; give both or none.")


def load() -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: an unusable value, or a `FLEXDESK_` variable that does not exist; all are named.
    """
    problems = [f"{name} is no setting." for name in unknown_variables(os.environ)]
    try:
        settings = Settings()
    except ValidationError as error:
        problems += [_sentence(detail) for detail in error.errors()]
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def unknown_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Variables with our prefix that no setting reads, sorted: most often a typing error."""
    known = Settings.variables()
    return tuple(sorted(name for name in environ if name.upper().startswith(PREFIX) and name.upper() not in known))


def make_data_dir(path: Path) -> Path:
    """The data folder, made for its owner alone when it is missing."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"The data folder {path} cannot be made: {error.strerror}.") from None
    return path


def _sentence(detail: Mapping[str, Any]) -> str:
    name = PREFIX + str(detail["loc"][0]).upper()
    return f"{name}: {detail['msg']}."


def _make_secret(path: Path) -> None:
    """Write the file aside and link it into place, so that nobody ever reads half of it; the first one wins."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _read_secret(path: Path) -> bytes:
    with path.open(encoding="utf-8") as file:
        if os.fstat(file.fileno()).st_mode & _OTHERS:
            raise SettingsError(f"{path} can be read by others than its owner. Run: chmod 600 {path}")
        return _long_enough(file.read().strip(), str(path))


def _long_enough(secret: str, name: str) -> bytes:
    if len(secret) < MIN_SECRET_CHARS:
        raise SettingsError(f"{name}: the secret needs at least {MIN_SECRET_CHARS} characters.")
    return secret.encode()
