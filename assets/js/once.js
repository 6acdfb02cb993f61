// A secret with a button that copies it. It is set as text, and forgotten when the dialog is closed.

export function render({model, el}) {
  const root = document.createElement("div")
  root.className = "once"
  const secret = document.createElement("input")
  secret.readOnly = true
  secret.spellcheck = false
  secret.setAttribute("aria-label", "Secret")
  const copy = document.createElement("button")
  copy.type = "button"
  const said = document.createElement("span")
  said.setAttribute("role", "status")
  root.append(secret, copy, said)
  el.append(root)

  function show() {
    secret.value = model.secret
    copy.textContent = "Copy"
    said.textContent = ""
  }

  async function onCopy() {
    secret.select()
    try {
      await navigator.clipboard.writeText(secret.value)
      copy.textContent = "Copied"
      said.textContent = "It is in the clipboard."
    } catch {
      said.textContent = "Copy the marked text by hand."
    }
  }

  copy.addEventListener("click", onCopy)
  model.on("secret", show)
  show()
}
