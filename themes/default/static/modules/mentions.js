// Completes nicknames after "@". The server answers the letters typed so far with a JSON list of nicknames.
const TYPED = /(?:^|[\s(])@([\p{L}\p{N}_.-]{1,40})$/u
let count = 0

function completeMentions(area) {
  const list = document.createElement('ul')
  list.className = 'mentions'
  list.id = `mentions-${++count}`
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', area.dataset.mentionsLabel ?? '@')
  list.hidden = true
  area.parentElement.classList.add('with-mentions')
  area.after(list)
  let names = [], chosen = 0, asked = ''

  function close() {
    list.hidden = true
    area.removeAttribute('aria-activedescendant')
    area.removeAttribute('aria-controls')
  }

  function show() {
    list.replaceChildren(...names.map((name, index) => {
      const option = document.createElement('li')
      option.id = `${list.id}-${index}`
      option.setAttribute('role', 'option')
      option.setAttribute('aria-selected', index === chosen)
      option.textContent = name
      return option
    }))
    list.hidden = !names.length
    if (names.length) {
      area.setAttribute('aria-controls', list.id)
      area.setAttribute('aria-activedescendant', `${list.id}-${chosen}`)
    } else close()
  }

  function choose(index) {
    const end = area.selectionStart
    const start = end - asked.length
    area.focus()
    area.setSelectionRange(start, end)
    if (!document.execCommand('insertText', false, `${names[index]} `)) {
      area.setRangeText(`${names[index]} `, start, end, 'end')
    }
    close()
  }

  area.addEventListener('input', async () => {
    const typed = area.value.slice(0, area.selectionStart).match(TYPED)?.[1]
    if (!typed) return close()
    asked = typed
    try {
      const answer = await fetch(`${area.dataset.mentions}?${new URLSearchParams({ q: typed })}`)
      const found = answer.ok && (await answer.json()).slice(0, 6)
      if (asked !== typed || !found) return
      // Who was picked with the arrows while the answer was on its way stays picked.
      const kept = list.hidden ? undefined : names[chosen]
      names = found
      chosen = Math.max(0, names.indexOf(kept))
      show()
    } catch {
      close()
    }
  })
  area.addEventListener('keydown', event => {
    if (list.hidden) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) {
      event.preventDefault()
      chosen = (chosen + step + names.length) % names.length
      show()
    } else if ((event.key === 'Enter' || event.key === 'Tab') && !event.ctrlKey && !event.metaKey) {
      event.preventDefault()
      choose(chosen)
    } else if (event.key === 'Escape') {
      event.preventDefault()
      close()
    }
  })
  area.addEventListener('blur', close)
  // Before the blur, which would close the list under the pointer.
  list.addEventListener('mousedown', event => {
    event.preventDefault()
    const option = event.target.closest('li')
    if (option) choose([...list.children].indexOf(option))
  })
}

for (const area of document.querySelectorAll('[data-mentions]')) completeMentions(area)
