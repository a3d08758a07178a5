// The keys of the page. In the field only arrows, Enter and Esc mean something, and / and ? while it is empty, as no
// query begins so; elsewhere single letters do too, unless they are switched off: who speaks to their computer, or has the
// browser find what is typed, would set them off unawares (WCAG 2.1.4).

const LETTERS = "papersearch.letters"; // "off" in the browser's storage, if it lets a page keep anything

/** Listen for keys; the page's parts and what they do are given. */
export function keys({ input, view, list, follow, copy, clear }) {
  const help = document.getElementById("help");
  const letters = document.getElementById("letters");
  try {
    letters.checked = localStorage.getItem(LETTERS) !== "off";
  } catch { /* they are keys until they are switched off again */ }
  letters.addEventListener("change", () => {
    try {
      if (letters.checked) localStorage.removeItem(LETTERS);
      else localStorage.setItem(LETTERS, "off");
    } catch { /* until the page is left, then */ }
  });
  document.getElementById("keys").addEventListener("click", explain);

  function explain() {
    help.showModal();
    help.scrollTop = 0; // the button at its end has the focus, which on a small screen it was scrolled to
  }

  const papers = () => [...view.querySelectorAll("a[data-paper]")];

  function step(by) {
    const links = papers();
    const at = links.indexOf(document.activeElement);
    const to = at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by;
    if (to < 0) return input.focus();
    links[Math.min(to, links.length - 1)]?.focus();
  }

  /** Whether arrows scroll: whoever reads a paper goes to those like it by letter, or once they are on one. */
  const isReading = () => view.dataset.view === "paper" && !papers().includes(document.activeElement);

  function inField(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const by = event.key === "ArrowDown" ? 1 : -1;
      if (list.isOpen()) list.move(by);
      else if (by > 0) step(1);
      else return;
      event.preventDefault();
    } else if (event.key === "Enter" && list.active()) {
      event.preventDefault();
      list.take(list.active());
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (list.isOpen()) list.close();
      else if (input.value) clear();
      else input.blur();
    } else if ((event.key === "/" || event.key === "?") && !input.value) {
      event.preventDefault();
      if (event.key === "?") explain();
    }
  }

  function elsewhere(event) {
    if (event.key.length === 1 && !letters.checked) return;
    if (event.key === "/") input.select(), input.focus();
    else if (event.key === "?") explain();
    else if (event.key === "j" || (event.key === "ArrowDown" && !isReading())) step(1);
    else if (event.key === "k" || (event.key === "ArrowUp" && !isReading())) step(-1);
    else if (event.key === "Escape") {
      const back = view.querySelector("a[data-back]");
      if (back) follow(back);
      else input.focus();
    } else if (event.key === "o") {
      // Of the paper that the arrows are on, or that is read.
      const at = document.activeElement.closest("article")?.querySelector("[data-web]");
      const link = at ?? view.querySelector(".links [data-web]");
      if (!link) return;
      link.click();
    } else if (event.key === "c") {
      const button = view.querySelector("button[data-copy-from]");
      if (!button) return;
      copy(button);
    } else return;
    event.preventDefault();
  }

  document.addEventListener("keydown", (event) => {
    const isComposing = event.isComposing || event.keyCode === 229; // Safari's last key, Enter or Esc, comes after its end
    const isSelecting = event.shiftKey && event.key.startsWith("Arrow");
    if (help.open || isComposing || isSelecting || event.altKey) return;
    if ((event.metaKey || event.ctrlKey) && event.key === "k") {
      event.preventDefault();
      input.select();
      input.focus();
      return;
    }
    if (event.metaKey || event.ctrlKey) return;
    if (event.target === input) inField(event);
    else if (!event.target.matches("input, select, textarea")) elsewhere(event);
  });
}
