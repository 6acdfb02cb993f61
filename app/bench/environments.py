"""Virtual environments of the peers in the data folder, made on first use from requirements with hashes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"
STAMP = "installed.txt"
PIP = (
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--no-input",
    "--require-hashes",
    "--no-deps",
)


class MissingPeerError(Exception):
    """A peer's environment cannot be made; the message names the peer and says why."""


def python_of(peer: str, folder: Path) -> Path:
    """The interpreter of a peer's environment, installed when its requirements have changed or it is not there.

    Raises:
        MissingPeerError: pip or venv failed.
    """
    home, wanted = folder / peer, REQUIREMENTS / f"{peer}.txt"
    python, stamp = home / "bin" / "python", home / STAMP
    if not (stamp.is_file() and stamp.read_bytes() == wanted.read_bytes()):
        shutil.rmtree(home, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        _run(peer, [sys.executable, "-m", "venv", str(home)])
        _run(peer, [str(python), *PIP, "-r", str(wanted)])
        shutil.copyfile(wanted, stamp)
    return python


def versions(peer: str) -> dict[str, str]:
    """What a peer's requirements pin: package -> version, those for this interpreter or for all."""
    lines = (REQUIREMENTS / f"{peer}.txt").read_text(encoding="utf-8").splitlines()
    pins = (line.removesuffix("\\").strip() for line in lines if "==" in line and not line.startswith(" "))
    applies = "python_full_version < '3.12'" if sys.version_info < (3, 12) else "python_full_version >= '3.12'"
    chosen = (pin.split(";")[0].strip() for pin in pins if ";" not in pin or applies in pin)
    return dict(pin.split("==") for pin in chosen)


def _run(peer: str, command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        raise MissingPeerError(f"{peer}: {error}") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise MissingPeerError(f"{peer}: its environment cannot be made: {last[:300]}")
