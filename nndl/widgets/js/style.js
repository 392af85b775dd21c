/*
style.js: the look of all explorers. Colors are variables, set for light ground and for the dark
switch of every host; they follow Okabe and Ito's palette, which color-blind readers can tell apart,
and no meaning rests on color alone.
*/
const DARK_HOSTS = 'html[data-theme="dark"] .nw, body[data-jp-theme-light="false"] .nw, body.vscode-dark .nw, body.vscode-high-contrast:not(.vscode-high-contrast-light) .nw, html[theme="dark"] .nw, .nw.nw-dark';

// rules of the pictures; an exported file carries them too
export const SVG_CSS = `
.nw-svg{font:500 13px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;font-variant-numeric:tabular-nums}
.nw-svg text{fill:var(--nw-ink);text-anchor:middle;dominant-baseline:central;stroke:none}
.nw-svg .nw-start{text-anchor:start}
.nw-svg .nw-end{text-anchor:end}
.nw-svg .nw-small{font-size:9.5px}
.nw-svg .nw-tight{font-size:10.5px}
.nw-svg .nw-faint{fill:var(--nw-faint)}
.nw-svg .nw-bold{font-weight:700}
.nw-svg path,.nw-svg rect,.nw-svg line{stroke-width:1;fill:none;stroke:none}
.nw-svg .nw-f-in{fill:var(--nw-in)}
.nw-svg .nw-f-pad{fill:var(--nw-pad)}
.nw-svg .nw-f-kernel{fill:var(--nw-kernel)}
.nw-svg .nw-f-out{fill:var(--nw-out)}
.nw-svg .nw-f-hot{fill:var(--nw-hot)}
.nw-svg .nw-f-soft{fill:var(--nw-soft)}
.nw-svg .nw-lines{stroke:var(--nw-line)}
.nw-svg .nw-hatch{stroke:var(--nw-hatch);stroke-width:1.2;opacity:.6}
.nw-svg .nw-frame{stroke:var(--nw-strong);stroke-width:2.5}
.nw-svg .nw-ring{stroke:var(--nw-accent);stroke-width:2.5}
.nw-svg .nw-pin{stroke:var(--nw-pin);stroke-width:2.5;stroke-dasharray:5 3}
.nw-svg .nw-dot{fill:var(--nw-accent)}
.nw-svg .nw-dot-along{fill:var(--nw-pin)}
.nw-svg .nw-shade{fill:var(--nw-accent)}
.nw-svg .nw-shade-ink{fill:var(--nw-ink)}
.nw-svg .nw-changed{stroke:var(--nw-strong);stroke-width:1.8}
.nw-svg .nw-contour{stroke:var(--nw-ink);stroke-width:2;stroke-dasharray:1.5 2.5}
.nw-svg .nw-wire{stroke:var(--nw-line);stroke-width:1.2}
.nw-svg .nw-wire-lit{stroke:var(--nw-strong);stroke-width:2.5}
.nw-svg .nw-band{stroke:var(--nw-pin);stroke-width:1.5;stroke-dasharray:5 3}
.nw-svg .nw-map-edge{stroke:var(--nw-edge)}
.nw-svg .nw-cursor{stroke:var(--nw-accent);stroke-width:2;stroke-dasharray:2 2}
`;

// What the host's style sheet says of paragraphs, lists, tables, buttons ends at an explorer: its root takes
// nothing over, and all in it is as the browser has it before the rules below. Not pictures: their
// attributes are taken for rules too.
const RESET = `:where(.nw){all:initial}:where(.nw) :where(:not(svg,svg *)){all:revert}`;

