// The keys under a finger: down when it touches, up when it leaves, so that a long press is a long press.
// Law: every element with data-key is a key; what it does is the phone's business.

import * as api from "./api.js";

const RELEASE = ["pointerup", "pointercancel", "lostpointercapture"];

/** Show a key as pressed or not, wherever it is pressed from. */
export function look(name, pressed) {
  document.querySelector(`[data-key="${CSS.escape(name)}"]`)?.classList.toggle("pressed", pressed);
}

function fingers(button) {
  const name = button.dataset.key;
  let down = false;
  let touched = false; // this click was a finger's, and is done already

  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || down) return;
    down = touched = true;
    button.setPointerCapture(event.pointerId);
    look(name, true);
    navigator.vibrate?.(8);
    api.keyDown(name);
  });
  const up = () => {
    if (!down) return;
    down = false;
    look(name, false);
    api.keyUp(name);
  };
  for (const event of RELEASE) button.addEventListener(event, up);
  window.addEventListener("pagehide", up);
  // A mouse does not take the focus away, so that Enter stays OK; Tab still reaches every key.
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    if (!touched) api.key(name); // Enter or Space on the focused key, or a screen reader
    touched = false;
  });
}

for (const button of document.querySelectorAll("[data-key]")) fingers(button);

for (const button of document.querySelectorAll("[data-dial]")) {
  button.addEventListener("click", () => {
    for (const digit of button.dataset.dial) api.key(digit);
    api.key("ok");
  });
}
