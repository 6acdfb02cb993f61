"""What the use cases need from outside, as protocols."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from domain.events import Event
from domain.ids import ApplicationId, KeyId, LetterId, LoginId, PartyId
from domain.marketplace.words import Quantity, TimeStep
from domain.notifications import DeadLetter
from domain.paging import Slice
from domain.parties import Account, KeyUse, Login, Party, Principal, Role
from domain.parties.tokens import OAuthClient
from domain.platform.stored import StoredDay
from domain.time import MarketClock
from domain.trail import AuditRow


class Entity(Protocol):
    """A frozen dataclass with a text id and a version that counts its stored changes."""

    @property
    def id(self) -> Any: ...
    @property
    def version(self) -> int: ...


E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """That a change is made to the one entity which equals these values, at a version that fits. `unset`: the
    version of one that is shown before it is stored."""

    kind: type[Entity]
    equal: Mapping[str, object]
    fits: Callable[[int], bool]
    unset: int | None = None


class SignIns(Protocol):
    """The sign-ins behind participants, changed in the unit's transaction. Secrets go in; none comes out."""

    def keep(self, application_id: ApplicationId, account: str, secret: str) -> None:
        """The name and the password's hash of an application. Raises `Refused` (`duplicate`) for a taken name."""
        ...

    def open(self, application_id: ApplicationId, party_id: PartyId, role: Role) -> None:
        """What was kept becomes an account of the participant."""
        ...

    def forget(self, application_id: ApplicationId) -> None:
        """What was kept is gone, and the name is free again."""
        ...

    def join(self, issuer: str, subject: str, account: str, secret: str, party: Party) -> None:
        """An account of the participant, in its role, for a person that somebody else vouches for.
        Raises `Refused` (`duplicate`) for a name or person that is there already."""
        ...

    def enter(self, account: str, secret: str, party: Party, until: datetime | None = None) -> None:
        """An account of the participant, in its role. `until`: the password's hash is of one that serves to choose
        another, until then; None for one that lasts. Raises `Refused` (`duplicate`) for a taken name."""
        ...

    def assign(self, party_id: PartyId, role: Role) -> None:
        """The participant's accounts get its role; their logins end."""
        ...

    def end_logins(self, party_id: PartyId) -> None:
        """Every session and token of the participant's accounts ends."""
        ...

    def end_logins_of(self, account: str, but: LoginId | None = None) -> None:
        """Every session and token of the account ends, but for the one named."""
        ...

    def end_login(self, account: str, login_id: LoginId) -> bool:
        """That session, or all tokens of that grant, ends; whether the account had it."""
        ...

    def change(self, account: str, present: str, secret: str) -> bool:
        """Another password's hash in place of the present one; whether that was still the present one."""
        ...

    def reset(self, account: str, secret: str, until: datetime) -> None:
        """The hash of a password that serves to choose another one, until then."""
        ...

    def keep_secret(self, key_id: KeyId, sha256: str, *, issued_at: datetime, ends_at: datetime) -> None:
        """A further secret of an API key."""
        ...

    def let_end(self, key_id: KeyId, *, issued_at: datetime, at: datetime) -> None:
        """The secret issued then works until `at` at the latest; those from before it end now."""
        ...

    def add_client(self, client: OAuthClient, sha256: str) -> None:
        """An OAuth2 client with its secret's hash. Raises `Refused` (`duplicate`) for a taken name."""
        ...

    def end_client(self, client_id: str) -> bool:
        """The client is inactive and its tokens end; whether it was active."""
        ...

    def forget_secrets(self, key_id: KeyId) -> None:
        """No secret of the key opens anything any more."""
        ...


class Access(Protocol):
    """Accounts, sessions, tokens and the use of keys, to be looked at. No secret comes out, hashed or not."""

    def party_of(self, account: str) -> PartyId | None:
        """Whose account it is; None for none."""
        ...

    def accounts(self, party_id: PartyId) -> tuple[Account, ...]:
        """A participant's accounts by name."""
        ...

    def logins(self, account: str) -> tuple[Login, ...]:
        """Sessions and tokens of an account that have not ended, the latest seen first."""
        ...

    def clients(self) -> tuple[OAuthClient, ...]:
        """All OAuth2 clients by name."""
        ...

    def key_of(self, sha256: str) -> KeyId | None:
        """Of which key the secret with that hash is one, None of none."""
        ...

    def uses(self, key_ids: Collection[KeyId]) -> Mapping[KeyId, KeyUse]:
        """Each key's use."""
        ...


class Letters(Protocol):
    """Events that could not be told of, in the unit's transaction."""

    def dead(self) -> tuple[DeadLetter, ...]:
        """Those that are not tried any more, oldest first."""
        ...

    def send_again(self, letter_id: LetterId) -> None:
        """It is tried as if it were new. Raises `Refused` (`not_found`) when no such letter is dead."""
        ...


class Vault(Protocol):
    """Secrets that have to be shown again, encrypted for the database."""

    def seal(self, said: str, about: str) -> str:
        """The secret encrypted, for one purpose."""
        ...

    def open(self, sealed: str, about: str) -> str:
        """What was sealed. Raises ValueError when it was not, with another server's secret or about something
        else."""
        ...

    def sign(self, said: Mapping[str, Any]) -> str:
        """What is said with the server's signature; see `app.signing`."""
        ...


