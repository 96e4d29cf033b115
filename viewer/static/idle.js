// Covers a document that nobody has used for a while: screens are left on, and people walk past.

const CHECK_EVERY_MS = 5000;
const SIGNS_OF_LIFE = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "touchmove", "scroll", "timeupdate"];

/** Watch for idleness, where the page has a cover to put over the document. */
export function coverWhenIdle() {
  const cover = document.getElementById("blank");
  if (!cover) return;
  const allowed = Number(cover.dataset.minutes) * 60_000;
  // by the clock on the wall, so that time asleep counts
  let last = Date.now();
  const check = () => {
    if (!cover.open && Date.now() - last >= allowed) hide(cover);
  };
  const alive = () => {
    check(); // the first movement after a sleep comes before any timer
    last = Date.now();
  };
  for (const name of SIGNS_OF_LIFE) document.addEventListener(name, alive, { capture: true, passive: true });
  document.addEventListener("visibilitychange", check);
  window.addEventListener("pageshow", check);
  setInterval(check, CHECK_EVERY_MS);
  cover.addEventListener("close", () => {
    last = Date.now();
    uncover();
  });
}

function hide(cover) {
  if (!document.documentElement.classList.contains("is-open")) return; // there is nothing to hide
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  for (const player of document.querySelectorAll("audio, video")) player.pause();
  document.exitFullscreen?.().catch(() => {}); // there may be none
  document.documentElement.classList.add("is-blank");
  cover.showModal(); // everything else is inert until it closes
}

function uncover() {
  document.documentElement.classList.remove("is-blank");
}
