// What is known of the document: its kind, when it was fetched, whether it is new, and what is not shown of it.

const byId = (id) => document.getElementById(id);

/**
 * Fill the lines beside the title.
 * A document that was being converted may come without the time: it was fetched when it was first asked for.
 */
export function showFacts({ fetched_at: fetchedAt, changed, label, file_name: name }, asked, { source, number }) {
  const time = (fetchedAt ? new Date(fetchedAt) : asked).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  byId("kind").textContent = [label, ownName(name, number)].filter(Boolean).join(" · ");
  const fetched = document.createElement("span");
  fetched.append("Fetched ", longWords(`from ${source} at `), time);
  byId("freshness").replaceChildren(fetched);
  if (typeof changed === "boolean") byId("freshness").append(" ", changeTag(changed));
}

/** Say how much is not shown as it is in the file; gives the words for screen readers, empty where all is. */
export function showNotes(notes) {
  byId("notes").hidden = !notes.length;
  if (!notes.length) return "";
  const words = `Not everything is shown: ${notes.length} note${notes.length === 1 ? "" : "s"}`;
  byId("notes-count").textContent = words;
  byId("notes-list").replaceChildren(...notes.map((note) => {
    const item = document.createElement("li");
    item.textContent = note;
    return item;
  }));
  return `${words}.`;
}

/** The file's name, without its folder, unless it only says the number again. */
function ownName(path, number) {
  const name = path?.split("/").pop();
  return name && name.replace(/\.[^.]*$/, "") !== number ? name : null;
}

function changeTag(changed) {
  const tag = document.createElement("strong");
  tag.className = changed ? "change-tag is-new" : "change-tag";
  tag.append(changed ? "New version" : "Unchanged", longWords(" since you last opened it"));
  return tag;
}

/** Words that small screens leave out. */
function longWords(text) {
  const span = document.createElement("span");
  span.className = "freshness__long";
  span.textContent = text;
  return span;
}
