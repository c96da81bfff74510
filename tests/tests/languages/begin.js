(() => {
  const catalogue = CATALOGUE;
  const path = "/en-XA.json";
  try { localStorage.setItem("waymark-language", "en-XA"); } catch { return; }

  window.waymarkAnswers = [];
  let asked = 0;
  const fetched = window.fetch;
  window.fetch = async (request, ...rest) => {
    const url = request.url ?? String(request);
    if (url.endsWith(path)) return Response.json(catalogue);
    asked += 1;
    try {
      const answer = await fetched(request, ...rest);
      const type = answer.headers.get("content-type") ?? "";
      if (type.includes("json")) window.waymarkAnswers.push(await answer.clone().text());
      return answer;
    } finally {
      asked -= 1;
    }
  };

  // Still is a page that asks nothing and whose words have stayed for a while.
  let words = "", since = 0;
  window.waymarkIsStill = () => {
    const now = document.body.innerText;
    if (asked > 0 || now !== words || document.querySelector("[aria-busy=true]")) {
      words = now;
      since = performance.now();
    }
    return performance.now() - since > 400;
  };

  document.addEventListener("readystatechange", () => {
    document.querySelector("meta[name=languages]").content = `en-XA ${path} Pseudo`;
  }, { once: true });
})();
