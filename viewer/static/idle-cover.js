// Covers a document that nobody has used for a while: people leave screens on, and others walk past.

import { ignore } from "./dom.js";

const CHECK_EVERY_MS = 5000;
const SIGNS_OF_USE = [
  "pointerdown",
  "pointermove",
  "keydown",
  "wheel",
  "touchstart",
  "touchmove",
  "scroll",
  "timeupdate",
];

/** Watches for idleness, where policy asks for it: the page has a cover then. */
export function coverWhenIdle() {
  const cover = document.getElementById("idle-cover");
  if (!(cover instanceof HTMLDialogElement)) return;
  const allowed = Number(cover.dataset.minutes) * 60_000;
  // the time of day, so that the time for which a computer sleeps counts
  let last = Date.now();
  const check = () => {
    if (!cover.open && Date.now() - last >= allowed) hide(cover);
  };
  const use = () => {
    check(); // after a sleep the first movement comes before any timer
    last = Date.now();
  };
  for (const name of SIGNS_OF_USE) document.addEventListener(name, use, { capture: true, passive: true });
  document.addEventListener("visibilitychange", check);
  window.addEventListener("pageshow", check);
  setInterval(check, CHECK_EVERY_MS);
  cover.addEventListener("close", () => {
    last = Date.now();
    document.documentElement.classList.remove("is-covered");
  });
}

/** @param {HTMLDialogElement} cover */
function hide(cover) {
  if (!document.documentElement.classList.contains("is-open")) return; // there is no document on the screen
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  for (const player of document.querySelectorAll("audio, video")) {
    if (player instanceof HTMLMediaElement) player.pause();
  }
  if (document.fullscreenElement) document.exitFullscreen().catch(ignore);
  document.documentElement.classList.add("is-covered");
  cover.showModal(); // nothing else can be used until it closes
}
