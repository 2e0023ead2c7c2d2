// Offers what was typed into a form of this page and neither sent nor kept by the server: the browser, the computer or
// the network ended too early. draft.js keeps it, this puts it back; log-out clears it.
import { announce } from './page.js'

const PREFIX = 'typed:'
const LONGEST = 24 * 60 * 60 * 1000
const owner = document.querySelector('#me a')?.pathname
const navigation = performance.getEntriesByType('navigation')[0]
// Whether this page is the answer to a form. Coming back, reloading or an error says nothing about what was sent.
const answers = navigation?.type === 'navigate' && document.referrer && !(navigation.responseStatus >= 400)

for (const key of Object.keys(localStorage).filter(key => key.startsWith(PREFIX))) {
  const kept = JSON.parse(localStorage.getItem(key))
  // Nobody is offered what somebody else has typed on this machine.
  if (Date.now() - kept.at > LONGEST || (owner && kept.owner !== owner) || (kept.sent && answers)) localStorage.removeItem(key)
  else if (owner) offer(key, kept)
}

async function offer(key, kept) {
  const area = document.querySelector(`[data-draft="${CSS.escape(key.slice(PREFIX.length))}"]`)
  if (!area) return
  const form = area.form
  const fields = Object.entries(kept.fields).filter(([name]) => form.elements[name])
  if (fields.every(([name, text]) => form.elements[name].value.trim() === text.trim())) return
  const body = new URLSearchParams({ kept: kept.fields.body ?? '', shown: area.value })
  const answer = await fetch('/drafts/kept', { method: 'POST', body, headers: { 'HX-Request': 'true' } })
  if (!answer.ok) return
  form.insertAdjacentHTML('beforebegin', await answer.text())
  const box = form.previousElementSibling
  const time = box.querySelector('[data-kept-at]')
  const at = new Date(kept.at)
  time.dateTime = at.toISOString()
  time.textContent = at.toLocaleString(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' })
  announce(box.querySelector('p').textContent)
  box.addEventListener('click', event => {
    const choice = event.target.closest('[data-kept]')?.dataset.kept
    if (!choice) return
    if (choice === 'back') for (const [name, text] of fields) form.elements[name].value = text
    box.remove()
    if (choice === 'drop') localStorage.removeItem(key)
    else area.dispatchEvent(new Event('input', { bubbles: true }))
    area.focus()
  })
}
