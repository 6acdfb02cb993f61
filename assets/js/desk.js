// What a page needs outside Panel: the theme before the first paint, arrow keys, and the lost connection.

(() => {
  const stored = document.cookie.match(/(?:^|; )flexdesk_theme=(\w+)/)
  document.documentElement.dataset.fdTheme = stored && stored[1] === "dark" ? "dark" : "light"

  // --- Connection: watch the page's own socket; when it is lost say so, try again, and load again ------------
  const POLICY_VIOLATION = 1008
  const AGAIN_MS = [2000, 4000] // spread, so that a server that starts is not asked by all pages at once
  let leaving = false
  let touched = false
  let trying = null
  window.addEventListener("pagehide", () => { leaving = true })
  document.addEventListener("input", (event) => {
    if (event.composedPath()[0].type !== "search") touched = true
  }, true)

  const clock = (ms) => new Date(ms).toLocaleTimeString("en-GB")

  function lost(code) {
    if (leaving || trying !== null) return
    if (code === POLICY_VIOLATION) {
      window.location.assign("/login")
      return
    }
    const seen = Number(document.documentElement.dataset.fdFresh || Date.now())
    const words = `▲ Connection lost at ${clock(Date.now())} (your clock). What you see is of ${clock(seen)} and no longer changes.`
    document.documentElement.classList.add("fd-lost")
    tryAgain(words, 1)
  }

  function tryAgain(words, n) {
    sign(`${words} Trying again (${n}) …`)
    trying = setTimeout(async () => {
      const answer = await fetch("/assets/js/desk.js", {method: "HEAD", cache: "no-store"}).catch(() => null)
      if (trying === null) return
      if (answer === null || !answer.ok) tryAgain(words, n + 1)
      else if (touched) sign(`${words} The server answers again; loading again drops what you have typed here.`)
      else window.location.reload()
    }, AGAIN_MS[0] + Math.random() * (AGAIN_MS[1] - AGAIN_MS[0]))
  }

  function sign(words) {
    const place = document.getElementById("fd-lost")
    if (place === null) return
    if (place.childElementCount === 0) {
      const again = document.createElement("button")
      again.textContent = "Load again"
      again.addEventListener("click", () => window.location.reload())
      place.append(document.createElement("span"), again)
    }
    place.firstElementChild.textContent = words
    place.hidden = false
  }

  function found() {
    clearTimeout(trying)
    trying = null
    const place = document.getElementById("fd-lost")
    if (place !== null) place.hidden = true
    document.documentElement.classList.remove("fd-lost")
  }

  window.WebSocket = class extends window.WebSocket {
    constructor(...args) {
      super(...args)
      this.addEventListener("open", found)
      this.addEventListener("close", (event) => lost(event.code))
    }
  }

  const REDRAW_ASK_MS = 100

  // --- Tables: Panel also changes tables that are not drawn yet (in another tab, or just put in), which throws; a
  // table takes all from its model when its building begins. Rows that come while it is being built are passed over,
  // so it takes them when it is built.
  const OF_DRAWN_TABLES = [
    "addData", "restore_scroll", "setFrozen", "setHidden", "setMaxPage", "setPage", "setPageSize", "setSorters", "updateOrAddData",
  ]
  window.addEventListener("DOMContentLoaded", () => {
    const model = window.Bokeh && window.Bokeh.Models.get("panel.models.tabulator.DataTabulator")
    if (!model) return
    const view = model.prototype.default_view.prototype
    const once_drawn = (change) => function (...args) {
      if (this.tabulator != null && this.tabulator.rowManager.renderer) change.apply(this, args)
      else this.fd_passed_over = true
    }
    for (const name of OF_DRAWN_TABLES) view[name] = once_drawn(view[name])
    const { on_change, setData, tableBuilt } = view
    view.setData = function () {
      this.fd_passed_over = this._initializing || this._building || this.tabulator == null || !this.tabulator.initialized
      return this.fd_passed_over ? Promise.resolve() : setData.call(this)
    }
    view.tableBuilt = function () {
      tableBuilt.call(this)
      if (this.fd_passed_over) this.setData().then(() => this.postUpdate())
    }
    view.on_change = function (properties, change) {
      on_change.call(this, properties, `${change}`.includes("this.tabulator.") ? once_drawn(change).bind(this) : change)
    }
    // It also asks at every turn of the event loop whether such a table can be redrawn: a full core for nothing.
    const flush = view._flush_resize_when_root_ready
    const not_yet = (table) => table._initializing || table.container === null || table.is_drawing ||
      table._is_scrolling || ![...table._initialized_stylesheets.values()].every(Boolean)
    view._flush_resize_when_root_ready = async function () {
      while (this._resize_pending && not_yet(this)) await new Promise((go) => setTimeout(go, REDRAW_ASK_MS))
      return flush.call(this)
    }
  })

  // --- Impatient clicks: a double click on a command is one click -----------------------------------
  window.addEventListener("click", (event) => {
    const pressed = event.composedPath().some((node) => node.classList && node.classList.contains("MuiButton-root"))
    if (pressed && event.detail > 1) {
      event.stopImmediatePropagation()
      event.preventDefault()
    }
  }, true)

  // --- Keys: arrows move the time, space plays it; the app bar has the others -----------------------------------
  function typing(event) {
    const target = event.composedPath()[0]
    const role = target.getAttribute && target.getAttribute("role")
    return target.isContentEditable || role === "slider" || role === "tab" ||
      /^(input|textarea|select)$/i.test(target.tagName)
  }

  function moveTime(by) {
    for (const doc of window.Bokeh ? window.Bokeh.documents : []) {
      const state = doc.get_model_by_name("fd-step")
      if (state === null) continue
      state.step = Math.min(state.last, Math.max(0, state.step + by))
    }
  }

  function lift(by) {
    const hands = (window.Bokeh ? window.Bokeh.documents : []).map((doc) => doc.get_model_by_name("fd-hand"))
    for (const hand of hands.filter((hand) => hand !== null)) {
      hand.by = by
      hand.pressed += 1
    }
    return hands.some((hand) => hand !== null)
  }

  function play() {
    const states = (window.Bokeh ? window.Bokeh.documents : []).map((doc) => doc.get_model_by_name("fd-step"))
    for (const state of states.filter((state) => state !== null)) state.playing = !state.playing
    return states.some((state) => state !== null)
  }

  function pressing(event) {
    return event.composedPath().some((node) => /^(button|a|summary)$/i.test(node.tagName || ""))
  }

  document.addEventListener("keydown", (event) => {
    if (typing(event) || event.ctrlKey || event.metaKey || event.altKey) return
    const direction = {ArrowLeft: -1, ArrowRight: 1}[event.key]
    if (direction !== undefined) {
      moveTime(direction * (event.shiftKey ? 4 : 1))
      event.preventDefault()
    }
    if (event.key === " " && !pressing(event) && play()) event.preventDefault()
    const upward = {ArrowUp: 1, ArrowDown: -1}[event.key]
    if (upward !== undefined && lift(upward * (event.shiftKey ? 10 : 1))) event.preventDefault()
  })
})()
