// News without a reload: the count at the bell, and new answers of the thread that is being read.
// Listens only while the page is seen, so that many tabs do not use up the few connections of a browser.
import { announce } from './page.js'

const FIRST_PAUSE = 2000
const LONGEST_PAUSE = 600_000
const link = document.getElementById('news')
let source
let timer
let pause = FIRST_PAUSE
let last = ''

const shows = {
  bell({ label, shown }) {
    const bell = document.getElementById('bell')
    bell.ariaLabel = label
    bell.querySelector('b')?.remove()
    if (!shown) return
    const count = document.createElement('b')
    count.ariaHidden = 'true'
    count.textContent = shown
    bell.append(count)
  },
  async told({ text }) {
    announce(text)
    const list = document.getElementById('notifications')
    if (!list || list.contains(document.activeElement)) return
    const fresh = (await load(location.href)).page.getElementById('notifications')
    if (fresh) replace(list, fresh)
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
  return { url: new URL(answer.url), page: new DOMParser().parseFromString(await answer.text(), 'text/html') }
}

function replace(old, fresh) {
  old.replaceWith(fresh)
  htmx.process(fresh)
}

// The new answers join those on the page if it is the page they stand on; otherwise the link leads there.
async function join(href) {
  const { url, page } = await load(href)
  const fresh = page.getElementById('posts')
  if (!fresh || url.pathname + url.search !== location.pathname + location.search) return false
  const list = document.getElementById('posts')
  // Where the solution stands in the row there is only a line that leads to it.
  const posts = [...fresh.querySelectorAll('article')]
  const added = posts.filter(post => !document.getElementById(post.id))
  const heading = document.getElementById('answers')
  if (!added.length) return false
  if (list) for (const post of added) list.append(post.closest('li'))
  else heading.after(fresh)
  htmx.process(document.getElementById('posts'))
  heading.querySelector('h2').textContent = page.querySelector('#answers h2').textContent
  heading.dataset.live = page.getElementById('answers').dataset.live
  added[0].tabIndex = -1
  added[0].focus()
  return true
}

link?.addEventListener('click', async event => {
  event.preventDefault()
  const href = link.href
  link.hidden = true
  close()
  if (!await join(href).catch(() => false)) location.assign(href)
  open()
})

function open() {
  clearTimeout(timer)
  if (source || document.hidden) return
  const about = new URLSearchParams(document.getElementById('answers')?.dataset.live)
  about.set('language', document.documentElement.lang)
  if (last) about.set('last', last)
  source = new EventSource(`/live?${about}`)
  for (const name in shows) source.addEventListener(name, event => {
    pause = FIRST_PAUSE
    last = event.lastEventId || last
    shows[name](JSON.parse(event.data))
  })
  source.onerror = () => {
    // Otherwise the browser comes back by itself.
    if (source?.readyState !== EventSource.CLOSED) return
    close()
    timer = setTimeout(open, pause)
    pause = Math.min(pause * 2, LONGEST_PAUSE)
  }
}

function close() {
  clearTimeout(timer)
  source?.close()
  source = undefined
}

document.addEventListener('visibilitychange', () => document.hidden ? close() : open())
open()
