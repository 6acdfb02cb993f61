// The app bar's content; its parts are in the bar_*.js files beside this one.

function build(nav, tray, search) {
  const root = make("div", "bar")
  const clock = make("div", "clock")
  const time = make("span", "time")
  const day = make("span", "small")
  clock.append(time, day)
  const gate = make("div", "gate")
  const left = make("span", "time")
  const gateLabel = make("span", "small")
  gate.append(left, gateLabel)
  const stamp = make("div", "stamp")
  const [find] = iconed("button", "search")
  say(find, "Search (/)")
  find.querySelector(".count").remove()
  const [alarm, alarmCount] = iconed("a", "alarm")
  const [bell, count] = iconed("button", "bell")
  const help = make("button", "icon", "?")
  say(help, "Keys (?)")
  const summary = make("summary")
  const who = make("span", "who")
  const party = make("span", "party")
  const role = make("span", "small")
  who.append(party, role)
  summary.append(icon("person"), who)
  const form = make("form", "menu")
  form.method = "post"
  form.action = "/logout"
  const name = make("div", "name")
  const own = make("a", "own", "Account and API keys")
  own.href = "/account"
  const token = make("input")
  token.type = "hidden"
  token.name = "_xsrf"
  const out = make("button", "out", "Sign out")
  out.type = "submit"
  form.append(name, own, token, out)
  const account = menuOf("account", summary, form)
  const dialog = make("dialog", "keys")
  root.append(nav.root, stamp, clock, gate, find, alarm, tray.root, bell, help, account, dialog, search.root)
  return {
    root, clock, time, day, gate, left, gateLabel, stamp, find, alarm, alarmCount, bell, count, help, account, summary,
    party, role, form, name, token, dialog,
  }
}

export function render({model, el}) {
  const nav = navigation()
  const tray = jobTray((id) => { model.cancelled = id })
  const search = searching((text) => { model.asked = text }, () => model.frame.pages)
  const ui = build(nav, tray, search)
  el.append(ui.root)
  const menus = [nav.more, tray.root, ui.account]
  let anchor = {market: 0, at: performance.now(), speed: 1}
  let freshAt = performance.now()
  let formats = null

  function show() {
    const bar = {...model.frame, ...model.bar}
    anchor = {market: bar.market_ms, at: performance.now(), speed: bar.speed}
    formats = {
      time: new Intl.DateTimeFormat("en-GB", {timeZone: bar.zone, hour: "2-digit", minute: "2-digit", second: "2-digit"}),
      day: new Intl.DateTimeFormat("en-GB", {timeZone: bar.zone, weekday: "short", day: "numeric", month: "short", year: "numeric"}),
    }
    nav.show(bar.nav, bar.here)
    tray.show(bar.jobs)
    ui.gate.hidden = bar.gate === null
    ui.count.textContent = bar.unread > 99 ? "99+" : bar.unread
    ui.count.hidden = bar.unread === 0
    say(ui.bell, bar.unread === 1 ? "1 unread notification" : `${bar.unread} unread notifications`)
    ui.alarm.hidden = bar.alarms === null
    if (bar.alarms !== null) showAlarms(bar.alarms)
    ui.party.textContent = bar.party
    ui.role.textContent = bar.role
    ui.summary.setAttribute("aria-label", `Account: ${bar.party}, ${bar.role}`)
    ui.summary.title = `${bar.party}, ${bar.role}`
    ui.name.textContent = `Signed in as ${bar.account}`
    showKeys(bar.keys)
    tick()
  }

  function showAlarms({count, path}) {
    ui.alarm.href = path
    ui.alarmCount.textContent = count > 99 ? "99+" : count
    ui.alarmCount.hidden = count === 0
    ui.alarm.classList.toggle("raised", count > 0)
    say(ui.alarm, count === 0 ? "No alarm asks for an answer" : `${count} ${count === 1 ? "alarm asks" : "alarms ask"} for an answer`)
  }

  function showKeys(keys) {
    const list = make("dl")
    for (const {keys: combination, does} of keys) {
      list.append(make("dt", "", combination), make("dd", "", does))
    }
    const close = make("button", "close", "Close")
    close.addEventListener("click", () => ui.dialog.close())
    ui.dialog.setAttribute("aria-label", "Keys")
    ui.dialog.replaceChildren(make("h2", "", "Keys"), list, close)
  }

  function tick() {
    const bar = model.bar
    const market = anchor.market + (performance.now() - anchor.at) * anchor.speed
    const now = new Date(market)
    ui.time.textContent = formats.time.format(now)
    ui.day.textContent = `${formats.day.format(now)} · ${speedText(anchor.speed)}`
    ui.clock.title = `Market time, ${model.frame.zone}. UTC ${now.toISOString().slice(0, 19).replace("T", " ")}`
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

  function arrived() {
    freshAt = performance.now()
    document.documentElement.dataset.fdFresh = String(Date.now()) // for the sign of a lost connection
    tick()
  }

  function setTheme() {
    const name = model.dark ? "dark" : "light"
    document.documentElement.dataset.fdTheme = name
    document.cookie = `flexdesk_theme=${name}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`
  }

  function onKey(event) {
    if (typing(event) || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === "?") ui.dialog.open ? ui.dialog.close() : ui.dialog.showModal()
    else if (event.key === "/") search.begin()
    else return
    event.preventDefault()
  }

  function onClickAway(event) {
    for (const menu of menus) if (!event.composedPath().includes(menu)) menu.open = false
  }

  ui.bell.addEventListener("click", () => { model.opened += 1 })
  ui.help.addEventListener("click", () => ui.dialog.showModal())
  ui.find.addEventListener("click", search.begin)
  ui.form.addEventListener("submit", () => { ui.token.value = xsrf() })
  document.addEventListener("keydown", onKey)
  document.addEventListener("click", onClickAway)
  model.on("bar", show)
  model.on("dark", setTheme)
  model.on("fresh", arrived)
  model.on("found", () => search.show(model.found))
  const timer = setInterval(tick, 250)
  model.on("remove", () => {
    clearInterval(timer)
    nav.stop()
    document.removeEventListener("keydown", onKey)
    document.removeEventListener("click", onClickAway)
  })
  setTheme()
  show()
  arrived()
}
