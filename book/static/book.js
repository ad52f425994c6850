/* What the search page needs beyond the tool's own script. */

(() => {
  if (typeof Search === "undefined") return;

  // A word found in the glossary is listed under its own name, once, above the page it stands on.
  const searched = Search._performSearch;
  Search._performSearch = (...query) => {
    const names = {};
    for (const [name, places] of Object.entries(Search._index.indexentries))
      for (const [, anchor] of places) names[`#${anchor}`] = name;
    const isEntry = ([page, , anchor, , , , kind]) =>
      kind === "index" && page === "glossary" && anchor in names;
    const found = searched(...query);
    const hasEntry = found.some(isEntry);
    return found
      .filter(([page, , , , , , kind]) => !(hasEntry && page === "glossary" && kind === "text"))
      .map((item) => {
        if (!isEntry(item)) return item;
        const [page, title, anchor, ...rest] = item;
        return [page, `${names[anchor]} (${title})`, anchor, ...rest];
      });
  };

  // Its summary is the definition, which stands behind the names.
  const textOf = Search.htmlToText;
  Search.htmlToText = (page, anchor) => {
    if (anchor && anchor.startsWith("#term-")) {
      const document = new DOMParser().parseFromString(page, "text/html");
      let element = document.getElementById(anchor.slice(1));
      while (element && element.tagName === "DT") element = element.nextElementSibling;
      if (element) return element.textContent;
    }
    return textOf(page, anchor);
  };

  // A page opened from the disk may not fetch another one: what is shown below a result then comes
  // from a file of texts that is a script.
  if (location.protocol !== "file:") return;
  const texts = new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${document.documentElement.dataset.content_root}_static/texts.js`;
    script.onload = () => resolve(window.BOOK_TEXTS);
    script.onerror = reject;
    document.head.append(script);
  });
  const root = new URL(document.documentElement.dataset.content_root || "./", location.href).href;
  window.fetch = async (address) => {
    const name = new URL(address, location.href).href.split("#")[0].slice(root.length);
    const page = (await texts)[decodeURIComponent(name)] || "";
    return { text: async () => page };
  };
})();
