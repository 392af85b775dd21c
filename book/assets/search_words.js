/* Sphinx looks a word up among the properties of an object, and "constructor" and "__proto__" are
   properties of every object: a search for them stopped with an error. Loaded between the search and
   its index. */
const setSearchIndex = Search.setIndex;
Search.setIndex = (index) => {
  const plain = Object.assign(Object.create(null), {
    hasOwnProperty(name) { return Object.hasOwn(this, name); },
  });
  for (const name of ["terms", "titleterms"]) Object.setPrototypeOf(index[name], plain);
  setSearchIndex(index);
};
