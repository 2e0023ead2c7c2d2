// The one live region of the page. Emptied first, so that the same words are read again; what comes together is read
// together.
let words = []

export function announce(text) {
  const region = document.getElementById('live')
  region.textContent = ''
  words.push(text.trim().replace(/\s+/g, ' '))
  if (words.length === 1) setTimeout(() => {
    region.textContent = words.join('. ')
    words = []
  }, 50)
}

// A request that failed replaces nothing in the page; it is said, and stays said until the next attempt.
const box = document.getElementById('problem')

export function failed() {
  box.textContent = document.body.dataset.failed
  box.hidden = false
}

export function cleared() {
  box.hidden = true
  box.textContent = ''
}

document.addEventListener('htmx:before:request', cleared)
document.addEventListener('htmx:error', failed)
document.addEventListener('htmx:response:error', event => {
  const status = event.detail?.ctx?.response?.status ?? 500
  // 4xx answers are pages of their own (an error in the form, "please log in") and are shown in place.
  if (status >= 500) failed()
})
box.addEventListener('click', cleared)

// Menus under a post are <details>: they open by themselves. Here they also close like menus do.
const open = () => document.querySelectorAll('details.more[open]')

document.addEventListener('click', event => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false
})
document.addEventListener('keydown', event => {
  if (event.key !== 'Escape') return
  for (const menu of open()) {
    menu.open = false
    if (menu.contains(document.activeElement)) menu.querySelector('summary').focus()
  }
})
