// The list of completions under the field, after the combobox pattern of the ARIA practices: the focus stays in the
// field, aria-activedescendant names the line that the arrows are on.

import { ROOT } from "./state.js";

const WAIT_MS = 160;
const MOST = 6;

/** Completions of `input`, shown in `box`; `taken` is called when one was put into the field. */
export function completions(input, box, taken) {
  let timer = 0;
  let at = -1;
  let asked = 0;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", box.id);
  input.setAttribute("aria-expanded", "false");

  function drop() { // no list that is still on its way replaces this one
    clearTimeout(timer);
    asked += 1;
  }

  function close() {
    drop();
    at = -1;
    box.hidden = true;
    box.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function move(step) {
    drop();
    const lines = [...box.children];
    at = (at + step + lines.length + 1) % (lines.length + 1);
    const active = at < lines.length ? lines[at] : null;
    if (active === null) at = -1;
    for (const line of lines) line.setAttribute("aria-selected", String(line === active));
    if (active) input.setAttribute("aria-activedescendant", active.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function take(line) {
    input.value = line.dataset.query;
    close();
    taken();
  }

  async function ask() {
    const mine = (asked += 1);
    const text = input.value;
    try {
      const response = await fetch(ROOT + "api/suggest?" + new URLSearchParams({ q: text, limit: MOST }));
      const data = await response.json();
      if (mine !== asked || document.activeElement !== input) return;
      draw(response.ok ? data.completions : []);
    } catch {
      if (mine === asked) close(); // those of an older text are none of this one
    }
  }

  function draw(found) {
    if (found.length === 0) return close();
    at = -1;
    box.replaceChildren(...found.map(({ text, kind, papers }, number) => {
      const line = document.createElement("li");
      line.id = `completion-${number}`;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", "false");
      line.dataset.query = text;
      const count = document.createElement("span");
      count.className = "count";
      count.textContent = kind === "word" ? papers.toLocaleString("en") : `${kind}, ${papers.toLocaleString("en")}`;
      const shown = document.createElement("span");
      shown.textContent = text;
      line.append(shown, count);
      return line;
    }));
    box.hidden = false;
    input.setAttribute("aria-expanded", "true");
    input.removeAttribute("aria-activedescendant");
  }

  box.addEventListener("mousedown", (event) => {
    const line = event.target.closest("li");
    if (!line) return;
    event.preventDefault(); // the focus stays in the field
    take(line);
  });
  input.addEventListener("blur", close);

  return {
    close,
    isOpen: () => !box.hidden,
    active: () => (at >= 0 ? box.children[at] : null),
    move,
    take,
    typed() {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT_MS);
    },
  };
}
