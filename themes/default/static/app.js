// Each feature has a way without scripts: a form or a link. Scripts only make it quicker.
import { announce } from './modules/page.js'

document.documentElement.classList.add('js')

// After errors the summary is read first.
document.querySelector('[data-focus]')?.focus()

// Loaded when somebody turns to the field: reading costs nothing.
const MODULES = [
  ['[data-editor]', () => import('./modules/editor.js')],
  ['[data-suggest]', () => import('./modules/suggest.js')],
  ['[data-ask]', () => import('./modules/ask.js')],
  ['[data-mentions]', () => import('./modules/mentions.js')],
  ['form:has([data-draft])', () => import('./modules/draft.js')],
]
function load(element) {
  for (const [selector, module] of MODULES) if (element.closest?.(selector)) module()
}
document.addEventListener('focusin', event => load(event.target))
document.addEventListener('pointerover', event => load(event.target))
load(document.activeElement)
if (document.getElementById('bell')) addEventListener('load', () => import('./modules/live.js'))
if (document.querySelector('[data-passkey]')) import('./modules/passkeys.js')
try { if (localStorage.length) import('./modules/kept.js') } catch {}

// A toggle that was answered tells its new state to screen readers; focus stays by its id.
document.addEventListener('htmx:after:swap', () => {
  const button = document.activeElement
  if (button?.matches('[aria-pressed]')) announce(button.textContent)
})
