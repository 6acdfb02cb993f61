"""The step of the day that a page looks at: one model shared by slider, map and charts, living in the browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bokeh.core.properties import Bool, Int
from bokeh.model import DataModel
from bokeh.models import CustomJS

# Scrubbing changes `step` at every pixel; `settled` follows when the hand rests.
_SETTLE = """
clearTimeout(state._settling)
if (!state.playing) state._settling = setTimeout(() => { state.settled = state.step }, 120)
"""


_PLAY = """
clearInterval(state._playing)
if (state.playing) {
  state._playing = setInterval(() => { state.step = state.step < state.last ? state.step + 1 : 0 }, PLAY_MS)
} else {
  state.settled = state.step
}
"""
PLAY_MS = 200


class StepState(DataModel):
    """`step` is the one shown (it moves with the hand), `settled` the one to ask the server about.

    While `playing` the browser moves on by itself, from the day's end to its start.
    """

    step = Int(default=0)
    settled = Int(default=0)
    last = Int(default=95)
    playing = Bool(default=False)


def step_state(n_step: int, step: int = 0) -> StepState:
    """A state for a day of `n_step` steps, found by the keyboard under the name "fd-step"."""
    step = min(max(step, 0), n_step - 1)
    state = StepState(name="fd-step", step=step, settled=step, last=n_step - 1)
    state.js_on_change("step", CustomJS(args={"state": state}, code=_SETTLE))
    play = CustomJS(args={"state": state}, code=_PLAY.replace("PLAY_MS", str(PLAY_MS)))
    state.js_on_change("playing", play)
    return state


def on_settled(state: StepState, callback: Callable[[int], None]) -> None:
    """Call `callback(step)` on the server when the time slider has come to rest."""
    state.on_change("settled", lambda _attribute, _old, new: callback(new))


def on_playing(state: StepState, callback: Callable[[bool], None]) -> None:
    """Call `callback(playing)` on the server when the day is played or stopped, by button or key."""
    state.on_change("playing", lambda _attribute, _old, new: callback(new))


def hour_ticks(labels: Sequence[str], every_h: int = 3) -> dict[float, str]:
    """Axis ticks: position of the first step of every `every_h`-th hour -> its label."""
    wanted = {f"{hour:02d}:00" for hour in range(0, 24, every_h)}
    ticks: dict[float, str] = {}
    for k, label in enumerate(labels):
        if label in wanted and label not in ticks.values():
            ticks[float(k)] = label
    return ticks
