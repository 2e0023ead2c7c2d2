// Makes or uses a passkey when its form is sent: what the browser answers goes into the form's hidden field.
const KEPT = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']

const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), each => each.charCodeAt(0))
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')

function asked(form) {
  const options = JSON.parse(form.dataset.options)
  options.challenge = bytes(options.challenge)
  if (options.user) options.user.id = bytes(options.user.id)
  for (const each of [...options.allowCredentials ?? [], ...options.excludeCredentials ?? []]) each.id = bytes(each.id)
  return { publicKey: options }
}

function answer(made) {
  const response = {}
  for (const name of KEPT) if (made.response[name]) response[name] = text(made.response[name])
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} })
}

for (const form of document.querySelectorAll('[data-passkey]')) {
  form.addEventListener('submit', async event => {
    event.preventDefault()
    const problem = form.querySelector('[data-problem]')
    problem.hidden = true
    try {
      form.elements.credential.value = answer(await navigator.credentials[form.dataset.passkey](asked(form)))
      form.submit()
    } catch {
      problem.hidden = false
    }
  })
}
