"""Signing in: right and wrong passwords, throttling, expiry, tokens of two kinds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from argon2 import PasswordHasher

from app.auth import Auth, Issued, Limit, Policy, Throttled
from app.auth.throttle import MAX_KEYS, Throttle
from domain.errors import Refused
from domain.ids import PartyId
from domain.parties import Principal, Role
from domain.parties.tokens import NewLogin

FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse"
WHO = Principal(account="op", party_id=PartyId("dso1"), role=Role.DSO, name="North")


class Clock:
    now = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Account:
    password_hash: str
    principal: Principal | None
    one_time_until: datetime | None = None


@dataclass
class Login:
    kind: str
    account: Account
    seen_at: datetime
    expires_at: datetime

    @property
    def principal(self) -> Principal | None:
        return self.account.principal


@dataclass
class Memory:
    """A storage of dictionaries; the one on a database has its own tests."""

    accounts: dict[str, Account] = field(default_factory=dict)
    logins: dict[str, Login] = field(default_factory=dict)

    def add_account(self, account: str, password_hash: str, party_id: PartyId, role: Role) -> None:
        principal = Principal(account=account, party_id=party_id, role=role, name="North")
        self.accounts[account] = Account(password_hash, principal)

    def find_account(self, account: str) -> Account | None:
        return self.accounts.get(account)

    def set_password_hash(self, account: str, password_hash: str) -> None:
        self.accounts[account].password_hash = password_hash

    def set_role(self, account: str, role: Role) -> None:
        raise AssertionError("not asked for here")

    def set_active(self, account: str, active: bool) -> None:
        self.accounts[account].principal = WHO if active else None

    def add_login(self, new: NewLogin) -> None:
        self.logins[new.token_sha256] = Login(new.kind, self.accounts[new.account], new.began_at, new.expires_at)

    def find_login(self, token_sha256: str) -> Login | None:
        return self.logins.get(token_sha256)

    def touch_login(self, token_sha256: str, seen_at: datetime) -> None:
        self.logins[token_sha256].seen_at = seen_at

    def remove_login(self, token_sha256: str) -> None:
        self.logins.pop(token_sha256, None)

    def remove_logins(self, account: str) -> None:
        self.logins.clear()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def auth(memory: Memory, clock: Clock) -> Auth:
    made = Auth(memory, clock, hasher=FAST)
    made.create_account("op", PASSWORD, PartyId("dso1"), Role.DSO)
    return made


def refusal(attempt: Callable[[], object]) -> str:
    with pytest.raises(Refused) as error:
        attempt()
    return error.value.findings[0].code


def test_session_and_bearer_are_not_exchangeable(auth: Auth) -> None:
    session = auth.sign_in("op", PASSWORD, "::1").token
    bearer = auth.issue_token("op", PASSWORD, "::1").token
    assert auth.principal_of_session(session) == auth.principal_of_bearer(bearer) == WHO
    assert auth.principal_of_session(bearer) is None
    assert auth.principal_of_bearer(session) is None


@pytest.mark.parametrize("token", ["", "x", "\ud800", "\x00", "ä" * 10_000])
def test_unknown_tokens_are_nobody(auth: Auth, token: str) -> None:
    auth.sign_in("op", PASSWORD, "::1")
    assert auth.principal_of_session(token) is None
    assert auth.principal_of_bearer(token) is None
    auth.sign_out(token)


def test_only_the_tokens_hash_is_stored(auth: Auth, memory: Memory) -> None:
    token = auth.sign_in("op", PASSWORD, "::1").token
    assert list(memory.logins) == [hashlib.sha256(token.encode()).hexdigest()]
    assert auth.principal_of_session(*memory.logins) is None
    assert len(token) >= 43


@pytest.mark.parametrize(
    ("account", "password"),
    [("op", "wrong horse"), ("nobody", PASSWORD), ("", ""), ("op", ""), ("op", "x" * 5000), ("op", "\ud800" * 9)],
)
def test_wrong_credentials_are_told_alike(auth: Auth, account: str, password: str) -> None:
    with pytest.raises(Refused) as error:
        auth.sign_in(account, password, "::1")
    assert str(error.value) == "wrong_credentials [account]: Account and password do not fit."


class Counting(PasswordHasher):
    verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.verified += 1
        return super().verify(hash, password)


def test_an_unknown_account_costs_the_same_work(memory: Memory, clock: Clock) -> None:
    hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
    auth = Auth(memory, clock, hasher=hasher)
    auth.create_account("op", PASSWORD, PartyId("dso1"), Role.DSO)
    auth.create_account("gone", PASSWORD, PartyId("dso1"), Role.DSO)
    auth.set_active("gone", False)
    work = []
    for account, password in (("op", "wrong horse"), ("nobody", PASSWORD), ("gone", PASSWORD), ("op", "short")):
        refusal(lambda account=account, password=password: auth.sign_in(account, password, "::1"))
        work.append(hasher.verified)
    assert work == [1, 2, 3, 4]


def test_accounts_and_passwords_are_checked(auth: Auth) -> None:
    def create(account: str = "new", password: str = PASSWORD, role: Role = Role.DSO) -> str:
        return refusal(lambda: auth.create_account(account, password, PartyId("dso1"), role))

    assert create(account="") == "missing"
    assert {create(account=bad) for bad in ("a b", "a\x00", "ä", "a" * 65)} == {"malformed"}
    assert {create(password=bad) for bad in ("1234567", "x" * 1025)} == {"out_of_range"}
    assert create(password="\ud800" * 8) == "malformed"
    assert create(role=Role.SYSTEM) == "not_permitted"
    assert refusal(lambda: auth.set_role("op", Role.SYSTEM)) == "not_permitted"


def test_sessions_end_when_idle_and_at_the_latest(auth: Auth, clock: Clock) -> None:
    start = clock.now
    issued = auth.sign_in("op", PASSWORD, "::1")
    assert issued.expires_at == start + timedelta(hours=12)
    for hours in (3, 6, 9, 11.9):
        clock.now = start + timedelta(hours=hours)
        assert auth.principal_of_session(issued.token, active=True) == WHO
    clock.now = start + timedelta(hours=12)
    assert auth.principal_of_session(issued.token, active=True) is None


def test_looking_does_not_prolong_a_session(auth: Auth, clock: Clock) -> None:
    token = auth.sign_in("op", PASSWORD, "::1").token
    clock.now += timedelta(hours=3)
    assert auth.principal_of_session(token) == WHO
    clock.now += timedelta(hours=1)
    assert auth.principal_of_session(token) is None
    assert auth.principal_of_session(token, active=True) is None


def test_a_session_for_whom_somebody_else_vouches_is_a_session_like_others(auth: Auth, clock: Clock) -> None:
    issued = auth.open_session("op", "::1")
    assert issued.expires_at == clock.now + timedelta(hours=12)
    assert auth.principal_of_session(issued.token) == WHO
    clock.now += timedelta(hours=4)
    assert auth.principal_of_session(issued.token) is None
    again = auth.open_session("op", "::1").token
    auth.set_active("op", False)
    assert auth.principal_of_session(again) is None
    for account in ("op", "nobody"):
        assert refusal(lambda account=account: auth.open_session(account, "::1")) == "not_permitted"


def test_bearer_tokens_expire(auth: Auth, clock: Clock) -> None:
    issued = auth.issue_token("op", PASSWORD, "::1")
    clock.now = issued.expires_at - timedelta(microseconds=1)
    assert auth.principal_of_bearer(issued.token) == WHO
    clock.now = issued.expires_at
    assert auth.principal_of_bearer(issued.token) is None


def test_sign_out_ends_one_and_revoke_all(auth: Auth) -> None:
    def issue() -> tuple[Issued, Issued]:
        return auth.sign_in("op", PASSWORD, "::1"), auth.sign_in("op", PASSWORD, "::1")

    one, other = issue()
    auth.sign_out(one.token)
    auth.sign_out(one.token)
    assert (auth.principal_of_session(one.token), auth.principal_of_session(other.token)) == (None, WHO)
    auth.revoke_all("op")
    assert auth.principal_of_session(other.token) is None
    one, _ = issue()
    auth.set_password("op", "another horse")
    assert auth.principal_of_session(one.token) is None
    assert refusal(lambda: auth.sign_in("op", PASSWORD, "::1")) == "wrong_credentials"
    auth.sign_in("op", "another horse", "::1")


def test_an_old_hash_is_made_anew(auth: Auth, memory: Memory, clock: Clock) -> None:
    old = memory.accounts["op"].password_hash
    stronger = Auth(memory, clock, hasher=PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    stronger.sign_in("op", PASSWORD, "::1")
    assert "m=16,t=2" in memory.accounts["op"].password_hash != old
    stronger.sign_in("op", PASSWORD, "::1")


def test_a_spoilt_hash_lets_nobody_in(auth: Auth, memory: Memory) -> None:
    memory.accounts["op"].password_hash = "spoilt"
    assert refusal(lambda: auth.sign_in("op", PASSWORD, "::1")) == "wrong_credentials"


def test_guessing_at_an_account_is_slowed_from_everywhere(auth: Auth, clock: Clock) -> None:
    codes = [refusal(lambda n=n: auth.sign_in("op", f"guess {n}...", f"10.0.0.{n}")) for n in range(7)]
    assert codes == ["wrong_credentials"] * 5 + ["throttled"] * 2
    with pytest.raises(Throttled) as error:
        auth.issue_token("op", PASSWORD, "10.0.0.99")
    assert error.value.retry_after_s == 300
    clock.now += timedelta(minutes=5)
    assert auth.principal_of_session(auth.sign_in("op", PASSWORD, "10.0.0.99").token) == WHO


def test_guessing_from_an_address_is_slowed_over_all_accounts(auth: Auth, clock: Clock) -> None:
    codes = [refusal(lambda n=n: auth.sign_in(f"account{n}", PASSWORD, "10.0.0.1")) for n in range(21)]
    assert codes == ["wrong_credentials"] * 20 + ["throttled"]
    assert refusal(lambda: auth.sign_in("op", PASSWORD, "10.0.0.1")) == "throttled"
    auth.sign_in("op", PASSWORD, "10.0.0.2")


def test_success_is_not_counted_against_anybody(auth: Auth) -> None:
    for n in range(30):
        if n % 2 and n < 20:
            refusal(lambda: auth.sign_in("op", "wrong horse", "10.0.0.1"))
        auth.sign_in("op", PASSWORD, "10.0.0.1")


def test_guesses_at_once_do_not_slip_through(memory: Memory, clock: Clock) -> None:
    policy = Policy(per_account=Limit(attempts=3, window=timedelta(minutes=1)))
    hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
    auth = Auth(memory, clock, policy=policy, hasher=hasher)
    auth.create_account("op", PASSWORD, PartyId("dso1"), Role.DSO)
    threads = [Thread(target=refusal, args=(lambda: auth.sign_in("op", "wrong horse", "::1"),)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hasher.verified == 3


def test_throttle_forgets_the_oldest_when_there_are_too_many(clock: Clock) -> None:
    throttle = Throttle(Limit(attempts=1, window=timedelta(hours=1)), clock)
    for n in range(MAX_KEYS + 1):
        throttle.count(str(n))
    throttle.count("0")
    with pytest.raises(Throttled):
        throttle.count(str(MAX_KEYS))
