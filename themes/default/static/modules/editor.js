// Markdown toolbar and preview. Text is inserted the way typing does it, so the browser's undo keeps working.
import { cleared, failed } from './page.js'

const SHORTCUTS = { b: 'bold', i: 'italic', k: 'link' }

function insert(area, text) {
  area.focus()
  if (!document.execCommand('insertText', false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end')
    area.dispatchEvent(new Event('input', { bubbles: true }))
  }
}

function surround(area, before, after = before) {
  const { selectionStart: start, selectionEnd: end, value } = area
  const text = value.slice(start, end) || area.dataset.placeholder
  insert(area, before + text + after)
  area.setSelectionRange(start + before.length, start + before.length + text.length)
}

function eachLine(area, change) {
  const { selectionStart: start, selectionEnd: end, value } = area
  const lines = (value.slice(start, end) || area.dataset.placeholder).split('\n').map(change).join('\n')
  insert(area, (start && value[start - 1] !== '\n' ? '\n' : '') + lines)
}

const ACTIONS = {
  bold: area => surround(area, '**'),
  italic: area => surround(area, '_'),
  link: area => surround(area, '[', '](https://)'),
  list: area => eachLine(area, line => `- ${line}`),
  numbers: area => eachLine(area, (line, index) => `${index + 1}. ${line}`),
  quote: area => eachLine(area, line => `> ${line}`),
  code: area => {
    const { selectionStart: start, selectionEnd: end, value } = area
    surround(area, ...(value.slice(start, end).includes('\n') ? ['```\n', '\n```'] : ['`']))
  },
  faq: area => import('./faq.js').then(faq => faq.pick(area, insert)),
}

// One stop for the Tab key; arrows, Home and End move inside the toolbar.
function rove(bar) {
  const buttons = [...bar.querySelectorAll('button')]
  for (const button of buttons.slice(1)) button.tabIndex = -1
  bar.addEventListener('keydown', event => {
    const current = buttons.indexOf(document.activeElement)
    const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -current, End: buttons.length - 1 - current }
    if (!(event.key in steps) || current < 0) return
    event.preventDefault()
    const next = buttons[(current + steps[event.key] + buttons.length) % buttons.length]
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1
    next.focus()
  })
}

for (const editor of document.querySelectorAll('[data-editor]')) {
  const bar = editor.querySelector('[role=toolbar]')
  const area = editor.querySelector('textarea')
  rove(bar)
  bar.addEventListener('click', event => ACTIONS[event.target.closest('button')?.dataset.md]?.(area))
  area.addEventListener('keydown', event => {
    if (!event.ctrlKey && !event.metaKey) return
    const action = ACTIONS[SHORTCUTS[event.key.toLowerCase()]]
    if (action) {
      event.preventDefault()
      action(area)
    }
    if (event.key === 'Enter') area.form.requestSubmit(area.form.querySelector('button.btn--primary'))
  })
}

if (document.querySelector('[data-attach]')) import('./attach.js')

// A button name=do value=preview is a form post of its own; here its answer is put under the editor instead.
document.addEventListener('click', async event => {
  const button = event.target.closest('button[name=do][value=preview]')
  const section = button?.form?.querySelector('.preview')
  if (!section) return
  event.preventDefault()
  cleared()
  const body = new URLSearchParams(new FormData(button.form, button))
  try {
    const answer = await fetch(button.form.action, { method: 'POST', body, headers: { 'HX-Request': 'true' } })
    if (!answer.ok) throw answer
    const made = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('.preview')
    section.replaceChildren(...made.childNodes)
    section.hidden = made.hidden
  } catch {
    failed()
  }
})
