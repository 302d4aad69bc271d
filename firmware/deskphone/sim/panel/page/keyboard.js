// The computer's keyboard as the phone's keys. MAP is also what the help shows.
// Law: a key of the keyboard is a key of the phone, or a typed letter where the display takes text.

import * as api from "./api.js";
import { look } from "./keys.js";

// [key of the phone, keys of the keyboard, words]
const MAP = [
  ...[..."0123456789*#"].map((digit) => [digit, [digit], ""]),
  ["ok", ["Enter"], "OK"],
  ["cancel", ["Escape"], "Cancel"],
  ["soft1", ["F1"], ""],
  ["soft2", ["F2"], ""],
  ["soft3", ["F3"], ""],
  ["soft4", ["F4"], ""],
  ["up", ["ArrowUp"], ""],
  ["down", ["ArrowDown"], ""],
  ["left", ["ArrowLeft"], ""],
  ["right", ["ArrowRight"], ""],
  ["menu", ["n"], "Menu"],
  ["hold", ["o"], "Hold"],
  ["transfer", ["t"], "Transfer"],
  ["mute", ["m"], "Mute"],
  ["redial", ["r"], "Redial"],
  ["voicemail", ["v"], "Voice mail"],
  ["contacts", ["c"], "Contacts"],
  ["headset", ["e"], "Headset"],
  ["speaker", ["s"], "Speaker"],
  ["volume_up", ["+", "="], "Volume up"],
  ["volume_down", ["-"], "Volume down"],
];
const HELP = [
  ["0-9 * #", "Keypad"],
  ["Space h", "Lift or put down the handset"],
  ["F1-F4", "Softkeys, left to right"],
  ["Arrows", "Navigation"],
  ...MAP.filter(([, , words]) => words).map(([, keys, words]) => [keys[0] === "Escape" ? "Esc" : keys[0], words]),
  ["Backspace", "Delete, else Cancel"],
  ["?", "This help"],
];
const BY_KEY = new Map(MAP.flatMap(([name, keys]) => keys.map((each) => [each, name])));

const held = new Map(); // event.code -> key of the phone
const help = document.getElementById("help");
let state = null;

export function take(news) {
  state = news;
}

function letGo(code) {
  const name = held.get(code);
  if (name === undefined) return;
  held.delete(code);
  look(name, false);
  api.keyUp(name);
}

function press(event, name) {
  event.preventDefault();
  if (event.repeat || [...held.values()].includes(name)) return;
  held.set(event.code, name);
  look(name, true);
  api.keyDown(name);
}

function backspace() {
  const place = state?.softkey_commands.indexOf("delete") ?? -1;
  return place < 0 ? "cancel" : `soft${place + 1}`;
}

/** Whether the element that has the focus wants this key for itself. */
function isTheirs(event) {
  const focused = document.activeElement;
  if (focused === null || focused === document.body) return false;
  const acts = focused.matches("button, summary, a[href]");
  return acts && (event.key === "Enter" || event.key === " ");
}

window.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || help.open || event.isComposing) return;
  if (isTheirs(event)) return;
  const typed = [...event.key].length === 1;
  const digit = typed && "0123456789*#".includes(event.key);
  const inNumber = state?.typing === "digits" && event.key === "+";
  if (typed && (state?.typing === "text" || inNumber)) {
    event.preventDefault();
    api.text(event.key);
  } else if (event.key === "?") {
    help.showModal();
  } else if ((event.key === " " || event.key === "h") && !event.repeat) {
    event.preventDefault();
    document.getElementById("handset").click();
  } else if (event.key === "Backspace") {
    press(event, backspace());
  } else if (digit || BY_KEY.has(event.key)) {
    press(event, BY_KEY.get(event.key));
  }
});
window.addEventListener("keyup", (event) => letGo(event.code));
window.addEventListener("blur", () => {
  for (const code of [...held.keys()]) letGo(code);
});

document.getElementById("help-open").addEventListener("click", () => help.showModal());
document.getElementById("help-keys").append(
  ...HELP.map(([keys, words]) => {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    const means = document.createElement("dd");
    term.textContent = words;
    for (const each of keys.split(" ")) {
      const cap = document.createElement("kbd");
      cap.textContent = each;
      means.append(cap);
    }
    row.append(term, means);
    return row;
  }),
);
