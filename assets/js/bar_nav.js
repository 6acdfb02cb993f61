// The role's pages: as many links as there is room for, the others under "More".

function navigation() {
  const root = make("nav", "nav")
  root.setAttribute("aria-label", "Pages")
  const summary = make("summary", "more", "More ▾")
  const list = make("div", "menu links")
  const more = menuOf("overflow", summary, list)
  let links = []

  function fit() {
    more.hidden = false
    name(null)
    list.replaceChildren()
    root.replaceChildren(...links, more)
    const room = root.clientWidth
    const widths = links.map((link) => link.offsetWidth)
    let used = widths.reduce((sum, width) => sum + width, 0)
    if (used <= room) {
      more.hidden = true
      return
    }
    for (let n = links.length - 1; n >= 0 && used + more.offsetWidth > room; n--) {
      list.prepend(links[n])
      used -= widths[n]
      name(list.querySelector(".here"))
    }
  }

  // The page that is open gives the menu its name, where it is among those that have no room.
  function name(here) {
    summary.classList.toggle("here", here !== null)
    summary.textContent = here === null ? "More ▾" : `${here.textContent} ▾`
    summary.setAttribute("aria-label", `More pages${here === null ? "" : `, on ${here.textContent}`}`)
  }

  function show(pages, here) {
    links = pages.map(({label, path}) => {
      const link = make("a", path === here ? "here" : "", label)
      link.href = path
      if (path === here) link.setAttribute("aria-current", "page")
      return link
    })
    fit()
  }

  const watch = new ResizeObserver(fit)
  watch.observe(root)
  return {root, more, show, stop: () => watch.disconnect()}
}
