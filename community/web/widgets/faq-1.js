// <kundenkreis-faq>: the public FAQ inside the page, in the page's own look. What stands in the element stays
// until the answers are there. Never changes: pages name its checksum.
let count = 0;

class KundenkreisFaq extends HTMLElement {
  connectedCallback() {
    if (this.number) return;
    this.number = ++count;
    // What the page itself put in works as ever.
    this.addEventListener("submit", (event) => {
      if (!event.target.closest(".kk-faq")) return;
      event.preventDefault();
      this.show(`${event.target.action}?${new URLSearchParams(new FormData(event.target))}`, true);
    });
    this.addEventListener("click", (event) => {
      const link = event.target.closest(".kk-faq a[target=_self]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      this.show(link.href, true);
    });
    const address = new URL("/embed/faq", import.meta.url);
    for (const name of ["category", "language"]) {
      if (this.hasAttribute(name)) address.searchParams.set(name, this.getAttribute(name));
    }
    this.show(address, false);
  }

  show(address, wasAsked) {
    this.request?.abort();
    // It parses without scripts and what strict pages forbid.
    const request = (this.request = new XMLHttpRequest());
    request.open("GET", address);
    request.responseType = "document";
    request.onload = () => {
      // A refusal replaces no content, but whoever asked learns of it.
      const found = (wasAsked || request.status === 200) && request.response?.getElementById("kk-faq");
      if (!found) return request.onerror();
      this.replaceChildren(this.apart(document.importNode(found, true)));
      if (wasAsked) this.point(this.querySelector("[role=status]") || this.firstElementChild);
      this.dispatchEvent(new CustomEvent("kundenkreis-faq-shown", { bubbles: true }));
    };
    request.onerror = () => {
      console.warn(`kundenkreis-faq: ${address} ${request.status}`);
      if (wasAsked) this.fail();
    };
    request.onloadend = () => this.removeAttribute("aria-busy");
    this.setAttribute("aria-busy", "true");
    request.send();
  }

  // No id may stand twice in a page.
  apart(shown) {
    const end = this.number > 1 ? `-${this.number}` : "";
    for (const part of [shown, ...shown.querySelectorAll("[id]")]) part.id += end;
    for (const label of shown.querySelectorAll("label")) label.htmlFor += end;
    return shown;
  }

  fail() {
    const shown = this.querySelector(".kk-faq");
    const status = shown.querySelector("[role=status]") || document.createElement("p");
    status.className = "kk-faq__found";
    status.setAttribute("role", "status");
    shown.querySelector("form").after(status);
    status.textContent = shown.dataset.failed;
    this.point(status);
  }

  point(element) {
    element.tabIndex = -1;
    element.focus();
  }
}

if (!customElements.get("kundenkreis-faq")) customElements.define("kundenkreis-faq", KundenkreisFaq);
