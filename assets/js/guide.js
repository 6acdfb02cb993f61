// The presenter's panel: the chapters, the line of the one shown, the market clock. All text is set as text.

const MARK = {played: "✓", playing: "●", stopped: "▲", open: "○", blocked: "–"}

function button(className, text, onClick) {
  const made = make("button", className, text)
  made.type = "button"
  made.addEventListener("click", onClick)
  return made
}

function chapterItem(chapter, number, shown, choose) {
  const item = make("li", chapter.state)
  const pick = button(shown ? "pick shown" : "pick", "", () => choose(chapter.name))
  if (shown) pick.setAttribute("aria-current", "step")
  pick.append(
    make("span", "mark", MARK[chapter.state]), make("span", "number", String(number)),
    make("span", "title", chapter.title), make("span", "state", chapter.state_words),
  )
  item.append(pick)
  return item
}

function lookItem({label, account, href}) {
  const item = make("li")
  const link = make("a", "", label)
  link.href = href
  link.target = "_blank"
  link.rel = "noopener"
  const copy = button("copy", "Copy address", async () => {
    await navigator.clipboard.writeText(new URL(href, window.location.href).href)
    copy.textContent = "Copied"
    setTimeout(() => { copy.textContent = "Copy address" }, 2000)
  })
  copy.setAttribute("aria-label", `Copy the address of ${label} for ${account}`)
  item.append(make("span", "account", account), link, copy)
  return item
}

export function render({model, el}) {
  const root = make("div", "guide")
  const time = make("div", "time")
  const day = make("div", "day")
  const clock = make("div", "clock")
  clock.append(time, day)
  const list = make("ol")
  const side = make("nav", "side")
  side.setAttribute("aria-label", "Chapters")
  side.append(clock, list)
  const title = make("h2")
  const line = make("p", "line")
  const will = make("p", "will")
  const play = button("play", "Play", () => {
    play.disabled = true
    model.played = model.shown.chapter.name
  })
  const next = button("next", "", () => { model.chosen = model.shown.next })
  const buttons = make("div", "buttons")
  buttons.append(play, next)
  const stage = make("p", "stage")
  stage.setAttribute("role", "status")
  const bar = make("progress")
  bar.max = 1
  bar.setAttribute("aria-label", "Progress of the chapter")
  const told = make("p", "told")
  told.setAttribute("role", "status")
  const look = make("div", "look")
  const whole = make("progress", "whole")
  whole.setAttribute("aria-label", "Chapters played")
  const main = make("section", "main")
  main.append(whole, title, line, will, buttons, bar, stage, told, look)
  root.append(side, main)
  el.append(root)
  let anchor = {market: 0, at: 0, speed: 0}
  let formats = null

  function show() {
    const {chapters, chapter, clock: now} = model.shown
    anchor = {market: now.market_ms, at: performance.now(), speed: now.speed}
    formats = {
      time: new Intl.DateTimeFormat("en-GB", {timeZone: now.zone, hour: "2-digit", minute: "2-digit"}),
      day: new Intl.DateTimeFormat("en-GB", {timeZone: now.zone, weekday: "long", day: "numeric", month: "long", year: "numeric"}),
    }
    const focused = list.getRootNode().activeElement
    const kept = [...list.querySelectorAll("button")].indexOf(focused)
    const choose = (name) => { model.chosen = name }
    list.replaceChildren(...chapters.map((row, k) => chapterItem(row, k + 1, row.name === chapter.name, choose)))
    if (kept >= 0) list.querySelectorAll("button")[kept].focus()
    title.textContent = `${chapter.number}. ${chapter.title}`
    line.textContent = chapter.line
    will.textContent = chapter.will
    play.hidden = chapter.state === "played" || chapter.state === "playing"
    play.disabled = chapter.blocked !== ""
    play.textContent = chapter.state === "stopped" ? "Play again" : "Play"
    next.hidden = model.shown.next === ""
    next.textContent = model.shown.next_words
    bar.hidden = chapter.state !== "playing"
    bar.value = chapter.progress
    stage.textContent = chapter.state === "playing" ? chapter.stage || "Beginning …" : chapter.blocked
    stage.hidden = stage.textContent === ""
    told.textContent = chapter.told
    told.hidden = chapter.told === ""
    told.classList.toggle("stopped", chapter.state === "stopped")
    whole.max = chapters.length
    whole.value = chapters.filter((row) => row.state === "played").length
    const looks = make("ul")
    looks.append(...chapter.look.map(lookItem))
    look.hidden = chapter.look.length === 0
    look.replaceChildren(make("h3", "", "Where to look, and signed in as whom"), looks)
    tick()
  }

  function tick() {
    if (formats === null) return
    const market = new Date(anchor.market + (performance.now() - anchor.at) * anchor.speed)
    time.textContent = formats.time.format(market)
    day.textContent = `${formats.day.format(market)} · ${speedText(anchor.speed)}`
  }

  model.on("shown", show)
  const timer = setInterval(tick, 200)
  model.on("remove", () => clearInterval(timer))
  show()
}
