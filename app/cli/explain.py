"""Say why an offer was not accepted in full, from a result file.

With the case of the result, what the prices cannot tell exactly is found by clearing again: a whole-or-nothing
offer is forced in, any other's price is moved until it turns.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.exits import Exit
from app.cli.output import say

if TYPE_CHECKING:
    from app.bridge.offline import AwardReport

LIMITS = {"voltage": "the voltage limit at bus", "loading": "the loading limit of branch"}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("result", type=Path, metavar="RESULT.json", help="the result")
    parser.add_argument("offer", metavar="OFFER", help="the offer's id")
    parser.add_argument("--case", type=Path, metavar="CASE.json", help="the case that the result was made from")


def run(arguments: Namespace) -> Exit:
    """Print the explanation; exit code 2 for an unknown offer or another case."""
    from app.settings import load

    settings = load()
    result = arguments.result.read_bytes()
    case = None if arguments.case is None else arguments.case.read_bytes()
    folder = None if arguments.case is None else arguments.case.parent
    from app.bridge import offline

    report = offline.explain_award(result, arguments.offer, case, settings.cache_dir, folder)
    for line in sentences(arguments.offer, report, has_case=case is not None):
        say(line)
    return Exit.DONE


def sentences(offer_id: str, report: AwardReport, *, has_case: bool) -> Iterator[str]:
    """The award and its explanation in plain words."""
    steps = [step for step, value in enumerate(report.accepted) if value]
    largest = max(map(abs, report.accepted), default=0.0)
    if steps:
        share = f"{len(steps)} of {len(report.accepted)} steps"
        yield f"Offer {offer_id}: accepted in {share}, up to {largest:g} MW or Mvar."
    else:
        yield f"Offer {offer_id}: nothing accepted."
    if report.make_whole_eur != "0.00":
        yield f"Paid {report.make_whole_eur} EUR beside its price, so that it does not lose."
    if report.why is None:
        yield "There is nothing to explain: it was accepted as far as it goes."
        return
    if report.why["local_price"] is None:
        yield _standing(report.why)
        return
    yield from _reason(report.why)
    if report.forced is not None:
        yield from _forced(report)
    elif report.turning is not None:
        yield from _turning(report)
    elif not report.why["exact"] and not has_case:
        yield "Name the case with --case to clear again for the exact figure."


def _standing(why: Mapping[str, Any]) -> str:
    """Of an order of a continuous session, which has no prices of its own."""
    if why["kind"] in LIMITS:
        return (
            f"In step {why['step']} a match would break {LIMITS[why['kind']]} {why['element']}: the rest stands."
        )
    return f"In step {why['step']} no order of the other side meets what is left of it."


def _reason(why: Mapping[str, Any]) -> Iterator[str]:
    at = "" if why["step"] is None else f" in step {why['step']}"
    wanted = why["accepted_if"]
    yield f"Its change was worth {why['local_price']:.2f} EUR per MWh or Mvarh{at or ' on average'}."
    if why["kind"] == "marginal":
        yield f"It was accepted in part{at}: it sets the price there, and more was not needed."
    elif why["kind"] == "paradox":
        yield "Left out as a whole although the prices would pay it: with it the market would have cost more."
    elif why["kind"] in LIMITS:
        yield f"What decides the worth of its place{at} is {LIMITS[why['kind']]} {why['element']}."
    if wanted is None:
        if why["kind"] not in ("marginal", "paradox"):
            yield "No price would have had it accepted."
    elif why["exact"]:
        yield f"It would have been accepted{at} at {wanted['price']:.6g} EUR or less."
    else:
        yield f"At the clearing's prices it breaks even at {wanted['price']:.6g} EUR."


def _turning(report: AwardReport) -> Iterator[str]:
    turning = report.turning
    at = "" if turning is None or turning.step is None else f" in step {turning.step}"
    if turning is None or turning.accepted_at is None:
        yield "Cleared again with it made as cheap as offers may be, it is still not accepted."
    elif turning.refused_at is None:
        yield f"Cleared again, it is accepted{at} at {turning.accepted_at:.2f} EUR already."
    else:
        prices = f"{turning.accepted_at:.2f} EUR{at} and refused at {turning.refused_at:.2f} EUR"
        yield f"Cleared again, it is accepted at {prices}."


def _forced(report: AwardReport) -> Iterator[str]:
    forced = report.forced
    if forced is None or forced.break_even is None or forced.extra_cost_eur is None:
        yield "Cleared again with it made as cheap as offers may be, it is still not accepted."
        return
    yield f"Cleared again with it in: {forced.energy_mwh:g} MWh or Mvarh are accepted."
    change = "more" if forced.extra_cost_eur >= 0 else "less"
    yield f"At its own price the market then costs {abs(forced.extra_cost_eur):.2f} EUR {change}."
    yield f"It breaks even exactly at {forced.break_even:.2f} EUR per MWh or Mvarh on average."
