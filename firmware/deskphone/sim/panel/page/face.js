// What the phone says of itself beside its display: lamps, handset, the cards, and the words for a reader.
// Law: the state goes in, the page changes; nothing is remembered but what must not be said twice.

import * as api from "./api.js";

const HOW = { off: "off", on: "on", slow: "blinks slowly", fast: "blinks fast" };
const PATHS = { none: "None", handset: "Handset", speaker: "Speaker", headset: "Headset" };
const CALL = {
  outgoing: "Calling",
  ringing: "Ringing",
  early: "Ringing, heard",
  incoming: "Incoming",
  answering: "Answering",
  established: "Talking",
  ending: "Ending",
};
const READ_AFTER_MS = 250;

const at = (id) => document.getElementById(id);
const phone = at("phone");
const handset = at("handset");
let state = null;
let said = "";
let reading = 0;

function put(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

export function take(news) {
  state = news;
  lamps(news.lamps);
  handset.setAttribute("aria-pressed", String(news.hook_off));
  handset.setAttribute("aria-label", news.hook_off ? "Handset, lifted: put it down" : "Handset, on hook: lift it");
  put(at("handset-word"), news.hook_off ? "Put down" : news.ringing && !news.ringing.once ? "Lift to answer" : "Lift");
  phone.dataset.ringing = String(Boolean(news.ringing && !news.ringing.once));
  softkeys(news.softkeys);
  sound(news);
  lines(news);
  clearTimeout(reading);
  reading = setTimeout(read, READ_AFTER_MS);
}

function lamps(patterns) {
  for (const lamp of document.querySelectorAll("[data-lamp]")) {
    const pattern = patterns[lamp.dataset.lamp];
    lamp.dataset.state = pattern;
    const how = lamp.querySelector(".how");
    if (how) put(how, HOW[pattern]);
  }
}

function softkeys(labels) {
  labels.forEach((label, place) => {
    const button = document.querySelector(`[data-key="soft${place + 1}"]`);
    button.dataset.on = String(label !== "");
    button.setAttribute("aria-label", label === "" ? `Softkey ${place + 1}: empty` : `Softkey ${place + 1}: ${label}`);
    button.title = label;
  });
}

function sound(news) {
  put(at("path"), PATHS[news.audio.path] ?? news.audio.path);
  at("path-icon").setAttribute("href", `#i-${news.audio.path}`);
  at("muted").hidden = !news.audio.muted;
  put(at("volume"), news.audio.path === "none" ? "not in use" : `${news.audio.volume} of 10`);
  [...at("volume-bar").children].forEach((part, place) => part.classList.toggle("lit", place < news.audio.volume));
  const words = news.call_tone ? `${news.call_tone.replaceAll("_", " ")} tone` : "";
  put(at("tone"), news.ringing ? `Ring tone: ${news.ringing.name}` : words || "Silent");
}

function row(bold, soft, right) {
  const item = document.createElement("li");
  const parts = [["b", bold], ["span", soft], ["span", right]];
  for (const [kind, words] of parts) {
    if (!words) continue;
    const part = document.createElement(kind);
    part.textContent = words;
    item.append(part);
  }
  return item;
}

function server(each) {
  if (each.registered) return row(each.address, "", "registered");
  return row(each.address, "", each.code ? `${each.code} ${each.reason}` : each.status);
}

function call(each) {
  const hold = each.local_hold ? "on hold" : each.remote_hold ? "held by them" : CALL[each.state] ?? each.state;
  const codec = each.codec.split("/")[0];
  const arrow = each.direction === "in" ? "from" : "to";
  return row(each.name || each.number || "Anonymous", each.name ? each.number : arrow, codec ? `${hold}, ${codec}` : hold);
}

function lines(news) {
  const servers = news.servers.length ? news.servers.map(server) : [row("No SIP Server yet", "", "")];
  at("servers").replaceChildren(...servers);
  at("calls").replaceChildren(...news.calls.map(call));
  put(at("who"), news.agent.id ? `Agent ${news.agent.id}` : "");
}

/** Say what the display says, once, and not again for every second of a call. */
function read() {
  const words = [state.title, ...state.rows, ...state.softkeys].filter(Boolean);
  const gist = words.join("|").replace(/\d+:\d\d(:\d\d)?/g, "");
  if (gist === said) return;
  said = gist;
  at("reading").textContent = `${words.join(". ")}.`;
}

/** Levels are 0 to 1 of full scale; the square root shows quiet speech too. */
export function levels(news) {
  meter(at("level-in"), Math.sqrt(news.microphone));
  meter(at("level-out"), Math.sqrt(news.speaker));
}

function meter(element, share) {
  const percent = String(Math.round(share * 100));
  if (element.getAttribute("aria-valuenow") === percent) return;
  element.setAttribute("aria-valuenow", percent);
  element.firstElementChild.style.width = `${percent}%`;
}

const LINKS = { up: "Connected", down: "Not answering", opening: "Connecting" };

export function link(how) {
  if (document.body.dataset.link === how) return;
  document.body.dataset.link = how;
  put(at("link"), LINKS[how]);
  at("lost").hidden = how !== "down";
}

handset.addEventListener("click", () => {
  if (state === null) return;
  const off = handset.getAttribute("aria-pressed") !== "true";
  handset.setAttribute("aria-pressed", String(off)); // at once; the phone's own word follows
  api.hook(off);
});
handset.addEventListener("mousedown", (event) => event.preventDefault());
