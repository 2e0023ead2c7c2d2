// Results under a search field (data-suggest), found while typing.
const WAIT = 250
const SHORTEST = 2

function watch(input, url, show) {
  let timer, running
  input.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(async () => {
      running?.abort()
      const text = input.value.trim()
      if (text.length < SHORTEST) return show('')
      running = new AbortController()
      try {
        const address = `${url}?${new URLSearchParams({ [input.name]: text })}`
        const answer = await fetch(address, { signal: running.signal, headers: { 'HX-Request': 'true' } })
        if (answer.ok) show(answer.status === 204 ? '' : await answer.text())
      } catch {
        // Typing went on, or the network is away: the form itself still works.
      }
    }, WAIT)
  })
}

function searchField(input) {
  const box = document.createElement('div')
  box.className = 'results'
  box.setAttribute('aria-live', 'polite')
  box.hidden = true
  input.form.append(box)
  const close = () => { box.hidden = true }
  watch(input, input.dataset.suggest, html => {
    box.innerHTML = html
    box.hidden = !html.trim() || !input.form.contains(document.activeElement)
  })
  input.form.addEventListener('keydown', event => {
    const links = [...box.querySelectorAll('a')]
    const current = links.indexOf(document.activeElement)
    if (event.key === 'Escape' && !box.hidden) {
      event.preventDefault()
      input.focus()
      close() // after the focus, which opens the list
    } else if (event.key === 'ArrowDown' && links.length) {
      event.preventDefault()
      box.hidden = false
      links[Math.min(current + 1, links.length - 1)].focus()
    } else if (event.key === 'ArrowUp' && current >= 0) {
      event.preventDefault()
      if (current) links[current - 1].focus()
      else input.focus()
    }
  })
  input.form.addEventListener('focusout', event => { if (!input.form.contains(event.relatedTarget)) close() })
  input.addEventListener('focus', () => { box.hidden = !box.innerHTML.trim() })
}

for (const input of document.querySelectorAll('[data-suggest]')) searchField(input)
