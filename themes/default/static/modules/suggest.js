// Results under a search field (data-suggest), found while typing.
import { announce } from './page.js'

const WAIT = 120
const SHORTEST = 2
const KEPT = 30

// Asks once typing pauses. An answer is shown only while the field still holds the words it answers.
function watch(input, url, show) {
  const kept = new Map()
  let timer, running
  const asked = () => input.value.trim().replace(/\s+/g, ' ')
  async function ask() {
    running?.abort()
    const text = asked()
    if (text.length < SHORTEST) return show('')
    if (kept.has(text)) return show(kept.get(text))
    running = new AbortController()
    try {
      const address = `${url}?${new URLSearchParams({ [input.name]: text })}`
      const answer = await fetch(address, { signal: running.signal, headers: { 'HX-Request': 'true' } })
      const html = answer.ok && answer.status !== 204 ? await answer.text() : ''
      if (text !== asked()) return
      if (html) {
        if (kept.size >= KEPT) kept.clear()
        kept.set(text, html)
      }
      show(html)
    } catch (error) {
      // Typing went on: a newer answer is on its way. Or the network is away: the form itself still works.
      if (error.name !== 'AbortError') show('')
    }
  }
  const wait = () => {
    clearTimeout(timer)
    timer = setTimeout(ask, WAIT)
  }
  input.addEventListener('input', event => { if (!event.isComposing) wait() })
  input.addEventListener('compositionend', wait)
  // Words typed before this script was there.
  if (document.activeElement === input && input.value !== input.defaultValue) wait()
}

// A combobox: the focus stays in the field, arrows pick a result of the list below, Enter opens it.
function searchField(input) {
  const box = document.createElement('div')
  box.className = 'results'
  box.id = `${input.id}-results`
  box.hidden = true
  input.form.append(box)
  input.setAttribute('role', 'combobox')
  input.setAttribute('aria-autocomplete', 'list')
  input.setAttribute('aria-expanded', 'false')
  let list, options = [], picked = -1

  function pick(index) {
    options[picked]?.setAttribute('aria-selected', 'false')
    picked = index
    const option = options[picked]
    if (!option) return input.removeAttribute('aria-activedescendant')
    option.setAttribute('aria-selected', 'true')
    input.setAttribute('aria-activedescendant', option.id)
    // Scrolls the list, never the page.
    const above = option.offsetTop - list.scrollTop, below = above + option.offsetHeight - list.clientHeight
    if (above < 0) list.scrollTop += above
    else if (below > 0) list.scrollTop += below
  }
  function close() {
    box.hidden = true
    input.setAttribute('aria-expanded', 'false')
    input.removeAttribute('aria-controls')
    pick(-1)
  }
  function open() {
    if (!options.length || !input.form.contains(document.activeElement)) return close()
    box.hidden = false
    input.setAttribute('aria-expanded', 'true')
    input.setAttribute('aria-controls', list.id)
  }

  watch(input, input.dataset.suggest, html => {
    pick(-1)
    box.innerHTML = html
    options = [...box.querySelectorAll('[role=option]')]
    list = box.querySelector('[role=listbox]')
    if (list) {
      list.id = `${box.id}-list`
      list.tabIndex = -1 // the arrows scroll it; Tab leaves
    }
    for (const [index, option] of options.entries()) option.id = `${box.id}-${index}`
    for (const head of box.querySelectorAll('.instant__h')) {
      head.id = `${box.id}-${head.id}`
      head.parentElement.setAttribute('aria-labelledby', head.id)
    }
    open()
    if (list && !box.hidden) announce(list.dataset.count)
  })
  input.addEventListener('keydown', event => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.shiftKey) return
    const last = options.length - 1
    const next = {
      ArrowDown: picked < last ? picked + 1 : -1,
      ArrowUp: picked < 0 ? last : picked - 1,
      Home: picked >= 0 ? 0 : undefined,
      End: picked >= 0 ? last : undefined,
    }[event.key]
    if (event.key === 'Escape' && !box.hidden) {
      event.preventDefault() // The first press closes the list, the next one empties the field.
      close()
    } else if (event.key === 'Tab') {
      close()
    } else if (event.key === 'Enter' && picked >= 0 && !box.hidden) {
      event.preventDefault()
      options[picked].click()
    } else if (next !== undefined && options.length) {
      event.preventDefault()
      if (box.hidden) open()
      pick(next)
    }
  })
  input.addEventListener('focus', open)
  input.addEventListener('click', () => { if (box.hidden) open() })
  input.form.addEventListener('focusout', event => { if (!input.form.contains(event.relatedTarget)) close() })
  input.form.addEventListener('submit', close)
  // Pressing a result must not take the focus from the field first: the list would close under the finger.
  box.addEventListener('mousedown', event => event.preventDefault())
}

for (const input of document.querySelectorAll('[data-suggest]')) searchField(input)
