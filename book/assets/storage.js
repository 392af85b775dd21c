/* Where the browser keeps nothing for this site (cookies blocked, a private window), reading
   localStorage is an error, and the theme, its switch and the search stop at it. The page then
   remembers for as long as it is open. Loaded before any other script. */
for (const name of ["localStorage", "sessionStorage"]) {
  try {
    window[name].setItem("nndl-works", "1");
    window[name].removeItem("nndl-works");
  } catch {
    const kept = new Map();
    const value = {
      getItem: (key) => kept.get(String(key)) ?? null,
      setItem: (key, item) => void kept.set(String(key), String(item)),
      removeItem: (key) => void kept.delete(String(key)),
      clear: () => kept.clear(),
      key: (index) => [...kept.keys()][index] ?? null,
      get length() { return kept.size; },
    };
    Object.defineProperty(window, name, { value, configurable: true });
  }
}
