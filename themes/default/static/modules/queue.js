// The queue of staff by keyboard, and who is on what while the page is open. All of it works without scripts as well.
import { announce } from './page.js'

const items = [...document.querySelectorAll('[data-work]')]
const page = document.querySelector('[data-looking]')
const keys = document.getElementById('keys')
const STORE = 'queue-keys'

// --- keys: single letters, so they are off while somebody types, and can be switched off for good ---

const on = keys.querySelector('[data-keys-on]')
keys.hidden = false
on.checked = localStorage.getItem(STORE) !== 'off'
on.addEventListener('change', () => localStorage.setItem(STORE, on.checked ? 'on' : 'off'))

const here = () => page ?? document.activeElement.closest?.('[data-work]') ?? null

function move(step) {
  if (page || !items.length) return
  const place = items.indexOf(here())
  const next = items[Math.max(0, Math.min(items.length - 1, place < 0 ? 0 : place + step))]
  next.querySelector('[data-open]').focus()
}

function send(act) {
  here()?.querySelector(`[data-do=${act}]`)?.requestSubmit()
}

// A fold of the item's page; from the list, the page is opened at it.
function unfold(id) {
  const fold = document.getElementById(id)
  if (fold) {
    fold.open = true
    const first = fold.querySelector('select') ?? fold.querySelector('summary')
    first.focus()
  } else if (here() && !page) location = `${here().querySelector('[data-open]').href}#${id}`
}

const ACTS = {
  j: () => move(1),
  k: () => move(-1),
  c: () => send('claim'),
  r: () => send('release'),
  s: () => unfold('snooze'),
  h: () => unfold('hand'),
  n: () => (location = '/moderation/next'),
  '?': () => {
    keys.open = !keys.open
    keys.querySelector('summary').focus()
  },
}
const ARROWS = { ArrowDown: ACTS.j, ArrowUp: ACTS.k }

document.addEventListener('keydown', event => {
  const { key, target } = event
  if (!on.checked || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return
  if (target.closest('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]')) return
  // Arrows scroll, unless somebody is in the list already.
  const act = ACTS[key] ?? (!page && here() && ARROWS[key])
  if (!act) return
  event.preventDefault()
  act()
})

if (['#snooze', '#hand'].includes(location.hash)) unfold(location.hash.slice(1))

// --- who is on it ---

let works = true
for (const name of ['pointerdown', 'keydown']) addEventListener(name, () => { works = true }, { passive: true })

function say(element, text) {
  if (!element || element.textContent.trim() === text) return
  element.textContent = text
  if (text) announce(text)
}

async function lookAtItem() {
  const answer = await fetch(page.dataset.looking, { method: 'POST', body: new URLSearchParams({ works: works ? '1' : '' }) })
  if (!answer.ok) return
  works = false
  const { holder, looking } = await answer.json()
  if (holder) say(page.querySelector('[data-desk]'), holder)
  say(page.querySelector('[data-lookers]'), looking)
}

async function lookAtList() {
  const ids = items.map(item => item.id.split('-')[1])
  const answer = await fetch(`/moderation/holders?ids=${ids}`)
  if (!answer.ok) return
  const holders = await answer.json()
  for (const item of items) {
    const text = holders[item.id.split('-')[1]]
    const shown = item.querySelector('[data-holder]')
    if (text === undefined) item.classList.add('muted')
    else if (shown.textContent.trim() !== text) {
      shown.className = 'st st--warn'
      shown.textContent = text
    }
  }
}

const look = page ? lookAtItem : lookAtList
const EVERY = page ? 15_000 : 8_000
function again() {
  if (!document.hidden && (page || items.length)) look().catch(() => {})
}
again()
setInterval(again, EVERY)
document.addEventListener('visibilitychange', again)
