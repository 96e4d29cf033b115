// Starts the document page; says so where its scripts cannot be fetched, which on a train is not rare.

import("./viewer.js").catch(() => {
  const trouble = document.getElementById("trouble");
  trouble.replaceChildren(document.getElementById("problem-offline").content.cloneNode(true));
  trouble.hidden = false;
  document.getElementById("progress").hidden = true;
});
