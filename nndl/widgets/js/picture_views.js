/*
picture_views.js: how the picture explorer draws: pictures on canvases with the window framed above
them, the pixels of a window enlarged, and the scale of colors.
*/
const PIXEL = 34;

// black or white, whichever is read better on a color
const inkOn = ([red, green, blue]) => {
  const light = (part) => (Math.min(255, Math.max(0, part)) / 255) ** 2.2;
  return 0.2126 * light(red) + 0.7152 * light(green) + 0.0722 * light(blue) > 0.18 ? "#000" : "#fff";
};
const css = (color) => `rgb(${color.map((part) => Math.round(Math.min(255, Math.max(0, part)))).join(",")})`;

export function createPictureView({ hover, pick, key }) {
  const path = (style) => h("path", { style }), rim = h("path", { class: "nw-band" });
  // a dark line in a white one is seen on every ground
  const halo = path("stroke:#fff;stroke-width:5"), frame = path("stroke:#000;stroke-width:2");
  const canvas = h("canvas", { "aria-hidden": "true" }), svg = h("svg", { class: "nw-svg", "aria-hidden": "true", style: "overflow:visible" }, rim, halo, frame);
  const node = h("div", { class: "nw-picture nw-pk-picture", tabindex: 0, role: "application" }, canvas, svg);
  let shape = null, last = null;
  const clamp = (value, size) => Math.min(size - 1, Math.max(0, Math.floor(value)));
  listen(svg, node, { hover, pick, key, find: (x, y) => shape && [clamp(y / shape.scale, shape.rows), clamp(x / shape.scale, shape.columns)] });

  function paint({ rows, columns, bytes }) {
    if (last === bytes) return;
    last = bytes;
    if (canvas.width !== columns || canvas.height !== rows) { canvas.width = columns; canvas.height = rows; }
    canvas.getContext("2d").putImageData(new ImageData(bytes, columns, rows), 0, 0);
  }
  // image: what is painted; rows, columns: of the picture, in whose middle a smaller image stands;
  // scale: pixels of the page a pixel; window: [row, column, side] in the picture
  function draw({ image, rows, columns, scale, window: around, aria }) {
    shape = { rows, columns, scale };
    paint(image);
    const inset = (rows - image.rows) / 2, [width, height] = [columns * scale, rows * scale];
    put(canvas, "style", `left:${inset * scale}px;top:${inset * scale}px;width:${image.columns * scale}px;height:${image.rows * scale}px`);
    put(svg, "viewBox", `0 0 ${width} ${height}`); put(svg, "width", width); put(svg, "height", height);
    put(rim, "d", inset ? rectangle(1, 1, width - 2, height - 2) : "");
    const d = around ? rectangle(around[1] * scale - 1, around[0] * scale - 1, around[2] * scale + 2, around[2] * scale + 2) : "";
    put(halo, "d", d); put(frame, "d", d);
    put(node, "aria-label", aria);
  }
  // for export: the pixels as an image, and the marks above it
  function exported(x, y) {
    const marks = svg.cloneNode(true);
    marks.setAttribute("x", x); marks.setAttribute("y", y);
    const box = canvas.style, number = (text) => Number(text.replace("px", ""));
    const image = h("image", { href: canvas.toDataURL("image/png"), x: x + number(box.left), y: y + number(box.top), width: number(box.width), height: number(box.height), style: "image-rendering:pixelated" });
    return [image, marks];
  }
  return { node, svg, canvas, draw, exported };
}

