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
  const place = CSS.escape(key.slice(PREFIX.length))
  const found = document.querySelector(`[data-draft="${place}"], [data-desk="${place}"]`)
  if (!found) return
  const form = found.form ?? found
  const fields = Object.entries(kept.fields).filter(([name]) => form.elements[name])
  const other = fields.filter(([name, text]) => form.elements[name].value.trim() !== text.trim())
  if (!other.length) return
  // A form with one text shows what becomes of that; one with several what becomes of those that differ.
  const texts = found.form ? fields.filter(([name]) => name === found.name) : other
  const area = found.form ? found : form.elements[other[0][0]]
  const body = new URLSearchParams({
    kept: texts.map(([, text]) => text).join('\n\n'),
    shown: texts.map(([name]) => form.elements[name].value).join('\n\n'),
  })
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
