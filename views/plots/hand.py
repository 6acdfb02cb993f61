"""The hand that draws on charts: what it holds, and the keys that do the same. All of it lives in the browser."""

from __future__ import annotations

from bokeh.core.properties import Bool, Int, String
from bokeh.model import DataModel


class Hand(DataModel):
    """`target` is the chart that keys change; a key sets `by` (steps up or down) and counts `pressed` up.

    `drawing` is true from the first pixel of a drag or the first key until the settled series is sent.
    """

    by = Int(default=0)
    pressed = Int(default=0)
    target = String(default="quantity")
    drawing = Bool(default=False)


def new_hand() -> Hand:
    """Found by the keyboard under the name "fd-hand"."""
    return Hand(name="fd-hand")


# A bar or a price near the pointer is grabbed by its top; anywhere else the hand paints.
GRAB_PX = 7
SEND_AFTER_MS = 300

DRAG = """
const d = source.data, n = d.step.length
const k = Math.min(n - 1, Math.max(0, Math.round(cb_obj.x)))
const starts = cb_obj.event_name === "panstart"
if (starts) {
  hand.target = target
  hand.drawing = true
  const slack = GRAB_PX * (f.y_range.end - f.y_range.start) / (f.inner_height || 200)
  const near = d[value][k] !== 0 && Math.abs(cb_obj.y - d.top[k]) <= slack
  source._run = near && !one() ? run(k) : null
  source._last = undefined
}
state.step = k
const to = read(k, cb_obj.y)
const values = Float64Array.from(d[value])
if (one()) values.fill(to)
else if (source._run) for (let i = source._run[0]; i <= source._run[1]; i++) values[i] = fit(i, to)
else {
  const from = source._last === undefined ? k : source._last
  for (let i = Math.min(from, k); i <= Math.max(from, k); i++) values[i] = fit(i, to)
}
source._last = k
put(values)
""".replace("GRAB_PX", str(GRAB_PX))

SELECT = """
const n = source.data.step.length
hand.target = target
state.step = Math.min(n - 1, Math.max(0, Math.round(cb_obj.x)))
"""

SEND = "if (source._put) send()"

KEYED = """
if (hand.target !== target) return
const d = source.data, k = state.step
const values = Float64Array.from(d[value])
const to = fit(k, values[k] + hand.by * grain)
if (one()) values.fill(to)
else values[k] = to
hand.drawing = true
put(values)
clearTimeout(source._sending)
source._sending = setTimeout(send, SEND_AFTER_MS)
""".replace("SEND_AFTER_MS", str(SEND_AFTER_MS))

HOLD = """
if (source._put && source._put.length === source.data[value].length) put(source._put)
"""
"""The server's data came in mid-drag: what the hand holds stays in it."""

COMMON = """
const [grain, sign, whole] = source.tags
const one = () => whole
const run = (k) => {
  const v = source.data[value], last = v.length - 1
  let [a, b] = [k, k]
  while (a > 0 && Math.abs(v[a - 1] - v[k]) < grain / 2) a--
  while (b < last && Math.abs(v[b + 1] - v[k]) < grain / 2) b++
  return [a, b]
}
const round = (v) => Math.round(v / grain) * grain
const put = (values) => {
  const d = source.data
  d[value] = values
  d.top = values.map((v, i) => top_of(i, v))
  source._put = values
  source.change.emit()
}
const send = () => {
  clearTimeout(source._sending)
  drawn.data = {value: source._put}
  source._put = undefined
  hand.drawing = false
}
"""
"""Helpers of every script; `fit(i, v)`, `read(k, y)` and `top_of(i, v)` come from the chart."""
