// Keeps the text on the server while it is written: the form's fields are posted to the address in data-draft.
const WAIT = 1500

for (const area of document.querySelectorAll('[data-draft]')) {
  let timer
  const save = () => {
    clearTimeout(timer)
    timer = undefined
    const body = new URLSearchParams(new FormData(area.form))
    // A draft that cannot be saved now is saved with the next words; the text itself stays in the page.
    fetch(area.dataset.draft, { method: 'POST', body, keepalive: true, headers: { 'HX-Request': 'true' } }).catch(() => {})
  }
  area.form.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(save, WAIT)
  })
  area.form.addEventListener('submit', () => clearTimeout(timer))
  addEventListener('pagehide', () => { if (timer) save() })
}
