// The page, live: results while typing, filters and pages without reloading, keys. All content is made by the server;
// this puts it in place, keeps the address, and says aloud what changed. Without it, links and the form do the same.

import { ROOT, address, changed, fromForm, stateOf } from "./state.js";
import { write } from "./clipboard.js";
import { latest } from "./latest.js";
import { completions } from "./completions.js";
import { keys } from "./keys.js";

const form = document.getElementById("search");
const input = document.getElementById("q");
const view = document.getElementById("view");
const filters = document.getElementById("filters");
const announcer = document.getElementById("announcer");
const TYPING_MS = 90; // after the last letter, before the results are asked for
const FACETS_MS = 250; // after the results, before the counts are
const PAUSE_MS = 1500; // of no typing, before the address becomes a step of its own in the history
const LOOK_MS = 30_000; // between looks whether the index is a newer one

const narrow = matchMedia("(max-width: 53.75em)"); // as in style.css

const results = latest();
const counts = latest();
let asking = 0; // the timers of TYPING_MS, FACETS_MS, PAUSE_MS, and of what may pass
let counting = 0;
let pausing = 0;
let passing = 0;
let fresh = true; // whether the next change of the address is a new step in the history
let shown = location.pathname + location.search; // what was asked for last
let viewed = location.search; // and of which the content is there, and the counts beside it
let counted = location.search;
let generation = view.querySelector("[data-generation]")?.dataset.generation;

document.documentElement.classList.add("live");
arrange();
narrow.addEventListener("change", arrange);
document.getElementById("keys").hidden = false;

/** Filters come before or after the papers as they stand on the screen, so that Tab goes on where one looks. */
function arrange() {
  const focused = document.activeElement;
  if (narrow.matches) view.after(filters);
  else view.before(filters);
  if (filters.contains(focused)) focused.focus({ preventScroll: true });
}

/** Where the content for an address comes from. */
function part(path, search) {
  const below = path.slice(ROOT.length);
  return ROOT + (below ? "part/" + below : "part") + search;
}

/** Put HTML in place. Its links begin at the root, wherever the address of the page has led or leads meanwhile. */
function put(place, html) {
  place.innerHTML = html;
  for (const link of place.querySelectorAll('a[href^="./"]')) link.href = ROOT + link.getAttribute("href").slice(2);
}

/** Whether what is typed was asked while its last word may go on. The address says so, so that filters count the papers
 * that are shown, and the next page, a reload and whoever gets the address find the same. */
function isUnfinished() {
  const asked = new URL(shown, location.origin).searchParams;
  return asked.has("prefix") && asked.get("q") === input.value.trim();
}

/** Show an address: fetch its content, put it in place, fetch the counts after it. Answers to earlier calls are dropped. */
async function show(target, { typing = false, focus = false, record = "push", scroll = true } = {}) {
  const url = new URL(target, location.origin);
  const same = url.pathname + url.search === shown;
  const left = view.dataset.view === "paper" ? location.origin + shown : null;
  if (record === "push" && !same) history.pushState({ y: 0 }, "", url);
  else if (record === "replace") history.replaceState(history.state, "", url);
  shown = url.pathname + url.search;
  view.classList.add("busy");
  const answer = await results(part(url.pathname, url.search));
  if (answer === null) return;
  view.classList.remove("busy");
  const inside = view.contains(document.activeElement);
  const chosen = document.activeElement?.href;
  put(view, answer.text);
  viewed = url.search;
  document.title = answer.title || "papersearch";
  if (scroll) scrollTo(0, 0);
  if (focus) view.focus({ preventScroll: true }); // which would put its first line below the header
  // Whoever went on with the arrows stays on their paper, and whoever comes back goes on from the one they read. Where
  // the link that was followed is gone, as that to the next page, they begin above the new ones.
  else if (inside) {
    const link = linkTo(chosen) ?? linkTo(left);
    (link ?? view).focus({ preventScroll: !scroll || !link });
  }
  settle(url.pathname === ROOT);
  announce(record === "none");
  clearTimeout(counting);
  if (url.pathname === ROOT && answer.ok) {
    counting = setTimeout(() => count(url.search), typing ? FACETS_MS : 0);
  } else {
    filters.replaceChildren();
  }
}

/** The link of the new content to the same address, if it has one, whether or not a word has ended meanwhile. */
function linkTo(address) {
  if (!address) return undefined;
  const wanted = ended(address);
  return [...view.querySelectorAll("a[href]")].find((link) => ended(link.href) === wanted);
}

function ended(address) {
  try {
    const url = new URL(address);
    url.searchParams.delete("prefix");
    return url.href;
  } catch { // what a post says is one, which may be anything
    return address;
  }
}

async function count(search) {
  const query = new URLSearchParams(search);
  query.delete("offset");
  const answer = await counts(ROOT + "part/facets?" + query);
  if (!answer?.ok || view.dataset.view !== "results") return;
  putFilters(answer.text);
  counted = search;
}

/** New counts in place of the old ones: groups that were closed stay closed, and who was on a filter stays on it. */
function putFilters(html) {
  const named = (each) => (each.querySelector("span") ?? each).textContent.trim();
  const names = (which) => [...filters.querySelectorAll(which)].map(named);
  const closed = names("details:not([open]) > summary");
  const on = names(":focus");
  put(filters, html);
  for (const summary of filters.querySelectorAll("summary")) {
    summary.parentElement.open = !closed.includes(named(summary));
  }
  if (!on.length) return;
  const again = [...filters.querySelectorAll("a, summary")].find((each) => on.includes(named(each)));
  (again ?? view).focus({ preventScroll: true }); // on a narrow screen they stand below the results
}

