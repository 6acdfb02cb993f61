// What a page needs outside Panel: the theme before the first paint, arrow keys, and the lost connection.

(() => {
  const stored = document.cookie.match(/(?:^|; )flexdesk_theme=(\w+)/)
  document.documentElement.dataset.fdTheme = stored && stored[1] === "dark" ? "dark" : "light"

  // --- Connection: watch the page's own socket -------------------------------------------------
  const POLICY_VIOLATION = 1008
  let leaving = false
  window.addEventListener("pagehide", () => { leaving = true })

  function lost(code) {
    if (leaving) return
    if (code === POLICY_VIOLATION) {
      window.location.assign("/login")
      return
    }
    const sign = document.getElementById("fd-lost")
    if (sign === null) return
    const at = new Date().toLocaleTimeString("en-GB")
    const text = document.createElement("span")
    text.textContent = `▲ Connection lost at ${at} (your clock). What you see no longer changes.`
    const again = document.createElement("button")
    again.textContent = "Load again"
    again.addEventListener("click", () => window.location.reload())
    sign.replaceChildren(text, again)
    sign.hidden = false
    document.documentElement.classList.add("fd-lost")
  }

  function found() {
    const sign = document.getElementById("fd-lost")
    if (sign !== null) sign.hidden = true
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

  // --- Tables: Panel scrolls and fills also a table that was never drawn (in another tab), which throws ---
  window.addEventListener("DOMContentLoaded", () => {
    const model = window.Bokeh && window.Bokeh.Models.get("panel.models.tabulator.DataTabulator")
    if (!model) return
    const view = model.prototype.default_view.prototype
    for (const name of ["restore_scroll", "updateOrAddData"]) {
      const plain = view[name]
      view[name] = function (...args) {
        if (this.tabulator != null) plain.apply(this, args)
      }
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

  // --- Keys: arrows move the time, "/" searches ------------------------------------------------
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

  function deepSearchField(root) {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches("input[type=search], .fd-search input")) return element
      const inner = element.shadowRoot && deepSearchField(element.shadowRoot)
      if (inner) return inner
    }
    return null
  }

  document.addEventListener("keydown", (event) => {
    if (typing(event) || event.ctrlKey || event.metaKey || event.altKey) return
    const direction = {ArrowLeft: -1, ArrowRight: 1}[event.key]
    if (direction !== undefined) {
      moveTime(direction * (event.shiftKey ? 4 : 1))
      event.preventDefault()
    } else if (event.key === "/") {
      const field = deepSearchField(document)
      if (field !== null) {
        field.focus()
        event.preventDefault()
      }
    }
  })
})()
