/*
frame_links.js: the state in the page's address: #explorer=NAME&setting=value&...
*/

// ---- one value as a text, and back --------------------------------------------------------------------
// A text stands as it is; one that would be read as something else ("7", "true") in quotes, like JSON.
const parsed = (text) => { try { return JSON.parse(text); } catch { return undefined; } };
export function write_setting(value) {
  return typeof value === "string" && parsed(value) === undefined ? value : JSON.stringify(value);
}
// entry: the setting's entry in the schema. A number where a text belongs is the text: such links are
// written by hand, and were written before texts had quotes.
export function read_setting(text, entry) {
  const value = parsed(text), names = entry.options ?? entry.words ?? {};
  if (value === undefined || Object.hasOwn(names, text)) return text;
  return typeof value === "number" && typeof entry.value === "string" && entry.type !== "integer" ? text : value;
}

// all of one name: explorers that begin alike on one page are told apart by their order, ".2" is the second
const twins = (name) => [...document.querySelectorAll(".nw-mount")].filter((mount) => mount.dataset.nw === name);
export function linkTo(frame) {
  const place = twins(frame.id).indexOf(frame.el), query = new URLSearchParams({ explorer: place > 0 ? `${frame.id}.${place + 1}` : frame.id });
  for (const [name, value] of changedSettings(frame)) if (!frame.schema[name].page) query.set(name, write_setting(value));
  return `${location.href.split("#")[0]}#${query}`;
}

// ---- following a link -----------------------------------------------------------------------------------
// the explorer of that name, or the first of its kind where a page has changed since the link was made
function isMeant(frame, text) {
  const [, name, place] = text.match(/^(.*?)(?:\.(\d+))?$/s), alike = twins(name), kind = `${name.replace(/-[^-]*$/, "")}-`;
  const found = alike[(place ?? 1) - 1] ?? alike[0] ?? [...document.querySelectorAll(".nw-mount")].find((mount) => mount.dataset.nw?.startsWith(kind));
  return found === frame.el;
}
function followLink(frame) {
  const query = new URLSearchParams(location.hash.slice(1));
  if (!isMeant(frame, query.get("explorer") ?? "")) return;
  const settings = Object.fromEntries(Object.entries(frame.schema).map(([name, entry]) => [name, entry.page ? frame.state[name] : entry.value]));
  // what is no setting was put there by others (?from=...), or is one of another release; what belongs to
  // the page no link has
  for (const [name, text] of query) if (Object.hasOwn(frame.schema, name) && !frame.schema[name].page) settings[name] = read_setting(text, frame.schema[name]);
  frame.update(settings, frame.at.head);
  for (let fold = frame.el.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  const show = () => frame.root.scrollIntoView({ block: "start" });
  show();
  // pictures that arrive later push it down
  if (document.readyState !== "complete") addEventListener("load", show, { once: true });
}
export function followLinks(frame) {
  frame.follow = () => followLink(frame);
  addEventListener("hashchange", frame.follow);
  // which explorers a page has is known when all of it is there
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", frame.follow, { once: true });
  else frame.follow();
}
