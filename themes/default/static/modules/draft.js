// Keeps the text while it is written: with each letter in this browser, and after a pause on the server, at the address
// in data-draft. What the server has is forgotten here; what is left, because the browser ended first, kept.js offers.
const WAIT = 1500
const PREFIX = 'typed:'
const NAMES = ['title', 'body', 'tags']
const owner = document.querySelector('#me a')?.pathname

for (const area of document.querySelectorAll('[data-draft]')) {
  const form = area.form
  const key = PREFIX + area.dataset.draft
  let timer
  let typed = 0
  const keep = sent => {
    const fields = {}
    for (const name of NAMES) if (form.elements[name]) fields[name] = form.elements[name].value
    // A browser may have no room, or no storage at all; then there is the draft on the server.
    try { localStorage.setItem(key, JSON.stringify({ at: Date.now(), owner, sent, fields })) } catch {}
  }
  const save = async () => {
    clearTimeout(timer)
    timer = undefined
    const saving = typed
    const body = new URLSearchParams(new FormData(form))
    // A draft that cannot be saved now is saved with the next words; the text itself stays in the page.
    const answer = await fetch(area.dataset.draft, { method: 'POST', body, keepalive: true, headers: { 'HX-Request': 'true' } }).catch(() => {})
    if (answer?.status === 204 && saving === typed) try { localStorage.removeItem(key) } catch {}
  }
  form.addEventListener('input', () => {
    typed++
    keep(false)
    clearTimeout(timer)
    timer = setTimeout(save, WAIT)
  })
  form.addEventListener('submit', event => {
    if (event.submitter?.value === 'preview') return
    typed++
    keep(true)
    clearTimeout(timer)
    timer = undefined
  })
  addEventListener('pagehide', () => { if (timer) save() })
}