/** What each new content needs: buttons that only work with a script, and another look after a while if it may pass, as
 * that the index is being made. */
function settle(isResults) {
  view.dataset.view = isResults ? "results" : "paper";
  for (const button of view.querySelectorAll("button.copy")) button.hidden = false;
  generation = view.querySelector("[data-generation]")?.dataset.generation ?? generation;
  clearTimeout(passing);
  const again = view.querySelector("[data-again]")?.dataset.again;
  if (again) passing = setTimeout(() => show(shown, { record: "none", scroll: false }), Number(again));
}

/** Say aloud what was found and what is advised, or a heading; of what was asked for again only if it is something else. */
function announce(isAgain) {
  const said = view.querySelectorAll(view.querySelector("[data-said]") ? "[data-said]" : "h1");
  const text = [...said].map((each) => each.textContent.trim().replace(/\s+/g, " ")).join(". ");
  const isNews = text !== announcer.textContent && !view.querySelector("progress"); // how far something is, is none
  if (!isAgain || isNews) announcer.textContent = text;
}

function typed() {
  clearTimeout(asking);
  asking = setTimeout(() => {
    const target = address(fromForm(form, true));
    const record = fresh ? "push" : "replace";
    fresh &&= target === shown; // a blank after the last word asks nothing new, and is no step
    show(target, { typing: true, record });
    clearTimeout(pausing);
    pausing = setTimeout(() => { fresh = true; }, PAUSE_MS);
  }, TYPING_MS);
}

/** The form as the address has it, hidden filters included; what was typed and not asked yet is gone. */
function fill(url) {
  clearTimeout(asking);
  const state = stateOf(url);
  if (document.activeElement !== input || input.value.trim() !== state.q) input.value = state.q;
  form.elements.sort.value = state.sort;
  form.elements.match.value = state.match;
  for (const old of form.querySelectorAll("input[type=hidden]")) old.remove();
  for (const [name, value] of state.filters) {
    const hidden = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    form.append(hidden);
  }
}

const list = completions(input, document.getElementById("completions"), () => {
  clearTimeout(asking);
  show(address(fromForm(form)));
});

input.addEventListener("input", () => { typed(); list.typed(); });
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(asking);
  list.close();
  if (matchMedia("(hover: none)").matches) input.blur(); // on a phone its keys would stand before the results
  fresh = true;
  // Enter ends the word that was typed, and is no step of its own.
  show(address(fromForm(form)), { record: isUnfinished() ? "replace" : "push" });
});
form.addEventListener("change", (event) => {
  if (event.target.matches("select")) show(address(fromForm(form, isUnfinished())));
});

document.addEventListener("click", (event) => {
  const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  const link = event.target.closest("a[data-go], a[data-paper]");
  if (link && plain) {
    event.preventDefault();
    follow(link);
    return;
  }
  const button = event.target.closest("button.copy");
  if (button) copy(button);
});

function follow(link) {
  let url = new URL(link.href);
  // Until new content comes, its links are those of an older address: what they change is changed in what is asked now.
  if (link.matches("[data-filter]")) {
    const before = filters.contains(link) ? counted : viewed;
    const isTyped = input.value.trim() !== stateOf(new URL(shown, location.origin)).q.trim();
    const now = fromForm(form, isTyped || isUnfinished());
    url = new URL(address(changed(now, new URLSearchParams(before), url.searchParams)), location.origin);
  }
  history.replaceState({ y: scrollY }, "");
  fill(url);
  fresh = true;
  show(url, { focus: url.pathname !== ROOT });
}

async function copy(button) {
  const text = button.dataset.copy ?? document.getElementById(button.dataset.copyFrom).textContent;
  const said = (button.dataset.said ??= button.textContent); // also of one that still says Copied
  try {
    await write(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Could not copy";
  }
  announcer.textContent = button.textContent;
  setTimeout(() => { button.textContent = said; }, 1500);
}

addEventListener("popstate", async () => {
  const url = new URL(location.href);
  if (url.pathname + url.search === shown) return; // the link past the header leads into what is there
  const y = history.state?.y ?? 0;
  fill(url);
  fresh = true;
  await show(url, { record: "none", scroll: false });
  scrollTo(0, y);
});

keys({ input, view, list, follow, copy, clear() { input.value = ""; typed(); } });

/** Follow the index: when a newer one is there, show what it finds, unless somebody is reading further down. */
setInterval(async () => {
  if (document.hidden) return;
  try {
    const { generation: newest } = await (await fetch(ROOT + "api/stats")).json();
    if (newest === undefined || generation === undefined) return; // an index that cannot be read, here or there
    if (String(newest) !== generation && view.dataset.view === "results") {
      generation = String(newest);
      if (scrollY < 200) show(shown, { record: "none", scroll: false });
    }
  } catch { /* the server is gone; the next question says so */ }
}, LOOK_MS);

// Links that the page came with are made whole before its address changes, from which they begin.
for (const link of document.querySelectorAll("a:not(.skip), link[rel=icon]")) link.href = link.href;
settle(location.pathname === ROOT);
const asked = new URLSearchParams(location.search);
asked.delete("token"); // of a server for a group, in the address that it printed
if (location.pathname === ROOT && !asked.toString()) input.focus();
