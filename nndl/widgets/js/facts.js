/*
facts.js: what stands under and around the pictures of several explorers: captions, the sentence that
says what is shown, and a list of facts.
*/

// {node, set(name, term, text)}: a fact without a text is not shown
export function createFacts(names) {
  const facts = {}, node = h("dl", { class: "nw-facts" });
  for (const name of names) {
    facts[name] = { term: h("dt"), text: h("dd") };
    node.append(facts[name].term, facts[name].text);
  }
  const set = (name, term, text) => {
    facts[name].term.hidden = facts[name].text.hidden = !text;
    if (text) { write(facts[name].term, term); write(facts[name].text, text); }
  };
  return { node, set };
}

// the sentence of the moment, read out when it changes
export function createNow() {
  return h("p", { class: "nw-now", "aria-live": "polite" });
}

// one picture of several, each under its caption, for export: [[caption, svg], ...]
export function sideBySide(pictures) {
  const all = h("svg", { class: "nw-svg" });
  let x = 8, height = 0;
  for (const [text, picture] of pictures) {
    const copy = picture.cloneNode(true), [w, hgt] = copy.getAttribute("viewBox").split(" ").slice(2).map(Number);
    for (const [key, value] of Object.entries({ x, y: 26, width: w, height: hgt })) copy.setAttribute(key, value);
    all.append(h("text", { x, y: 13, class: "nw-start" }, text), copy);
    x += Math.max(w, text.length * 7.2) + 30;
    height = Math.max(height, hgt);
  }
  put(all, "viewBox", `0 0 ${x - 14} ${height + 36}`);
  put(all, "width", x - 14); put(all, "height", height + 36);
  return all;
}

EXTRA_CSS.push(`
.nw-row,.nw-pair{display:flex;flex-wrap:wrap;align-items:center;justify-content:center;gap:10px 14px;min-width:0}
.nw-pair{flex-wrap:nowrap}.nw-block{min-width:0;max-width:100%}.nw-row>*{max-width:100%}
.nw-sign{font-size:20px;color:var(--nw-faint);padding-top:20px}
.nw-secret,.nw-none{display:grid;place-items:center;min-width:84px;min-height:84px;border:2px dashed var(--nw-edge);border-radius:8px;color:var(--nw-faint);padding:6px}
.nw-secret{font-size:28px}
.nw-wires{border-radius:6px;touch-action:manipulation}.nw-wires svg{display:block;max-width:100%;height:auto;cursor:pointer;user-select:none;-webkit-user-select:none}
@container nw (max-width:460px){.nw-pair{gap:6px}}
`);
