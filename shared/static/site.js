// What small help every page gets where scripts run: copy buttons, and words for screen readers.

document.documentElement.classList.add("js");

function announce(text) {
  const region = document.getElementById("announcements");
  region.textContent = "";
  // an emptied region that is filled in the same frame counts as unchanged
  requestAnimationFrame(() => { region.textContent = text; });
}

async function copy(button) {
  const what = button.dataset.copyWhat;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    announce(`The ${what} could not be copied. Select it and copy it by hand.`);
    return;
  }
  button.classList.add("is-copied");
  announce(`The ${what} has been copied.`);
  setTimeout(() => button.classList.remove("is-copied"), 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (button) copy(button);
});

// other scripts have something said by dispatching this event
document.addEventListener("announce", (event) => announce(event.detail));
