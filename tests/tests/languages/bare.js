(() => {
  const flat = (text) => text.toLowerCase().replace(/\\[nt]/g, " ").replace(/ \*$/, '').replace(/[_\-.:/"\\]+/g, " ").replace(/\s+/g, " ").trim();
  const told = flat(window.waymarkAnswers.join(" "));
  const times = /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*$/i;
  const isEnglish = (word) => /^[A-Za-z]{3,}$/.test(word) && !times.test(word);
  // What is written for programs, and the names of the product and of whom a rehearsal takes without an account.
  const isForPrograms = (text) => /[=<>{}&|@]|\w\.\w/.test(text) || ["Waymark", "Example Ltd"].includes(text);
  const isBare = (text) => !/[⟦⟧]/.test(text) && !isForPrograms(text) && text
    .split(/[·,:→–—()\n“”×;]+/)
    .filter((piece) => (piece.match(/[\p{L}]+/gu) ?? []).some(isEnglish))
    .some((piece) => !told.includes(flat(piece)));

  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!parent.closest("script, style, noscript, code, kbd, pre, textarea, .splash")) texts.push(walker.currentNode.textContent.trim());
  }
  for (const name of ["aria-label", "title", "placeholder", "alt"]) {
    for (const one of document.querySelectorAll(`[${name}]`)) texts.push(one.getAttribute(name));
  }
  return [...new Set(texts)].filter(isBare);
})()
