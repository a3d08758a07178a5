// Of several requests only the last one counts: a new one drops those before it, so answers never come out of order.

/** A function that fetches HTML and gives null if it was called again meanwhile. What is no page is told as one. */
export function latest() {
  let controller = null;
  return async (url) => {
    controller?.abort();
    const mine = (controller = new AbortController());
    try {
      const response = await fetch(url, { signal: mine.signal });
      const text = await response.text();
      if (controller !== mine) return null;
      const isPage = response.headers.get("content-type")?.startsWith("text/html");
      const title = decodeURIComponent(response.headers.get("x-title") ?? "");
      return { ok: response.ok, text: isPage ? text : refusal(text), title };
    } catch (error) {
      if (error.name === "AbortError" || controller !== mine) return null;
      return { ok: false, text: told("The server does not answer", "Is papersearch serve still running?"), title: "" };
    }
  };
}

/** What a server that does not get as far as the page says, in JSON: no token, a query that is too long. */
function refusal(text) {
  try {
    const { error, hint } = JSON.parse(text);
    return told(error, hint ?? "");
  } catch {
    return told("The server did not answer with a page", "Reload it");
  }
}

/** HTML as that of a mistake which the page tells itself. */
function told(...lines) {
  const box = document.createElement("div");
  box.className = "empty";
  lines.filter(Boolean).forEach((line, number) => {
    const shown = document.createElement(number ? "p" : "h1");
    shown.textContent = line[0].toUpperCase() + line.slice(1);
    box.append(shown);
  });
  return box.outerHTML;
}