// cells: [{text, color, outside}], row by row; wide: units a cell
export function createPixels(wide = PIXEL) {
  const svg = h("svg", { class: "nw-svg", "aria-hidden": "true" }), node = h("div", { class: "nw-pk-pixels", role: "img" }, svg);
  const marks = h("path", { style: "stroke:#000;stroke-width:1.5;stroke-dasharray:3 3" }), under = h("path", { style: "stroke:#fff;stroke-width:1.5" });
  const edge = h("path", { class: "nw-map-edge" }), ring = h("path", { class: "nw-ring" }), fills = h("g"), texts = h("g");
  svg.append(fills, edge, under, marks, texts, ring);
  function draw({ cells, columns, size, ringed, aria }) {
    const rows = cells.length / columns, box = (at, inset = 0) => rectangle((at % columns) * wide + 1 + inset, Math.floor(at / columns) * PIXEL + 1 + inset, wide - 2 * inset, PIXEL - 2 * inset);
    const [width, height] = [columns * wide + 2, rows * PIXEL + 2];
    put(svg, "viewBox", `0 0 ${width} ${height}`); put(svg, "width", (width * size) / PIXEL); put(svg, "height", (height * size) / PIXEL);
    while (fills.childElementCount > cells.length) { fills.lastChild.remove(); texts.lastChild.remove(); }
    cells.forEach(({ text, color }, at) => {
      const fill = fills.children[at] ?? fills.appendChild(h("path")), label = texts.children[at] ?? texts.appendChild(h("text"));
      put(fill, "d", box(at)); put(fill, "style", `fill:${css(color)}`);
      put(label, "x", (at % columns) * wide + 1 + wide / 2); put(label, "y", Math.floor(at / columns) * PIXEL + 1 + PIXEL / 2);
      put(label, "style", `fill:${inkOn(color)}`); put(label, "class", text.length > 5 ? "nw-small" : text.length > 4 ? "nw-tight" : "");
      write(label, text);
    });
    put(edge, "d", cells.map((_, at) => box(at)).join(""));
    const outside = cells.map(({ outside: yes }, at) => (yes ? box(at, 3) : "")).join("");
    put(under, "d", outside); put(marks, "d", outside);
    put(ring, "d", ringed === null ? "" : box(ringed, 1));
    put(node, "aria-label", aria);
  }
  return { node, svg, draw };
}

// ---- the scale of colors: what value has which color ---------------------------------------------------------
export function createScale() {
  const STEPS = 21, high = 12, texts = h("g"), fills = Array.from({ length: STEPS }, () => h("path")), edge = h("path", { class: "nw-map-edge" });
  const svg = h("svg", { class: "nw-svg", "aria-hidden": "true" }, fills, edge, texts), node = h("div", { class: "nw-pk-scale" }, svg);
  function draw({ show, limit, width }) {
    const low = show === "signed" ? -limit : 0, step = (width - 2) / STEPS;
    put(svg, "viewBox", `0 0 ${width} 32`); put(svg, "width", width); put(svg, "height", 32);
    fills.forEach((fill, i) => {
      put(fill, "d", rectangle(1 + i * step, 1, step + 0.5, high));
      put(fill, "style", `fill:${css(colorOf(low + ((limit - low) * i) / (STEPS - 1), show, limit))}`);
    });
    put(edge, "d", rectangle(1, 1, width - 2, high));
    const least = show === "gray" ? "≤ 0" : show === "signed" ? `≤ ${fmt(-limit, 0)}` : "0", most = `≥ ${fmt(limit, 0)}`;
    const list = [[1, least, "nw-start"], ...(show === "signed" ? [[width / 2, "0", ""]] : []), [width - 1, most, "nw-end"]];
    while (texts.childElementCount > list.length) texts.lastChild.remove();
    list.forEach(([x, text, style], i) => {
      const entry = texts.children[i] ?? texts.appendChild(h("text"));
      put(entry, "x", x); put(entry, "y", 24); put(entry, "class", style);
      write(entry, text);
    });
  }
  return { node, svg, draw };
}

EXTRA_CSS.push(`
.nw-pk-pictures{display:flex;flex-wrap:wrap;gap:10px 16px;justify-content:center;align-items:flex-start}
.nw .nw-pk-pictures .nw-caption{margin-bottom:8px}
.nw-pk-picture{position:relative;width:max-content}
.nw-pk-picture canvas{position:absolute;image-rendering:pixelated}
.nw-pk-picture svg{position:relative}
.nw-pk-scale{margin-top:6px}
.nw-pk-scale svg,.nw-pk-pixels svg{display:block}
.nw .nw-pk-place{margin-top:12px}
.nw .nw-pk-credit{margin:8px 0 0;text-align:center}
.nw .nw-pk-terms{color:var(--nw-faint);font-variant-numeric:tabular-nums}
[data-kind=picture_kernel] .nw-guess{flex-wrap:wrap;gap:6px 16px}
[data-kind=picture_kernel] .nw-guess label{white-space:nowrap}
`);
