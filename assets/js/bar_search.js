// Search: a field over the page, what was found under it, all of it by keyboard.

const PAUSE_MS = 180
const KIND = {
  page: "Page", bus: "Bus", branch: "Line", unit: "Unit", asset: "Asset", party: "Party", session: "Session",
  request: "Request", offer: "Offer",
  company: "Company", "service offer": "Offer", "service request": "Request", subscription: "Contract",
}

function searching(ask, pages) {
  const dialog = make("dialog", "search")
  dialog.setAttribute("aria-label", "Search")
  const field = make("input")
  field.type = "search"
  field.placeholder = "Anything you may see, by name or number"
  field.autocomplete = "off"
  field.spellcheck = false
  field.maxLength = 200
  for (const [name, value] of Object.entries({
    "aria-label": "Search", role: "combobox", "aria-expanded": "true", "aria-controls": "fd-hits", "aria-autocomplete": "list",
  })) field.setAttribute(name, value)
  const list = make("ul", "hits")
  list.id = "fd-hits"
  list.setAttribute("role", "listbox")
  list.setAttribute("aria-label", "Found")
  const status = make("p", "status")
  status.setAttribute("role", "status")
  dialog.append(field, list, status)
  let hits = []
  let chosen = 0
  let waiting = null
  let asked = ""
  let go = false

  const words = () => field.value.trim()

  function pageHits(text) {
    const wanted = text.toLowerCase()
    return pages().filter(({label}) => label.toLowerCase().includes(wanted))
      .map(({label, path}) => ({kind: "page", label, note: "", href: path}))
  }

  function choose(index) {
    chosen = Math.max(0, Math.min(index, hits.length - 1))
    ;[...list.children].forEach((item, k) => item.setAttribute("aria-selected", String(k === chosen)))
    const item = list.children[chosen]
    if (item === undefined) {
      field.removeAttribute("aria-activedescendant")
      return
    }
    field.setAttribute("aria-activedescendant", item.id)
    item.scrollIntoView({block: "nearest"})
  }

  function draw(found, sentence) {
    hits = found
    list.replaceChildren(...hits.map(({kind, label, note, href}, k) => {
      const item = make("li")
      item.id = `fd-hit-${k}`
      item.setAttribute("role", "option")
      const link = make("a")
      link.href = href
      link.tabIndex = -1
      link.append(make("span", "kind", KIND[kind] || kind), make("span", "label", label), make("span", "note", note))
      item.append(link)
      return item
    }))
    status.textContent = sentence
    choose(0)
  }

  function onInput() {
    clearTimeout(waiting)
    go = false
    const text = words()
    if (text === "") {
      asked = ""
      draw([], "Every word has to be in the name, the id or the note beside it.")
      return
    }
    draw(pageHits(text), "Searching …")
    waiting = setTimeout(() => {
      asked = text
      ask(text)
    }, PAUSE_MS)
  }

  function show({text, hits: found}) {
    if (text !== words() || text !== asked) return
    const all = [...pageHits(text), ...found]
    draw(all, all.length === 0 ? `Nothing that you may see has “${text}” in it. Try a shorter word.` : "↑ ↓ choose, Enter opens.")
    if (go && all.length > 0) open()
  }

  function open() {
    const hit = hits[chosen]
    if (hit === undefined) go = words() !== ""
    else window.location.assign(hit.href)
  }

  field.addEventListener("input", onInput)
  field.addEventListener("keydown", (event) => {
    const by = {ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8}[event.key]
    if (by !== undefined) choose(chosen + by)
    else if (event.key === "Escape") dialog.close() // a search field would only be emptied by it
    else if (event.key === "Enter") status.textContent === "Searching …" && hits.length === 0 ? (go = true) : open()
    else return
    event.preventDefault()
  })
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close() })

  function begin() {
    if (dialog.open) return
    dialog.showModal()
    field.select()
    onInput()
  }

  return {root: dialog, begin, show}
}
