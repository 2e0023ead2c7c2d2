// "Insert an FAQ entry" of the toolbar: a search over entries; the one that is picked is put in as its address.
import { announce } from './page.js'

const WAIT = 200

export function pick(area, insert) {
  const button = area.closest('[data-editor]').querySelector('[data-md=faq]')
  const dialog = document.createElement('dialog')
  dialog.className = 'card card--pad pick'
  dialog.innerHTML = `<form method="dialog" class="stack"><label class="label" for="pick-q"></label>
<input class="input" id="pick-q" type="search" autocomplete="off"><div></div><p class="hint"></p>
<p><button class="btn btn--s"></button></p></form>`
  dialog.querySelector('label').textContent = button.title
  dialog.querySelector('.hint').textContent = button.dataset.hint
  dialog.querySelector('button').textContent = button.dataset.close
  document.body.append(dialog)
  const input = dialog.querySelector('input')
  const box = dialog.querySelector('div')
  let timer

  async function look() {
    const q = input.value.trim()
    const address = `/search/suggestions?${new URLSearchParams({ kind: 'faq', q })}`
    const answer = await fetch(address, { headers: { 'HX-Request': 'true' } }).catch(() => {})
    // An answer to earlier words comes too late; without one, what was found before stays.
    if (!answer?.ok || q !== input.value.trim()) return
    box.innerHTML = answer.status === 204 ? '' : await answer.text()
    const said = box.querySelector('[data-said]')?.dataset.said
    if (said) announce(said)
  }
  input.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(look, WAIT)
  })
  // Enter looks for the words, it does not close.
  input.addEventListener('keydown', event => {
    if (event.key !== 'Enter' || event.isComposing) return
    event.preventDefault()
    look()
  })
  box.addEventListener('click', event => {
    const entry = event.target.closest('a')
    if (!entry) return
    event.preventDefault()
    dialog.close(entry.getAttribute('href'))
  })
  dialog.addEventListener('close', () => {
    dialog.remove()
    if (dialog.returnValue.startsWith('/faq/')) insert(area, `\n\n${dialog.returnValue}\n\n`)
    else button.focus()
  })
  dialog.showModal()
}
