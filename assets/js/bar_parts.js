// Small parts of the app bar. All text is set as text, never as markup.

const ICON = {
  bell: "M12 22a2 2 0 0 0 2-2h-4a2 2 0 0 0 2 2zm6-6v-5a6 6 0 0 0-5-5.9V4a1 1 0 0 0-2 0v1.1A6 6 0 0 0 6 11v5l-2 2v1h16v-1z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm0 2c-4 0-8 2-8 5v1h16v-1c0-3-4-5-8-5z",
  search: "M10 3a7 7 0 0 1 5.6 11.2l5.1 5.1-1.4 1.4-5.1-5.1A7 7 0 1 1 10 3zm0 2a5 5 0 1 0 0 10 5 5 0 0 0 0-10z",
  jobs: "M4 5h16v4H4zm2 1.5v1h8v-1zM4 10.5h16v4H4zm2 1.5v1h5v-1zM4 16h16v4H4zm2 1.5v1h11v-1z",
  alarm: "M12 3 1.5 21h21zm-1 6h2v6h-2zm0 7.5h2v2h-2z",
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
  path.setAttribute("fill-rule", "evenodd")
  svg.append(path)
  return svg
}

function iconed(tag, name) {
  const element = make(tag, `icon ${name}`)
  const count = make("span", "count")
  element.append(icon(name), count)
  return [element, count]
}

function say(element, words) {
  element.setAttribute("aria-label", words)
  element.title = words
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

// A menu under a button: closed by Escape, which gives the focus back, and by a click elsewhere.
function menuOf(className, summary, ...content) {
  const menu = make("details", className)
  menu.append(summary, ...content)
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return
    menu.open = false
    summary.focus()
    event.stopPropagation()
  })
  return menu
}
