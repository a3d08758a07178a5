// The state of the page is its address; these turn form and address into each other. What is at its default is left out.

/** The path of the server's root: "/", or what a proxy puts before it. */
export const ROOT = new URL("..", import.meta.url).pathname;

const DEFAULTS = { sort: "relevance", match: "auto" };
const MANY = ["author", "tag"];
const FILTERS = [...MANY, "since", "until"];

/** The parameters that the form holds; while somebody is `typing`, the last word may go on. */
export function fromForm(form, typing = false) {
  const params = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    const text = String(value).trim();
    if (text && text !== DEFAULTS[name]) params.append(name, text);
  }
  if (typing && params.has("q")) params.set("prefix", "true");
  return params;
}

/** The page's address with these parameters. */
export function address(params) {
  const text = params.toString();
  return ROOT + (text ? "?" + text : "");
}

/** The parameters `now` with the filters added and taken off that differ between `before` and `after`. */
export function changed(now, before, after) {
  const filters = (params) => [...params].filter(([name]) => FILTERS.includes(name));
  const has = (params, name, value) => params.getAll(name).includes(value);
  for (const [name, value] of filters(before)) {
    if (has(after, name, value)) continue;
    const others = now.getAll(name).filter((each) => each !== value);
    now.delete(name);
    for (const each of others) now.append(name, each);
  }
  for (const [name, value] of filters(after)) {
    if (has(before, name, value) || has(now, name, value)) continue;
    if (MANY.includes(name)) now.append(name, value);
    else now.set(name, value);
  }
  return now;
}

/** What an address says, for the form. */
export function stateOf(url) {
  const params = url.searchParams;
  return {
    q: (params.get("q") ?? "").split(/[\r\n]+/).join(" "), // a field has one line
    sort: params.get("sort") ?? DEFAULTS.sort,
    match: params.get("match") ?? DEFAULTS.match,
    filters: [...params].filter(([name]) => FILTERS.includes(name)),
  };
}
