// <kundenkreis-faq>: shows the public FAQ inside the page, in the page's own look. What stands in the element
// stays until the answers are there, and for good where they do not come.
//
// This file never changes: pages name it with a checksum. What is to work differently is a file with another number.
const home = new URL(import.meta.url).origin;

function load(address, wasAsked) {
  // A document is parsed here without scripts and without the functions that strict pages forbid.
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.onload = () => {
      // To whoever has asked for something, an answer that refuses says why; it does not replace the first content.
      const fits = (wasAsked || request.status === 200) && request.responseXML;
      const found = fits && request.responseXML.getElementById("kk-faq");
      found ? done(found) : failed(new Error(`${address}: ${request.status}`));
    };
    request.onerror = () => failed(new Error(address));
    request.send();
  });
}

class KundenkreisFaq extends HTMLElement {
  connectedCallback() {
    if (this.isListening) return;
    this.isListening = true;
    const address = new URL("/embed/faq", home);
    for (const name of ["category", "language"]) {
      if (this.hasAttribute(name)) address.searchParams.set(name, this.getAttribute(name));
    }
    this.addEventListener("submit", (event) => {
      event.preventDefault();
      const next = new URL(event.target.action);
      next.search = new URLSearchParams(new FormData(event.target)).toString();
      this.show(next, true);
    });
    this.addEventListener("click", (event) => {
      const link = event.target.closest("a[target=_self]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      this.show(link.href, true);
    });
    this.show(address, false);
  }

  async show(address, wasAsked) {
    const turn = (this.turn = (this.turn || 0) + 1);
    this.setAttribute("aria-busy", "true");
    try {
      const found = await load(address, wasAsked);
      if (turn !== this.turn) return;
      this.replaceChildren(document.importNode(found, true));
      if (wasAsked) this.point(this.querySelector("[role=status]") || this.firstElementChild);
      this.dispatchEvent(new CustomEvent("kundenkreis-faq-shown", { bubbles: true }));
    } catch (problem) {
      console.warn("kundenkreis-faq:", problem.message);
      if (wasAsked && turn === this.turn) this.fail();
    } finally {
      if (turn === this.turn) this.removeAttribute("aria-busy");
    }
  }

  fail() {
    const shown = this.querySelector("#kk-faq");
    if (!shown) return;
    let status = shown.querySelector("[role=status]");
    if (!status) {
      status = document.createElement("p");
      status.className = "kk-faq__found";
      status.setAttribute("role", "status");
      shown.querySelector("form").after(status);
    }
    status.textContent = shown.dataset.failed;
    this.point(status);
  }

  point(element) {
    element.tabIndex = -1;
    element.focus();
  }
}

if (!customElements.get("kundenkreis-faq")) customElements.define("kundenkreis-faq", KundenkreisFaq);
