// The job tray: own long work that runs or has just ended, each with its stage, a bar and a cancel button.

const JOB_WORDS = {
  queued: "◔ Waiting", running: "◑ Running", done: "✓ Done", failed: "▲ Failed", cancelled: "– Cancelled",
}

function jobLine(job, cancel) {
  const item = make("li", job.state)
  const head = make("div", "head")
  head.append(make("span", "label", job.title), make("span", "note", job.at))
  item.append(head)
  const words = make("div", "note", job.stage ? `${JOB_WORDS[job.state]}: ${job.stage}` : JOB_WORDS[job.state])
  if (!job.ends) {
    item.append(words)
    return item
  }
  const bar = make("progress")
  bar.max = 1
  bar.value = job.progress
  bar.setAttribute("aria-label", `${job.title}, progress`)
  const stop = make("button", "cancel", "Cancel")
  stop.setAttribute("aria-label", `Cancel ${job.title}`)
  stop.addEventListener("click", () => {
    stop.disabled = true
    cancel(job.id)
  })
  const row = make("div", "row")
  row.append(bar, stop)
  item.append(words, row)
  return item
}

function jobTray(cancel) {
  const [summary, count] = iconed("summary", "jobs")
  const body = make("div", "menu jobs-menu")
  const root = menuOf("tray", summary, body)
  let shown = ""

  function show(jobs) {
    root.hidden = jobs === null
    if (jobs === null || JSON.stringify(jobs) === shown) return
    shown = JSON.stringify(jobs)
    const running = jobs.filter((job) => job.ends).length
    count.textContent = running
    count.hidden = running === 0
    say(summary, running === 0 ? "Jobs, none running" : `Jobs, ${running} running`)
    const focused = body.getRootNode().activeElement
    const kept = focused && focused.classList.contains("cancel") ? focused.getAttribute("aria-label") : null
    const list = make("ul")
    list.append(...jobs.map((job) => jobLine(job, cancel)))
    const empty = make("p", "note", "No job has run yet. Clearings and computations of needs are shown here while they run.")
    body.replaceChildren(make("h2", "", "Own jobs"), jobs.length === 0 ? empty : list)
    const again = kept && [...body.querySelectorAll("button.cancel")].find((b) => b.getAttribute("aria-label") === kept)
    if (again) again.focus()
  }

  return {root, show}
}
