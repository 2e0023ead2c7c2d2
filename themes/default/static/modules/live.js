// News without a reload. Listens only while the page is seen: a browser has few connections for its many tabs.
import { announce } from './page.js'

const link = document.getElementById('news')
let source
let last = ''

const shows = {
  bell({ label, shown }) {
    const bell = document.getElementById('bell')
    const count = bell.querySelector('b')
    bell.ariaLabel = label
    count.textContent = shown
    count.hidden = !shown
  },
  async told({ text }) {
    announce(text)
    const list = document.getElementById('notifications')
    if (!list || list.contains(document.activeElement)) return
    const fresh = (await load(location)).page.getElementById('notifications')
    list.replaceWith(fresh)
    htmx.process(fresh)
  },
  answers({ text, url }) {
    link.hidden = !url
    link.href = url
    link.querySelector('span').textContent = text
    if (text) announce(text)
  },
  end: close,
}

async function load(url) {
  const answer = await fetch(url)
  return { url: answer.url, page: new DOMParser().parseFromString(await answer.text(), 'text/html') }
}

async function join() {
  const { url, page } = await load(link.href)
  const list = document.getElementById('posts')
  if (!list || url.split('#')[0] !== location.href.split('#')[0]) return
  const added = [...page.querySelectorAll('#posts article')].filter(post => !document.getElementById(post.id))
  for (const post of added) list.append(post.closest('li'))
  htmx.process(list)
  document.getElementById('answers').replaceWith(page.getElementById('answers'))
  added[0].tabIndex = -1
  added[0].focus()
  return true
}

link?.addEventListener('click', async event => {
  event.preventDefault()
  close()
  if (!await join().catch(() => {})) location = link.href
  link.hidden = true
  open()
})

function open() {
  if (source || document.hidden) return
  const about = new URLSearchParams(document.getElementById('answers')?.dataset.live)
  about.set('language', document.documentElement.lang)
  about.set('last', last)
  source = new EventSource(`/live?${about}`)
  for (const name in shows) source.addEventListener(name, event => {
    last = event.lastEventId || last
    shows[name](JSON.parse(event.data))
  })
  source.onerror = () => {
    // From other states the browser comes back by itself.
    if (source?.readyState !== EventSource.CLOSED) return
    close()
    setTimeout(open, 60_000)
  }
}

function close() {
  source?.close()
  source = undefined
}

document.addEventListener('visibilitychange', () => document.hidden ? close() : open())
open()
