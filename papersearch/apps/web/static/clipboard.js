// The clipboard, also of a page that comes from another machine without TLS: browsers give that no `navigator.clipboard`.

/** Put a text there. Throws if that is refused. */
export async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const before = document.activeElement;
  const field = Object.assign(document.createElement("textarea"), { value: text, className: "unseen" });
  document.body.append(field);
  field.select();
  const written = document.execCommand("copy");
  field.remove();
  before.focus({ preventScroll: true });
  if (!written) throw new Error("refused");
}
