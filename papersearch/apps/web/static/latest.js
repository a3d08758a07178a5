// Of several requests only the last one counts: a new one drops those before it, so answers never come out of order.

const AGAIN_MS = 5000; // before a server that did not answer is asked again

/** A function that fetches a part of the page and gives null if it was called again meanwhile. What is none, as the page
 * of a proxy, is told as one. */
export function latest() {
  let controller = null;
  return async (url) => {
    controller?.abort();
    const mine = (controller = new AbortController());
    try {
      const response = await fetch(url, { signal: mine.signal });
      const text = await response.text();
      if (controller !== mine) return null;
      const title = response.headers.get("x-title"); // each part has one, and nothing else
      if (title === null) return { ok: false, text: refusal(response.status, text), title: "" };
      return { ok: response.ok, text, title: decodeURIComponent(title) };
    } catch (error) {
      if (error.name === "AbortError" || controller !== mine) return null;
      return { ok: false, text: silence(), title: "" };
    }
  };
}

/** What a server that does not get as far as the page says, in JSON: no token, a query that is too long; or a proxy, in
 * a page of its own: that no server is behind it, or who may come in. */
function refusal(status, text) {
  const again = status === 502 || status === 503 || status === 504;
  try {
    const { error, hint } = JSON.parse(text);
    return told([error, hint ?? ""], again);
  } catch {
    if (status === 414) return told(["The query is too long", "Ask in fewer words"]);
    return again ? silence() : told(["The server did not answer with a page", "Reload it"]);
  }
}

function silence() {
  return told(["The server does not answer", "Is papersearch serve still running?"], true);
}

/** HTML as that of a mistake which the page tells itself, perhaps one that may pass. */
function told(lines, again = false) {
  const box = document.createElement("div");
  box.className = "empty";
  if (again) box.dataset.again = AGAIN_MS;
  lines.filter(Boolean).forEach((line, number) => {
    const shown = document.createElement(number ? "p" : "h1");
    shown.textContent = line[0].toUpperCase() + line.slice(1);
    box.append(shown);
  });
  return box.outerHTML;
}
