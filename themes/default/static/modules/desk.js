// The form of an FAQ entry: keys for its buttons, a preview that follows the typing, how full each field is, and what is
// typed kept in this browser until it is saved. What is left, because the page ended first, kept.js offers.
import './editor.js' // At once: the page says which keys there are.

const WAIT = 600
const NAMES = ['question', 'short_answer', 'steps', 'valid_for']
const SAVING = ['save', 'review']
const form = document.querySelector('[data-desk]')
const key = `typed:${form.dataset.desk}`
const place = `place:${form.dataset.desk}`
const owner = document.querySelector('#me a')?.pathname
const button = value => form.querySelector(`button[name=do][value=${value}]`)
let timer, running, isSending

function keep(sent) {
  const fields = Object.fromEntries(NAMES.map(name => [name, form.elements[name].value]))
  // A browser may have no room, or no storage at all.
  try { localStorage.setItem(key, JSON.stringify({ at: Date.now(), owner, sent, fields })) } catch {}
}

// What came back with an error was sent, and is not saved for that.
if ('unsaved' in form.dataset) keep(false)

async function look() {
  const section = form.querySelector('.preview')
  if (!section.querySelector('.preview__h')) return
  running?.abort()
  const mine = running = new AbortController()
  const body = new URLSearchParams(new FormData(form, button('preview')))
  const options = { method: 'POST', body, signal: mine.signal, headers: { 'HX-Request': 'true' } }
  // Without an answer the last preview stays; the next words ask again.
  const answer = await fetch(form.dataset.desk, options).catch(() => {})
  const html = answer?.ok ? await answer.text().catch(() => '') : ''
  if (!html || mine !== running) return
  const made = new DOMParser().parseFromString(html, 'text/html').querySelector('.preview')
  const folded = section.querySelector('details')?.open === false
  // Only what was asked for is read aloud, not each pause of the typing.
  section.setAttribute('aria-live', 'off')
  section.replaceChildren(...made.childNodes)
  if (folded) section.querySelector('details')?.removeAttribute('open')
}

// Read when one comes to the field, and aloud while one types only when little room is left.
function count(field, shown) {
  const number = figure => figure.toLocaleString(document.documentElement.lang)
  shown.setAttribute('aria-live', field.value.length > field.maxLength * 0.9 ? 'polite' : 'off')
  shown.textContent = form.dataset.count.replace('{count}', number(field.value.length)).replace('{most}', number(field.maxLength))
}

const counts = NAMES.map(name => {
  const field = form.elements[name]
  const shown = document.createElement('p')
  shown.className = 'hint field__count'
  shown.id = `${field.id}-count`
  field.closest('.field').append(shown)
  field.setAttribute('aria-describedby', `${field.getAttribute('aria-describedby') ?? ''} ${shown.id}`.trim())
  return () => count(field, shown)
})
for (const show of counts) show()

form.addEventListener('input', () => {
  for (const show of counts) show()
  keep(false)
  clearTimeout(timer)
  timer = setTimeout(look, WAIT)
})
form.addEventListener('submit', event => {
  if (!SAVING.includes(event.submitter?.value)) return
  // Sent twice, it would meet its own first saving as somebody else's.
  if (isSending) return event.preventDefault()
  isSending = true
  keep(true)
})
form.addEventListener('click', event => {
  if (event.target.closest('button') === button('preview')) {
    running?.abort()
    form.querySelector('.preview').setAttribute('aria-live', 'polite')
  }
})
addEventListener('pageshow', () => { isSending = false })

// Before the editor of the steps, whose Ctrl+Enter presses the first button. In other forms of the page the keys are
// theirs: what is written there would be lost.
document.addEventListener('keydown', event => {
  if ((!event.ctrlKey && !event.metaKey) || event.altKey || event.shiftKey || event.isComposing) return
  const value = { s: 'save', Enter: 'review' }[event.key.length === 1 ? event.key.toLowerCase() : event.key]
  const other = document.activeElement.form
  if (!value || (other && other !== form) || (value === 'review' && !other)) return
  event.preventDefault()
  event.stopPropagation()
  const pressed = button(value) ?? button('save')
  if (!pressed || event.repeat) return
  const { name, selectionStart, selectionEnd } = document.activeElement
  try { sessionStorage.setItem(place, JSON.stringify([name, selectionStart, selectionEnd])) } catch {}
  form.requestSubmit(pressed)
}, true)

// Whoever saves by the keys writes on where they were; the page stays at its top, where it says that it is saved.
function writeOn() {
  try {
    const [name, ...selected] = JSON.parse(sessionStorage.getItem(place))
    sessionStorage.removeItem(place)
    const said = document.querySelector('.flash [role=status]')
    if (!said) return
    form.elements[name].focus({ preventScroll: true })
    document.querySelector('#live').textContent = said.textContent
    form.elements[name].setSelectionRange(...selected)
  } catch {} // Nothing was saved by the keys, or the field has no text to select.
}
writeOn()

form.querySelector('[data-keys]').hidden = false
