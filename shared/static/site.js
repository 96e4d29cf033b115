// What every page gets where scripts run: copy buttons, and sentences for screen readers.

document.documentElement.classList.add("js");

/** @param {string} text */
function announce(text) {
  const region = document.getElementById("announcements");
  if (!region) return;
  region.textContent = "";
  // screen readers take a region that is emptied and filled in the same frame for unchanged
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}

/** @param {HTMLElement} button */
async function copy(button) {
  const what = button.dataset.copyWhat;
  try {
    await navigator.clipboard.writeText(button.dataset.copy ?? "");
  } catch {
    announce(`The ${what} could not be copied. Select it and copy it by hand.`);
    return;
  }
  button.classList.add("is-copied");
  announce(`The ${what} has been copied.`);
  setTimeout(() => button.classList.remove("is-copied"), 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
  if (button instanceof HTMLElement) copy(button);
});

// other scripts have a sentence said by dispatching this event
document.addEventListener("announce", (event) => {
  if (event instanceof CustomEvent) announce(event.detail);
});
