// Attaching without sending the form: chosen, dropped or pasted files go up one after the other, each with its progress.
// What they become, and why one is refused, is said by the server in the very words it uses without scripts.
import { announce } from './page.js'

for (const box of document.querySelectorAll('[data-attach]')) {
  const { attach: url, place, most } = box.dataset
  const input = box.querySelector('input[type=file]')
  const ids = box.querySelector('input[name=attachments]')
  const list = box.querySelector('ul')
  const form = input.form
  const hint = box.querySelector('.hint')
  let last = Promise.resolve()
  box.querySelector('button[value=attach]').hidden = true

  const files = () => [...list.querySelectorAll('[data-file]')]
  function changed() {
    ids.value = files().map(each => each.dataset.file).join()
    list.hidden = !list.children.length
    input.disabled = files().length >= most
  }

  function refuse(item, nodes, words) {
    item.className = 'err'
    item.style.gridTemplateColumns = ''
    item.replaceChildren(...nodes)
    announce(words)
    setTimeout(() => { item.remove(); changed() }, 12000)
  }

  // XMLHttpRequest, because fetch does not tell how much has gone up.
  function send(file) {
    const item = document.createElement('li')
    const words = document.createElement('span')
    const bar = document.createElement('progress')
    words.textContent = file.name
    bar.max = 1
    bar.setAttribute('aria-label', file.name)
    words.append(bar)
    item.append(document.createElement('span'), words)
    list.append(item)
    changed()
    return new Promise(done => {
      const request = new XMLHttpRequest()
      const body = new FormData()
      body.set('place', place)
      body.set('attachments', ids.value)
      body.set('files', file, file.name)
      // Once all has gone up the bar only says that something goes on: the file is being checked.
      request.upload.onprogress = event => {
        if (event.loaded < event.total) bar.value = event.loaded / event.total
        else bar.removeAttribute('value')
      }
      request.onloadend = () => {
        const made = new DOMParser().parseFromString(request.responseText, 'text/html')
        const line = made.querySelector('[data-file]')
        const error = made.querySelector('.err')
        if (request.status === 200 && line) {
          item.replaceWith(line)
          announce(line.innerText)
        } else if (error) refuse(item, error.childNodes, error.textContent)
        else refuse(item, [document.body.dataset.failed], document.body.dataset.failed)
        changed()
        done()
      }
      request.open('POST', url)
      request.setRequestHeader('HX-Request', 'true')
      request.send(body)
    })
  }

  function take(chosen) {
    for (const file of chosen) last = last.then(() => send(file))
  }

  input.addEventListener('change', () => {
    const chosen = [...input.files]
    input.value = ''
    take(chosen)
  })
  list.addEventListener('click', event => {
    const button = event.target.closest('button[name=remove]')
    if (!button) return
    event.preventDefault()
    // One that is posted goes when the edit is saved; the server keeps it until then and answers so.
    fetch(`${url}/${button.value}/remove`, { method: 'POST', headers: { 'HX-Request': 'true' } }).catch(() => {})
    button.closest('li').remove()
    changed()
    input.focus()
  })
  form.addEventListener('paste', event => {
    const pasted = [...event.clipboardData.files]
    // Word processors put a picture of the words beside the words.
    if (!pasted.length || event.clipboardData.types.includes('text/plain')) return
    event.preventDefault()
    take(pasted)
  })
  const holds = event => event.dataTransfer?.types.includes('Files')
  form.addEventListener('dragover', event => {
    if (!holds(event)) return
    event.preventDefault()
    box.classList.add('attach--over')
  })
  form.addEventListener('dragleave', () => box.classList.remove('attach--over'))
  form.addEventListener('drop', event => {
    box.classList.remove('attach--over')
    if (!holds(event)) return
    event.preventDefault()
    take([...event.dataTransfer.files])
  })
  // What is still on its way goes up first, then the form.
  form.addEventListener('submit', event => {
    if (!list.querySelector('progress')) return
    event.preventDefault()
    const { submitter } = event
    last.then(() => form.requestSubmit(submitter))
  })
}