class Trail(Protocol):
    """The audit trail, to be read."""

    def rows(self, after: int = 0, limit: int = 1000) -> tuple[AuditRow, ...]:
        """The rows behind a sequence, in order."""
        ...

    def newest(self, before: int | None, limit: int) -> tuple[AuditRow, ...]:
        """The rows before a sequence, or the last ones, from the newest on."""
        ...


class ValueDays(Protocol):
    """Packed days of values on a platform, many at once. Packed by `app.platform.values.packing`."""

    def countries(self) -> Mapping[str, str]:
        """Every point of delivery's country."""
        ...

    def places(self, after: str, limit: int) -> tuple[tuple[str, str, str, str], ...]:
        """(id, country, city, street) of the next points of delivery by id."""
        ...

    def stored(
        self, quantity: Quantity, step: TimeStep, first: date, last: date, pod_ids: Sequence[str]
    ) -> Iterator[StoredDay]:
        """The days of these points of delivery from `first` to `last`; quickest for ids in their order."""
        ...

    def steps(self, quantity: Quantity, first: date, last: date) -> frozenset[TimeStep]:
        """In which steps there is anything in these days."""
        ...

    def put(
        self,
        quantity: Quantity,
        step: TimeStep,
        day: date,
        *,
        new: Mapping[str, bytes],
        changed: Mapping[str, bytes],
        at: datetime,
    ) -> None:
        """Store a day of points of delivery that have none yet, and change others'. Refuses `unknown_pod`."""
        ...


class UnitOfWork(Protocol):
    """One transaction: entities, events to the outbox, an audit row for what was done, committed together.

    Leaving the `with` block without an exception commits; then the events are published.
    """

    def get(self, kind: type[E], id: str) -> E:
        """The entity. Raises `Refused` (`not_found`) when there is none."""
        ...

    def find(self, kind: type[E], /, **equal: object) -> tuple[E, ...]:
        """All entities whose columns equal the given values (a tuple value means any of), ordered by id."""
        ...

    def find_bare(self, kind: type[E], /, **equal: object) -> tuple[E, ...]:
        """As `find`, but large binary fields are not fetched and come empty. Not to be saved."""
        ...

    def part(self, kind: type[E], part: Slice, /, *any_of: Mapping[str, object]) -> tuple[E, ...]:
        """A part of the entities that equal one of the given sets of values (as in `find`), in its order; large
        binary fields come empty."""
        ...

    def count(self, kind: type[Entity], /, *any_of: Mapping[str, object]) -> int:
        """How many entities there are of that, without a limit."""
        ...

    def count_by(self, kind: type[E], field: str, /, **equal: object) -> Mapping[Any, int]:
        """How many entities `find` would give, for each value of a field that occurs."""
        ...

    def pick(self, kind: type[E], /, *fields: str, **equal: object) -> Iterator[tuple[Any, ...]]:
        """These fields of all entities that `find` would give, in no order: quicker, where there are many."""
        ...

    def add(self, entity: Entity) -> None:
        """Store a new entity. Raises `Refused` (`duplicate`) when a unique key is taken."""
        ...

    def add_all(self, entities: Sequence[Entity]) -> None:
        """Store many new entities of one kind at once, all or none; refuses as `add` does."""
        ...

    def save(self, entity: Entity) -> None:
        """Store a changed entity at its version + 1. Raises `Refused` (`stale`) when somebody was faster."""
        ...

    def remove(self, entity: Entity) -> None:
        """Take an entity away. Raises `Refused` (`stale`) when somebody changed it meanwhile."""
        ...

    def record(self, *events: Event) -> None:
        """Events to the outbox of this transaction."""
        ...

    def clock(self) -> MarketClock:
        """The stored market clock."""
        ...

    def set_clock(self, clock: MarketClock) -> None: ...

    @property
    def sign_ins(self) -> SignIns:
        """Accounts and logins, to be changed together with participants; for writing only."""
        ...

    @property
    def access(self) -> Access:
        """How participants get in."""
        ...

    @property
    def letters(self) -> Letters:
        """What could not be told."""
        ...

    @property
    def vault(self) -> Vault:
        """Encrypts what has to be shown again."""
        ...

    @property
    def trail(self) -> Trail:
        """What was done up to this transaction."""
        ...

    @property
    def values(self) -> ValueDays:
        """Metered values, on a platform."""
        ...

    @property
    def wall(self) -> datetime:
        """Wall time at the start of the transaction, UTC."""
        ...

    @property
    def market(self) -> datetime:
        """Market time at the start of the transaction, UTC."""
        ...


OpenUnitOfWork = Callable[[Principal, object], AbstractContextManager[UnitOfWork]]
"""`with open_uow(principal, command) as uow`: a write transaction audited as that principal's command."""

ReadOnly = Callable[[], AbstractContextManager[UnitOfWork]]
"""`with read() as uow`: a read transaction; writing through it is an error."""
