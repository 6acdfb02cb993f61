// Sessions as rows of steps with a countdown to the next one. All text is set as text.

const SYMBOL = {done: "✓", now: "●", later: "○", failed: "▲"}

function make(tag, className, text) {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

function pad(n) { return String(Math.trunc(n)).padStart(2, "0") }

function countdown(ms) {
  const s = Math.max(0, Math.ceil(ms / 1000))
  const hms = `${pad((s % 86400) / 3600)}:${pad((s % 3600) / 60)}:${pad(s % 60)}`
  return s >= 86400 ? `${Math.floor(s / 86400)} d ${hms}` : hms
}

function stepOf({label, note, hover, state}) {
  const item = make("li", state)
  item.title = hover
  if (state === "now") item.setAttribute("aria-current", "step")
  item.append(make("span", "symbol", SYMBOL[state]), make("span", "label", label), make("span", "note", note))
  return item
}

function rowOf(session) {
  const row = make("div", "session")
  const head = make("div", "head")
  const title = session.href ? make("a", "title", session.title) : make("span", "title", session.title)
  if (session.href) title.href = session.href
  head.append(title, make("span", "note", session.note))
  const steps = make("ol")
  steps.append(...session.steps.map(stepOf))
  const left = make("div", "left")
  const time = make("span", "time")
  left.append(time, make("span", "note", session.next ? session.next.label : ""))
  row.append(head, steps, left)
  return {row, time, due: session.next ? session.next.due_ms : null}
}

export function render({model, el}) {
  const root = make("div", "sessions")
  el.append(root)
  let rows = []
  let anchor = {market: 0, at: 0, speed: 0}

  function show() {
    const shown = model.shown
    anchor = {market: shown.market_ms, at: performance.now(), speed: shown.speed}
    rows = shown.sessions.map(rowOf)
    root.replaceChildren(...rows.map(({row}) => row))
    tick()
  }

  function tick() {
    const market = anchor.market + (performance.now() - anchor.at) * anchor.speed
    for (const {time, due} of rows) {
      if (due === null) continue
      time.textContent = due > market ? countdown(due - market) : "due now"
      time.classList.toggle("soon", due - market < 15 * 60 * 1000)
    }
  }

  model.on("shown", show)
  const timer = setInterval(tick, 250)
  model.on("remove", () => clearInterval(timer))
  show()
}
