/*
frame_fields.js: what people type: how a number is read, and the text field that all explorers share.
*/

// full-width letters, digits and signs, as Chinese keyboards write them
export function halfWidth(text) {
  return text.replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
}
// the same, and other signs for a minus and a point
const plainText = (text) => halfWidth(text).replace(/[−–—]/g, "-").replace(/。/g, ".").trim();
// thousands may be set apart; a comma elsewhere is a decimal one; NaN if it is no number
export function readNumber(text) {
  let plain = plainText(text);
  if (/^[-+]?\d{1,3}([,\s]\d{3})+(\.\d*)?$/.test(plain)) plain = plain.replace(/[,\s]/g, "");
  plain = plain.replace(",", ".");
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}
// a whole number without a sign
export function readWhole(text) {
  const number = readNumber(text);
  return Number.isInteger(number) && number >= 0 ? number : NaN;
}
// whether a key begins a number
export const beginsNumber = (key) => /^[-0-9.]$/.test(plainText(key ?? ""));

/*
frame.field({take(text, at), get(), ...attributes}) returns {input, problem, sync}: a text field in step
with get(), and the place where its refusals are told. take is true if the text was used; it hands `at` to
frame.update or frame.refuse. passing: the field may go, and is kept in step by calls of sync.
*/
Frame.prototype.field = function field({ get, take, passing = false, ...attributes }) {
  const id = `nw-problem-${(globalThis.__nndl_fields = (globalThis.__nndl_fields || 0) + 1)}`;
  const problem = h("span", { class: "nw-problem", id, role: "alert" }), input = h("input", { type: "text", autocomplete: "off", "aria-describedby": id, ...attributes });
  let shown = null;
  const sync = () => {
    const now = get();
    if (shown === now) return;
    input.value = shown = now;
    put(input, "aria-invalid", false);
  };
  const at = { note: problem, reset: () => { shown = null; this.redraw(); } };
  const submit = () => {
    if (take(input.value, at)) at.reset();
    else put(input, "aria-invalid", true);
  };
  input.addEventListener("change", submit);
  if (!passing) this.onSync(sync);
  return { input, problem, sync, submit };
};

EXTRA_CSS.push(`
.nw .nw-problem{color:var(--nw-bad);font-size:13px}.nw .nw-problem:empty{display:none}
.nw [aria-invalid=true]{border-color:var(--nw-bad);box-shadow:inset 0 0 0 1px var(--nw-bad)}
`);