export const CSS = `${RESET}
.nw{color-scheme:light;print-color-adjust:exact;--nw-ground:#fff;--nw-ink:#1c2430;--nw-faint:#4d5866;--nw-line:#c3cbd6;--nw-edge:#7b8797;--nw-in:#dceefa;--nw-pad:#f2f4f7;--nw-kernel:#f7e4ee;--nw-out:#d7f0e6;--nw-hot:#fbd38a;--nw-soft:#fdecc8;--nw-strong:#8a4b00;--nw-accent:#0b5c8f;--nw-pin:#8d2f67;--nw-hatch:#6b7686;--nw-good:#00694c;--nw-bad:#a33a00;--nw-raised:#f5f7fa;--nw-on:#fff}
${DARK_HOSTS}{color-scheme:dark;--nw-ground:#14181f;--nw-ink:#e8edf3;--nw-faint:#b9c3cf;--nw-line:#414b57;--nw-edge:#7d8896;--nw-in:#16384f;--nw-pad:#1d232c;--nw-kernel:#4a2540;--nw-out:#0f4436;--nw-hot:#6b4100;--nw-soft:#4a3410;--nw-strong:#ffc25c;--nw-accent:#7cc4f2;--nw-pin:#f0a3c4;--nw-hatch:#95a1af;--nw-good:#5fd3ae;--nw-bad:#ffab7a;--nw-raised:#1d232c;--nw-on:#10151c}
.nw{--nw-label:94px;container:nw/inline-size;display:block;box-sizing:border-box;max-width:100%;color:var(--nw-ink);background:var(--nw-ground);border:1px solid var(--nw-line);border-radius:10px;padding:14px 16px;margin:.25rem 0;font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;text-align:start}
.nw *,.nw *::before{box-sizing:border-box}
.nw [hidden]{display:none!important}
.nw p,.nw label,.nw fieldset,.nw legend,.nw dl,.nw dt,.nw dd,.nw figure{margin:0;padding:0;border:0;font:inherit;color:inherit}
.nw .nw-head .nw-choices legend{width:auto}
.nw-head{display:flex;flex-wrap:wrap;gap:6px 16px;align-items:center;justify-content:space-between;margin-bottom:10px}
.nw-title{font-size:15px;font-weight:650}
.nw-controls{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:4px 24px;align-items:center;padding-bottom:12px;border-bottom:1px solid var(--nw-line)}
.nw .nw-slider{display:grid;grid-template-columns:var(--nw-label) minmax(60px,1fr) 1.6em;gap:8px;align-items:center;min-height:30px}
.nw .nw-list{display:grid;grid-template-columns:var(--nw-label) minmax(0,1fr);gap:8px;align-items:center;min-height:30px}
.nw .nw-switch{display:flex;gap:8px;align-items:center;min-height:30px;cursor:pointer}
.nw output{font-variant-numeric:tabular-nums;text-align:end;font-weight:600}
.nw input[type=range]{width:100%;min-width:0;height:24px;margin:0;accent-color:var(--nw-accent);cursor:pointer;background:transparent}
.nw input[type=checkbox]{width:24px;height:24px;min-width:24px;margin:0;accent-color:var(--nw-accent);cursor:pointer}
.nw select,.nw input[type=text]{font:inherit;color:inherit;background:var(--nw-ground);border:1px solid var(--nw-edge);border-radius:6px;min-height:28px;padding:1px 6px;margin:0;max-width:100%;width:auto;height:auto;box-shadow:none}
.nw option{color:var(--nw-ink);background:var(--nw-ground)}
.nw .nw-choices{display:flex;flex-wrap:wrap;align-items:center;gap:0;min-width:0;min-height:30px}
.nw .nw-choices legend{float:left;width:var(--nw-label);margin-inline-end:8px;font-size:inherit;line-height:1.5}
.nw .nw-choices label{position:relative;display:inline-flex;margin-inline-start:-1px}
.nw .nw-choices label span{border:1px solid var(--nw-edge);padding:2px 6px;min-height:28px;cursor:pointer;display:inline-flex;align-items:center}
.nw .nw-choices label:first-of-type span{border-radius:7px 0 0 7px}.nw .nw-choices label:last-of-type span{border-radius:0 7px 7px 0}
.nw .nw-choices input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;cursor:pointer}
.nw .nw-choices input:checked+span{background:var(--nw-accent);border-color:var(--nw-accent);color:var(--nw-on);font-weight:600}
.nw .nw-choices input:focus-visible+span{outline:2px solid var(--nw-accent);outline-offset:2px;z-index:1}
.nw button{font:inherit;line-height:1.4;color:var(--nw-ink);background:var(--nw-ground);border:1px solid var(--nw-edge);border-radius:7px;min-height:30px;min-width:30px;padding:3px 11px;margin:0;cursor:pointer;box-shadow:none;text-transform:none}
.nw button:hover:not(:disabled){background:var(--nw-raised);border-color:var(--nw-accent)}
.nw button:disabled,.nw input:disabled{opacity:.45;cursor:default}
.nw button.nw-main{background:var(--nw-accent);border-color:var(--nw-accent);color:var(--nw-on)}
.nw button.nw-main:hover:not(:disabled){filter:brightness(1.1);background:var(--nw-accent)}
.nw button[aria-pressed=true]{background:var(--nw-raised);border-color:var(--nw-pin);box-shadow:inset 0 0 0 1px var(--nw-pin)}
.nw .nw-round{border-radius:50%;width:34px;height:34px;padding:0;display:inline-grid;place-items:center;flex:none}
.nw .nw-round span{display:grid}
.nw-icon{fill:currentColor;display:block}
.nw :is(button,input,select,[tabindex]):focus-visible{outline:2px solid var(--nw-accent);outline-offset:2px}
.nw-stage{padding:14px 0 10px;min-width:0}
.nw-bar{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center}
.nw-player{display:flex;gap:8px;align-items:center;flex:1 1 300px;min-width:0}
.nw-player input[type=range]{flex:1 1 60px}
.nw .nw-place{min-width:4.6em;white-space:nowrap;font-weight:500}
.nw-readout{margin-top:10px;overflow-wrap:anywhere}
.nw-foot{margin-top:12px;padding-top:12px;border-top:1px solid var(--nw-line)}
.nw-actions{display:flex;flex-wrap:wrap;gap:8px}
.nw .nw-predict{display:flex;flex-wrap:wrap;gap:6px 12px;align-items:center;background:var(--nw-raised);border:1px solid var(--nw-line);border-radius:8px;padding:8px 12px;margin-bottom:10px}
.nw-predict p{flex-basis:100%}.nw-guess{display:flex;gap:12px}.nw-guess input[type=text]{width:4.5em}
.nw-predict .nw-question{font-weight:600}
.nw :is(.nw-verdict,.nw-note,.nw-told):empty{display:none}
.nw-verdict[data-right=true]{color:var(--nw-good)}.nw-verdict[data-right=false]{color:var(--nw-bad)}
.nw .nw-now{font-weight:600;font-variant-numeric:tabular-nums;min-height:1.5em}
.nw .nw-wrong{color:var(--nw-bad)}
.nw .nw-over{color:var(--nw-faint);min-height:1.5em}
.nw .nw-facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:2px 16px;margin-top:8px}
.nw-facts dt{color:var(--nw-faint)}.nw-facts dd{font-variant-numeric:tabular-nums}
.nw .nw-caption{font-size:13px;color:var(--nw-faint);margin-bottom:4px}
.nw .nw-note{margin-top:8px;color:var(--nw-faint)}
.nw .nw-refused{color:var(--nw-bad)}.nw .nw-told{margin-bottom:10px}
.nw-note input[type=text]{width:100%}
.nw svg{max-width:none}
.nw-mount code{overflow-wrap:anywhere}
html[data-theme=dark] .bd-content div.cell_output .text_html:has(>.nw-mount){background:transparent;padding:0}
@container nw (max-width:460px){.nw .nw-facts{grid-template-columns:minmax(0,1fr);gap:0}.nw-facts dd{margin-bottom:6px}.nw .nw-head .nw-choices legend{width:100%}.nw>*{--nw-label:84px}.nw-controls{grid-template-columns:minmax(0,1fr)}.nw-actions button{flex:1 1 auto}.nw-bar{gap:8px}.nw-player{display:contents}.nw .nw-player input[type=range]{order:9;flex-basis:100%}.nw .nw-place{margin-inline-start:auto;min-width:3.6em}.nw .nw-choices label span{padding-inline:5px}}
@media (prefers-reduced-motion:no-preference){.nw button,.nw .nw-choices span{transition:background-color .12s,border-color .12s}}
@media print{.nw-controls,.nw-bar,.nw-foot{display:none}}
`;

