// The app bar's content. All text is set as text, never as markup.

const ICON = {
  bell: "M12 22a2 2 0 0 0 2-2h-4a2 2 0 0 0 2 2zm6-6v-5a6 6 0 0 0-5-5.9V4a1 1 0 0 0-2 0v1.1A6 6 0 0 0 6 11v5l-2 2v1h16v-1z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm0 2c-4 0-8 2-8 5v1h16v-1c0-3-4-5-8-5z",
}

function make(tag, className, text) {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

function icon(name) {
  const space = "http://www.w3.org/2000/svg"
  const svg = document.createElementNS(space, "svg")
  svg.setAttribute("viewBox", "0 0 24 24")
  svg.setAttribute("aria-hidden", "true")
  const path = document.createElementNS(space, "path")
  path.setAttribute("d", ICON[name])
  svg.append(path)
  return svg
}

function pad(n) { return String(Math.trunc(n)).padStart(2, "0") }

function countdown(ms) {
  const s = Math.max(0, Math.ceil(ms / 1000))
  const hms = `${pad((s % 86400) / 3600)}:${pad((s % 3600) / 60)}:${pad(s % 60)}`
  return s >= 86400 ? `${Math.floor(s / 86400)} d ${hms}` : hms
}

function age(ms) {
  const s = Math.floor(ms / 1000)
  if (s < 60) return `${s} s`
  return s < 3600 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 3600)} h`
}

function speedText(speed) {
  if (speed === 0) return "paused"
  return speed === 1 ? "real time" : `× ${speed}`
}

// The token of the double-submit cookie, read when a form is sent.
function xsrf() {
  const found = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)
  return found ? decodeURIComponent(found[1]) : ""
}

function typing(event) {
  const target = event.composedPath()[0]
  return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName)
}

function build() {
  const root = make("div", "bar")
  const nav = make("nav", "nav")
  nav.setAttribute("aria-label", "Pages")
  const clock = make("div", "clock")
  const time = make("span", "time")
  const day = make("span", "small")
  clock.append(time, day)
  const gate = make("div", "gate")
  const left = make("span", "time")
  const gateLabel = make("span", "small")
  gate.append(left, gateLabel)
  const stamp = make("div", "stamp")
  const bell = make("button", "icon")
  const count = make("span", "count")
  bell.append(icon("bell"), count)
  const help = make("button", "icon", "?")
  help.setAttribute("aria-label", "Keys")
  help.title = "Keys (?)"
  const account = make("details", "account")
  const summary = make("summary")
  const who = make("span", "who")
  const party = make("span", "party")
  const role = make("span", "small")
  who.append(party, role)
  summary.append(icon("person"), who)
  const menu = make("form", "menu")
  menu.method = "post"
  menu.action = "/logout"
  const name = make("div", "name")
  const token = make("input")
  token.type = "hidden"
  token.name = "_xsrf"
  const out = make("button", "out", "Sign out")
  out.type = "submit"
  menu.append(name, token, out)
  account.append(summary, menu)
  const dialog = make("dialog", "keys")
  root.append(nav, make("span", "space"), stamp, clock, gate, bell, help, account, dialog)
  return {root, nav, clock, time, day, gate, left, gateLabel, stamp, bell, count, help, account, party, role, menu, name, token, dialog}
}

export function render({model, el}) {
  const ui = build()
  el.append(ui.root)
  let anchor = {market: 0, at: performance.now(), speed: 1}
  let freshAt = performance.now()
  let formats = null

  function show() {
    const bar = model.bar
    anchor = {market: bar.market_ms, at: performance.now(), speed: bar.speed}
    formats = {
      time: new Intl.DateTimeFormat("en-GB", {timeZone: bar.zone, hour: "2-digit", minute: "2-digit", second: "2-digit"}),
      day: new Intl.DateTimeFormat("en-GB", {timeZone: bar.zone, weekday: "short", day: "numeric", month: "short", year: "numeric"}),
    }
    ui.nav.replaceChildren(...bar.nav.map(({label, path}) => {
      const link = make("a", path === bar.here ? "here" : "", label)
      link.href = path
      if (path === bar.here) link.setAttribute("aria-current", "page")
      return link
    }))
    ui.gate.hidden = bar.gate === null
    ui.count.textContent = bar.unread > 99 ? "99+" : bar.unread
    ui.count.hidden = bar.unread === 0
    const notes = bar.unread === 1 ? "1 unread notification" : `${bar.unread} unread notifications`
    ui.bell.setAttribute("aria-label", notes)
    ui.bell.title = notes
    ui.party.textContent = bar.party
    ui.role.textContent = bar.role
    ui.name.textContent = `Signed in as ${bar.account}`
    showKeys(bar.keys)
    tick()
  }

  function showKeys(keys) {
    const list = make("dl")
    for (const {keys: combination, does} of keys) {
      list.append(make("dt", "", combination), make("dd", "", does))
    }
    const close = make("button", "close", "Close")
    close.addEventListener("click", () => ui.dialog.close())
    ui.dialog.replaceChildren(make("h2", "", "Keys"), list, close)
  }

  function tick() {
    const bar = model.bar
    const market = anchor.market + (performance.now() - anchor.at) * anchor.speed
    const now = new Date(market)
    ui.time.textContent = formats.time.format(now)
    ui.day.textContent = `${formats.day.format(now)} · ${speedText(anchor.speed)}`
    ui.clock.title = `Market time, ${bar.zone}. UTC ${now.toISOString().slice(0, 19).replace("T", " ")}`
    ui.clock.classList.toggle("unreal", anchor.speed !== 1)
    if (bar.gate !== null) {
      const rest = bar.gate.due_ms - market
      ui.left.textContent = rest > 0 ? countdown(rest) : "due now"
      ui.gateLabel.textContent = bar.gate.label
      ui.gate.title = `${bar.gate.label}: ${formats.day.format(bar.gate.due_ms)} ${formats.time.format(bar.gate.due_ms)}`
      ui.gate.classList.toggle("soon", rest < 15 * 60 * 1000)
    }
    ui.stamp.textContent = `Data ${age(performance.now() - freshAt)} old`
  }

  function setTheme() {
    const name = model.dark ? "dark" : "light"
    document.documentElement.dataset.fdTheme = name
    document.cookie = `flexdesk_theme=${name}; path=/; max-age=31536000; samesite=lax`
  }

  function onKey(event) {
    if (typing(event) || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === "?") {
      ui.dialog.open ? ui.dialog.close() : ui.dialog.showModal()
      event.preventDefault()
    }
  }

  function onClickAway(event) {
    if (!event.composedPath().includes(ui.account)) ui.account.open = false
  }

  ui.bell.addEventListener("click", () => { model.opened += 1 })
  ui.help.addEventListener("click", () => ui.dialog.showModal())
  ui.menu.addEventListener("submit", () => { ui.token.value = xsrf() })
  document.addEventListener("keydown", onKey)
  document.addEventListener("click", onClickAway)
  model.on("bar", show)
  model.on("dark", setTheme)
  model.on("fresh", () => { freshAt = performance.now(); tick() })
  const timer = setInterval(tick, 250)
  model.on("remove", () => {
    clearInterval(timer)
    document.removeEventListener("keydown", onKey)
    document.removeEventListener("click", onClickAway)
  })
  setTheme()
  show()
}
