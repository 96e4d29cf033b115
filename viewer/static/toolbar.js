// The row of buttons, and what they do to what is shown: a PdfView, or one of the simpler views.

const byId = (id) => document.getElementById(id);

/**
 * Wire the toolbar to the view; `more` adds actions {name: function} to those that every view has.
 * Lasts until the signal; gives all actions.
 */
export function connectToolbar(view, more, signal) {
  const actions = {
    previous: () => { view.page -= 1; },
    next: () => { view.page += 1; },
    "zoom-in": () => view.zoomIn(),
    "zoom-out": () => view.zoomOut(),
    fit: () => view.fitWidth(),
    rotate: () => view.rotate(),
    ...more,
  };
  connectButtons(actions, signal);
  connectPageJump(view, signal);
  connectMore(signal);
  view.addEventListener("page", () => showPage(view), { signal });
  view.addEventListener("scale", ({ detail }) => { byId("scale").textContent = `${Math.round(detail * 100)}%`; }, { signal });
  return actions;
}

/** Offer the buttons that are of use for what is shown: pdf, words, image, text, table, audio or video. */
export function arrangeToolbar(shown) {
  document.documentElement.dataset.shown = shown;
  for (const element of byId("toolbar").querySelectorAll("[data-for]")) {
    element.hidden = !element.dataset.for.split(" ").includes(shown);
  }
}

/** Show the page number and how many there are. */
export function showPage(view) {
  byId("page-number").value = view.page;
  byId("page-count").textContent = view.pages;
  setDisabled("previous", view.page <= 1);
  setDisabled("next", view.page >= view.pages);
}

function setDisabled(action, disabled) {
  // aria-disabled keeps the focus where it is when the last page is reached
  document.querySelector(`#toolbar [data-do="${action}"]`).setAttribute("aria-disabled", disabled);
}

function connectButtons(actions, signal) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-do]");
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    if (button.closest("#extras")) closeMore();
    actions[button.dataset.do]?.();
  }, { signal });
}

function connectPageJump(view, signal) {
  const input = byId("page-number");
  const go = () => {
    const wanted = Number.parseInt(input.value, 10);
    if (Number.isInteger(wanted)) view.page = wanted;
    showPage(view);
  };
  byId("page-jump").addEventListener("submit", (event) => {
    event.preventDefault();
    go();
    view.focus();
  }, { signal });
  input.addEventListener("focus", () => input.select(), { signal });
  input.addEventListener("blur", go, { signal });
}

function connectMore(signal) {
  byId("more").addEventListener("click", () => {
    const open = byId("extras").classList.toggle("is-open");
    byId("more").setAttribute("aria-expanded", open);
    if (open) byId("extras").querySelector("button:not([hidden])").focus();
  }, { signal });
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest?.("#extras, #more")) closeMore();
  }, { signal });
}

/** Close the menu of the small screens; false where it was not open. */
export function closeMore() {
  const wasOpen = byId("extras").classList.contains("is-open");
  const hadFocus = byId("extras").contains(document.activeElement);
  byId("extras").classList.remove("is-open");
  byId("more").setAttribute("aria-expanded", "false");
  if (wasOpen && hadFocus) byId("more").focus();
  return wasOpen;
}