// one sheet per program, for its own explorers only: neither another kind nor another release on the
// page is touched, whichever comes first
export function addStyle(tag) {
  const id = `nw-css-${tag}`;
  if (document.getElementById(id)) return;
  const style = Object.assign(document.createElement("style"), { id, textContent: CSS + EXTRA_CSS.join("") + SVG_CSS });
  document.head.append(style);
  confine(style.sheet.cssRules, `:not(#nw):where([data-program="${tag}"],[data-program="${tag}"] *)`);
}
// :where adds no weight to a selector, :not(#nw) that of an id: no host's rule without one has more;
// what is around an explorer (.nw-mount) is all explorers' own
function confine(rules, own) {
  for (const rule of rules) {
    const selectors = rule.selectorText;
    if (!selectors) confine(rule.cssRules ?? [], own);
    else if (!selectors.includes(".nw-mount")) rule.selectorText = selectors.split(/,(?![^(]*\))/).map((one) => one.replace(/(::.*)?$/, (element) => own + element)).join(",");
  }
}
// an explorer's own rules: EXTRA_CSS.push("...") at the top of its file
export const EXTRA_CSS = [];

// a host with a switch of its own is known by the selectors above; for any other, look at the page
export function onDarkGround(el) {
  if (document.querySelector("html[data-theme], body[data-jp-theme-light], body.vscode-dark, body.vscode-light, html[theme]")) return false;
  for (let node = el; node; node = node.parentElement) {
    const [red, green, blue, alpha = 1] = (getComputedStyle(node).backgroundColor.match(/[\d.]+/g) || []).map(Number);
    if (alpha > 0.5) return 0.299 * red + 0.587 * green + 0.114 * blue < 110;
  }
  return false;
}
