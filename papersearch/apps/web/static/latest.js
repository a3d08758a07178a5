// Of several requests only the last one counts: a new one drops those before it, so answers never come out of order.

/** A function that fetches text and gives null if it was called again meanwhile. */
export function latest() {
  let controller = null;
  return async (url) => {
    controller?.abort();
    const mine = (controller = new AbortController());
    try {
      const response = await fetch(url, { signal: mine.signal });
      const text = await response.text();
      if (controller !== mine) return null;
      return { ok: response.ok, text, title: decodeURIComponent(response.headers.get("x-title") ?? "") };
    } catch (error) {
      if (error.name === "AbortError" || controller !== mine) return null;
      const told = document.createElement("div");
      told.className = "empty";
      told.textContent = "The server does not answer. Is papersearch serve still running?";
      return { ok: false, text: told.outerHTML, title: "" };
    }
  };
}
