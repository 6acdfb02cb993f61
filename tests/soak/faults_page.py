"""The fault run's counts, between two marks of a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.soak.faults import Found

BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"


def write(path: Path, found: Found) -> None:
    """Put the counts between the page's marks."""
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n\n{shown(found)}\n{END}{after}", encoding="utf-8")


def shown(found: Found) -> str:
    checked = found.checked
    n_requests = sum(found.drawn.values()) - found.drawn["nobody there"]
    rows = [
        ("When", f"{found.at:%Y-%m-%d %H:%M} UTC"),
        ("Seed", str(found.seed)),
        ("Messages", f"{checked.n_sent:,}"),
        ("Delivered", f"{checked.states.get('delivered', 0):,}"),
        ("Lost", str(checked.lost)),
        ("Done twice", str(checked.twice)),
        ("Out of order", str(checked.out_of_order)),
        ("Received that nobody sent", str(checked.strange)),
        ("Tries", f"{checked.n_tries:,}"),
        ("Requests on the way", f"{n_requests:,}"),
        ("Kills", ", ".join(f"{name} {n}" for name, n in sorted(found.kills.items())) or "none"),
        ("Outages of 9 hours", str(found.outages)),
        ("Keys changed on the way", str(checked.keys_changed)),
        (
            "Seconds",
            f"{found.seconds:.0f} ({checked.n_sent / found.seconds:.0f} messages/s, faults and kills included)",
        ),
    ]
    lines = ["| What |  |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""]
    lines += ["| What was done to a request | How often |", "|---|---:|"]
    lines += [f"| {name} | {n:,} |" for name, n in found.drawn.most_common()]
    return "\n".join(lines) + "\n"
