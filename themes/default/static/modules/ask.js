// While a question is typed: similar threads under the title. They are read in place, and the server is told what
// came of them, as the buttons of the form tell it without scripts.
import { announce } from './page.js'

const WAIT = 300
const SHORTEST = 8
const QUIET = 900

const form = document.querySelector('[data-ask]')
const input = form.querySelector('[data-similar]')
const box = document.getElementById(input.dataset.into)
const opened = new Set()
let timer, speaking, running, asked

function tell(path, fields = {}) {
  const body = new URLSearchParams(fields)
  fetch(path, { method: 'POST', body, keepalive: true, headers: { 'HX-Request': 'true' } }).catch(() => {})
}

const all = () => box.querySelector('.dups__all')
const keys = root => [...root.querySelectorAll('[data-key]')].map(each => each.dataset.key).join()

// Said once, when typing pauses; the same again is not said at all.
function say() {
  clearTimeout(speaking)
  speaking = setTimeout(() => {
    const text = box.querySelector('[data-said]')?.dataset.said
    if (text && !all()?.matches(':not([open])')) announce(text)
  }, QUIET)
}

function show(html, quietly) {
  const made = document.createElement('div')
  made.innerHTML = html
  // What is found already stays as it is, with whatever is being read in it.
  if (made.querySelector('[data-key]') && keys(made) === keys(box)) return
  if (!made.textContent.trim() && !box.textContent.trim()) return
  const folded = all()?.open === false
  // What is being read is not taken out of anybody's hands, even if it is not found any more.
  const list = made.querySelector('ul')
  const reading = [...box.querySelectorAll('[data-key][open]')].reverse()
  if (reading.length && !list) return
  for (const each of reading) {
    const again = made.querySelector(`[data-key="${each.dataset.key}"]`)
    if (again) again.open = true
    else list.prepend(each.closest('li'))
  }
  box.replaceChildren(...made.childNodes)
  if (folded && all()) all().open = false
  if (!quietly) say()
}

async function look(quietly) {
  const title = input.value.trim()
  if (title === asked) return
  asked = title
  running?.abort()
  if (title.length < SHORTEST) return show('', true)
  const mine = running = new AbortController()
  try {
    const body = new URLSearchParams(new FormData(form))
    const answer = await fetch(input.dataset.similar, {
      method: 'POST', body, signal: mine.signal, headers: { 'HX-Request': 'true' },
    })
    const html = answer.ok ? await answer.text() : ''
    // An answer to earlier words comes too late: newer ones are on their way, or there already.
    if (mine === running && answer.ok) show(html, quietly)
  } catch {
    // Typing went on, or the network is away: the form itself still works.
    if (mine === running) asked = undefined
  }
}

function note(details) {
  if (!details.open || opened.has(details.dataset.key)) return
  opened.add(details.dataset.key)
  tell('/ask/opened', { key: details.dataset.key })
}

input.addEventListener('input', () => {
  clearTimeout(timer)
  timer = setTimeout(look, WAIT)
})
// The event does not bubble, so it is caught on its way down.
box.addEventListener('toggle', event => { if (event.target.matches('[data-key]')) note(event.target) }, true)

// "None of these": on the page with the text, fold them away and go on there.
box.addEventListener('click', event => {
  if (event.target.closest('.prose a')) event.target.closest('a').target = '_blank'
  const text = form.elements.body
  if (!event.target.closest('[data-none]') || !text) return
  event.preventDefault()
  all().open = false
  form.elements.folded.value = '1'
  tell('/ask/none-helped')
  text.focus()
})

// Suggestions that came with the page are read with it; they may be open by now.
look(Boolean(all()))
box.querySelectorAll('[data-key]').forEach(note)
