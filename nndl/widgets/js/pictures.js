/*
pictures.js: what explorers that draw maps of squares share.
*/
export const rectangle = (x, y, width, height) => `M${x.toFixed(1)} ${y.toFixed(1)}h${width.toFixed(1)}v${height.toFixed(1)}h${(-width).toFixed(1)}z`;
export function hatch(id, angle) {
  return h("pattern", { id, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${angle})` }, h("line", { x1: 0, y1: 0, x2: 0, y2: 7, class: "nw-hatch" }));
}
export const newId = () => `nw-id-${(globalThis.__nndl_ids = (globalThis.__nndl_ids || 0) + 1)}`;

// pointer, click and keys of a picture: find(x, y) gives what is at a place in its own units
export function listen(svg, node, { find, hover, pick, key }) {
  const at = (event) => {
    const box = svg.getBoundingClientRect(), [, , width] = svg.getAttribute("viewBox").split(" ").map(Number), scale = box.width / width;
    return find((event.clientX - box.left) / scale, (event.clientY - box.top) / scale);
  };
  let over = "";
  svg.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    const found = at(event), name = JSON.stringify(found);
    if (name !== over) { over = name; hover(found); }
  });
  svg.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") { over = ""; hover(null); } });
  svg.addEventListener("click", (event) => { const found = at(event); if (found) pick(found); });
  node.addEventListener("keydown", (event) => {
    if (event.target === node && !event.ctrlKey && !event.metaKey && !event.altKey && key(event)) event.preventDefault();
  });
}

EXTRA_CSS.push(`
.nw-picture{min-width:0;border-radius:4px;touch-action:pan-x pan-y pinch-zoom}
.nw-picture svg{display:block;max-width:100%;cursor:crosshair;user-select:none;-webkit-user-select:none}
`);
