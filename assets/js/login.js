// Theme by the stored choice or the system's, and demo accounts that fill the form.

(() => {
  const stored = document.cookie.match(/(?:^|; )flexdesk_theme=(\w+)/)
  const dark = stored ? stored[1] === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches
  document.documentElement.dataset.fdTheme = dark ? "dark" : "light"
  if (!stored) {
    document.cookie = `flexdesk_theme=${dark ? "dark" : "light"}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`
  }
  document.addEventListener("click", (event) => {
    const demo = event.target.closest("button.demo")
    if (demo === null) return
    const form = document.querySelector("form")
    form.elements.account.value = demo.dataset.account
    form.elements.password.value = demo.dataset.password
    form.querySelector("button[type=submit]").focus()
  })
})()
