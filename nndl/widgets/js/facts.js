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

// one picture of several, each under its caption, for export: [[caption, svg], ...]; a text among them
// is a sign between two
export function sideBySide(pictures) {
  const all = h("svg", { class: "nw-svg" }), HEAD = 26;
  const least = Math.min(...pictures.filter((entry) => typeof entry !== "string").map(([, svg]) => Number(svg.getAttribute("viewBox").split(" ")[3])));
  let x = 8, height = HEAD;
  for (const entry of pictures) {
    if (typeof entry === "string") {
      all.append(h("text", { x: x - 8, y: HEAD + least / 2, class: "nw-start nw-bold" }, entry));
      x += entry.length * 8 + 14;
      continue;
    }
    const [text, picture] = entry;
    const copy = picture.cloneNode(true), [w, hgt] = copy.getAttribute("viewBox").split(" ").slice(2).map(Number);
    for (const [key, value] of Object.entries({ x, y: HEAD, width: w, height: hgt })) copy.setAttribute(key, value);
    all.append(h("text", { x, y: 13, class: "nw-start" }, text), copy);
    x += Math.max(w, text.length * 7.2) + 30;
    height = Math.max(height, hgt);
  }
  put(all, "viewBox", `0 0 ${x - 14} ${height + 36}`);
  put(all, "width", x - 14); put(all, "height", height + 36);
  return all;
}
// such rows below each other
export function below(rows) {
  const all = h("svg", { class: "nw-svg" });
  let y = 0, width = 0;
  for (const row of rows) {
    const [wide, high] = ["width", "height"].map((side) => Number(row.getAttribute(side)));
    put(row, "y", y);
    all.append(row);
    y += high; width = Math.max(width, wide);
  }
  put(all, "viewBox", `0 0 ${width} ${y}`); put(all, "width", width); put(all, "height", y);
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
