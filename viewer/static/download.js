// A download happens on purpose or not at all: where policy allows it, a button asks, and a link does it.

const byId = (id) => document.getElementById(id);

/** Offer the download, where the rendition has one. `onFailure` gets the Problem that stands in its way. */
export function connectDownload(content, onFailure, signal) {
  const button = document.querySelector('[data-do="download"]');
  button.hidden = !content.downloadUrl;
  if (!content.downloadUrl) return;
  button.addEventListener("click", () => ask(content).catch(onFailure), { signal });
  byId("download-link").addEventListener("click", () => byId("download").close(), { signal });
}

async function ask(content) {
  await content.renew(); // links live for minutes, and pages are read for hours
  byId("download-link").href = content.downloadUrl;
  byId("download").showModal();
}
