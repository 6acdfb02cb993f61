"""The guided demo's chapter on the EU Market Place: its worked case, on the platforms that run here."""

from __future__ import annotations

from app.demo.place_case import Outcome, play
from app.demo.place_data import DATA
from app.demo.place_scene import Scene
from app.demo.place_validated import validated
from app.demo.stage import Stage
from domain.errors import refuse

N_STEPS = 24
"""About as many sentences are told on the way."""


def market_place(stage: Stage) -> str:
    """Play what is left of it. Raises `Refused` where no platforms run in this process."""
    if stage.players is None:
        raise refuse("not_found", "chapter", "No platforms run here; they do where the demo was loaded anew.")
    told: list[str] = []

    def say(sentence: str) -> None:
        told.append(sentence)
        stage.say(sentence, min(len(told) / N_STEPS, 0.95))

    scene = Scene(desk=stage.desk, read=stage.read, players=stage.players, say=say, waiting=stage.until)
    done = play(scene)
    validated(scene, scene.actor(DATA))
    return words(done)


def words(done: Outcome) -> str:
    """What the case ended with."""
    values = f"{done.n_values_received:,} values of {done.n_series_received} PoDs"
    local = f" {done.n_local_offers} more stand in the local market's book." if done.n_local_offers else ""
    return (
        f"{done.n_data_subscriptions} DSOs give data by {done.n_consents} consents: {values} came and were"
        f" acknowledged. {done.n_offers} offers of flexibility were made of them,"
        f" {done.n_acquisitions} acquisitions and {done.n_activations} activations followed.{local}"
    )
