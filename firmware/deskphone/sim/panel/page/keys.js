// The keys under a finger: down when it touches, up when it leaves, so that a long press is a long press.
// Law: every element with data-key is a key; what it does is the phone's business.

import * as api from "./api.js";

const CLICK_MS = 500;
const RELEASE = ["pointerup", "pointercancel", "lostpointercapture"];

/** Show a key as pressed or not, wherever it is pressed from. */
export function look(name, pressed) {
  document.querySelector(`[data-key="${CSS.escape(name)}"]`)?.classList.toggle("pressed", pressed);
}

function fingers(button) {
  const name = button.dataset.key;
  let down = false;
  let released = -Infinity; // when a finger left: the click that follows is the same press

  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || down) return;
    down = true;
    button.setPointerCapture(event.pointerId);
    look(name, true);
    navigator.vibrate?.(8);
    api.keyDown(name);
  });
  const up = (event) => {
    if (!down) return;
    down = false;
    released = event.timeStamp;
    look(name, false);
    api.keyUp(name);
  };
  for (const event of RELEASE) button.addEventListener(event, up);
  window.addEventListener("pagehide", up);
  // A mouse does not take the focus away, so that Enter stays OK; Tab still reaches every key.
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("click", (event) => {
    // Enter or Space on the focused key, or a screen reader: a press without a finger.
    if (event.detail === 0 || event.timeStamp - released > CLICK_MS) api.key(name);
  });
}

for (const button of document.querySelectorAll("[data-key]")) fingers(button);

for (const button of document.querySelectorAll("[data-dial]")) {
  button.addEventListener("click", () => {
    for (const digit of button.dataset.dial) api.key(digit);
    api.key("ok");
  });
}
