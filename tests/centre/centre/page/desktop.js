// The agent desktop: shows what the contact centre says and sends what the agent wishes.
// Law: no state of its own but the chosen phone; what a button may do is the server's business, its refusal is shown.

import { LIVES, base, cards, pressed as pressedSite, read as readSites, streams } from "/desktop/sites.js";

const $ = (id) => document.getElementById(id);
const WORDS = { "logged off": "Logged out", ready: "Ready", "not ready": "Not Ready", "after-call work": "After-call work" };
const CALLS = { ringing: "Ringing", dialling: "Calling", talking: "Talking", held: "On hold" };
const CUSTOMERS = [["2001", "Zo\u00eb M\u00fcller"], ["+442079460123", "Acme Insurance"], ["2002", "Jos\u00e9 Ib\u00e1\u00f1ez"], ["2004", "Lin Wei"]];

let state = null;
let dn = location.hash.slice(1);
let turn = 0;

// --- asking the server -------------------------------------------------------------------------------

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    signal: AbortSignal.timeout(40_000),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said;
}

async function order(what, more = {}) {
  $("refused").textContent = "";
  try {
    await post(`${base()}/desktop`, { dn, do: what, ...more });
  } catch (error) {
    $("refused").textContent = error.message;
  }
  look();
}

let wanted = false, busy = false;
async function look() {
  wanted = true;
  if (busy) return;
  busy = true;
  while (wanted) {
    wanted = false;
    try {
      await readSites(dn);
      state = await (await fetch(`${base()}/state`, { signal: AbortSignal.timeout(5_000) })).json();
      link("up");
      draw();
    } catch {
      link("down");
    }
  }
  busy = false;
}

function link(how) {
  document.body.dataset.link = how;
  $("link").textContent = how === "up" ? "Connected" : "No answer";
  $("lost").hidden = how === "up";
}

function listen(from) {
  const events = new EventSource(from);
  events.onopen = look;
  events.onerror = () => { link("down"); if (events.readyState === 2) setTimeout(listen, 1000, from); };
  for (const kind of Object.keys(NEWS)) events.addEventListener(kind, (event) => { news(kind, JSON.parse(event.data)); look(); });
  for (const kind of ["features", "far-end", "leg-ended", "left-queue", "call-ringing", "held", "retrieved", "agent-login", "conference"])
    events.addEventListener(kind, look);
}

// --- drawing -------------------------------------------------------------------------------------------

function element(name, props = {}, ...inside) {
  const made = Object.assign(document.createElement(name), props);
  made.append(...inside.filter((each) => each !== ""));
  return made;
}

function fill(list, items) {
  const text = JSON.stringify(items.map((each) => each.outerHTML));
  if (list.dataset.drawn === text) return; // keep focus and clicks where nothing changed
  const focus = document.activeElement?.dataset?.key;
  list.replaceChildren(...items);
  list.dataset.drawn = text;
  if (focus) list.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus();
}

function button(words, what, more = {}, kind = "plain") {
  const made = element("button", { type: "button", className: kind, textContent: words });
  made.dataset.key = `${what}/${JSON.stringify(more)}`;
  made.dataset.do = what;
  made.dataset.more = JSON.stringify(more);
  return made;
}

const reasonName = (code) => (code ? [code, state.reasons[code]].filter(Boolean).join(" ") : "");

function draw() {
  const dns = Object.keys(state.desktops);
  if (!dns.includes(dn)) dn = dns.find((each) => state.desktops[each].registered) ?? dns[0];
  const desk = state.desktops[dn];
  $("where").textContent = `SIP Server ${state.address}`;
  document.title = `${WORDS[desk.state]} - ${dn} - Agent desktop`;
  const sites = cards(element, WORDS);
  $("sites").hidden = !sites.length;
  fill($("sites"), sites);
  fill($("dns"), dns.map((each) => {
    const its = state.desktops[each];
    const tab = element("button", { type: "button" }, element("b", { textContent: each }), element("span", { textContent: its.agent ? `${its.name || its.agent}, ${WORDS[its.state]}` : its.registered ? "nobody logged in" : "no phone" }));
    tab.dataset.dn = tab.dataset.key = each;
    tab.setAttribute("aria-current", each === dn);
    return tab;
  }));
  drawAgent(desk);
  drawCalls(desk);
  drawQueue(state.queues[0]);
  fill($("team"), state.agents.map((each) => {
    const its = each.dn ? state.desktops[each.dn] : null;
    return element("li", {}, element("b", { textContent: each.name || each.agent }), element("span", { textContent: each.agent }),
      element("span", { textContent: its ? `${WORDS[its.state]}${its.reason ? `, ${reasonName(its.reason)}` : ""} at ${each.dn}` : "Logged out" }));
  }));
}

function drawAgent(desk) {
  const here = Boolean(desk.agent);
  $("state").dataset.state = desk.state;
  $("state-word").textContent = WORDS[desk.state];
  $("state-who").textContent = here ? [desk.name, desk.agent, reasonName(desk.reason)].filter(Boolean).join(" \u00b7 ") : "Log in here, or on the phone.";
  $("states").hidden = !here;
  $("login").hidden = here;
  $("log-out").hidden = !here;
  fill($("reasons"), [["", "No reason"], ...Object.entries(state.reasons)].map(([code, name]) => {
    const made = button(code ? `${name}` : name, "not_ready", { reason: code });
    made.setAttribute("aria-pressed", desk.state === "not ready" && desk.reason === code);
    return made;
  }));
  document.querySelector('[data-do="ready"]').setAttribute("aria-pressed", desk.state === "ready");
  document.querySelector('[data-do="acw"]').setAttribute("aria-pressed", desk.state === "after-call work");
  fill($("logins"), state.agents.filter((each) => !each.dn).map((each) => element("option", { value: each.agent, label: each.name })));
  const marks = [desk.dnd && "Do not disturb", ...Object.values(desk.forward).map((to) => `Forwarded to ${to}`)].filter(Boolean);
  $("phone-note").textContent = [desk.registered ? `Phone ${dn} is registered.` : `No phone is registered at ${dn}.`, ...marks].join(" ");
}

function drawCalls(desk) {
  const calls = desk.calls.toReversed();
  const pair = desk.calls.length > 1 && desk.calls.every((each) => each.state !== "ringing");
  $("calls-none").hidden = calls.length > 0;
  fill($("calls"), calls.map((each) => {
    const keys = element("div", { className: "buttons" });
    if (each.state === "ringing") keys.append(button("Answer", "answer", { call: each.call }, "action"));
    if (each.state === "talking" && !each.conference) keys.append(button("Hold", "hold", { call: each.call }));
    if (each.state === "held") keys.append(button("Retrieve", "retrieve", { call: each.call }));
    keys.append(button("Hang up", "release", { call: each.call }));
    const words = each.conference ? `with ${each.with}` : `${each.direction === "in" ? "from" : "to"} ${each.with}${each.queue ? `, queue ${each.queue}` : ""}`;
    const made = element("li", {}, element("b", { textContent: each.conference ? "Conference" : each.name || each.with || "Anonymous" }),
      element("span", { className: "how", textContent: CALLS[each.state] }), element("span", { className: "number", textContent: words }), keys);
    made.dataset.state = each.state;
    return made;
  }));
  $("pair").hidden = !pair;
  for (const id of ["consult", "transfer"]) $(id).hidden = pair || !desk.calls.some((each) => !each.conference && ["talking", "held"].includes(each.state));
  for (const id of ["make_call", "number", "consult", "transfer"]) $(id).disabled = !desk.registered;
}

function drawQueue(queue) {
  $("queue-box").hidden = !queue;
  $("queue-none").hidden = Boolean(queue);
  if (!queue) return;
  $("queue-title").textContent = `Queue ${queue.number}`;
  const waiting = queue.waiting.filter((each) => !each.ringing_at);
  $("queue-count").textContent = waiting.length;
  $("queue-words").textContent = waiting.length === 1 ? "customer waits" : "customers wait";
  fill($("queue"), queue.waiting.map((each) => {
    const clock = element("span", { className: "clock" });
    clock.dataset.since = each.since;
    return element("li", {}, element("b", { textContent: each.name || each.from }), element("span", { textContent: each.ringing_at ? `rings at ${each.ringing_at}` : "waits" }), clock);
  }));
  const ready = queue.ready.length ? `Ready: ${queue.ready.join(", ")}.` : "No agent is free.";
  $("queue-note").textContent = `${ready} ${queue.distributed} distributed.`;
  tick();
}

function span(since) {
  const seconds = Math.max(0, Math.floor(Date.now() / 1000 - since));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function tick() {
  if (!state) return;
  $("state-since").textContent = state.desktops[dn]?.agent ? `\u00b7 ${span(state.desktops[dn].since)}` : "";
  for (const clock of document.querySelectorAll("[data-since]")) clock.textContent = span(Number(clock.dataset.since));
}

// --- what happened ---------------------------------------------------------------------------------------

const NEWS = {
  registered: (e) => `Phone ${e.dn} is registered`,
  unregistered: (e) => `Phone ${e.dn} is gone`,
  agent: (e) => e.what === "state" && `${e.name || e.agent || "Agent"} at ${e.dn}: ${WORDS[e.state]}${e.reason ? `, ${reasonName(e.reason)}` : ""}`,
  "wrong-agent-password": (e) => `Wrong agent password at ${e.dn}`,
  queued: (e) => `${e.customer.name || e.customer.from} waits in queue ${e.queue}`,
  "no-answer": (e) => `No answer at ${e.dn}: back to queue ${e.queue}`,
  "call-started": (e) => `${e.call.from} calls ${e.call.to}`,
  "call-answered": (e) => `${e.call.parties.join(" and ")} talk`,
  "call-transferred": (e) => `Transferred: ${e.call.parties.join(" and ")}`,
  "call-ended": (e) => `Call of ${e.call.from} and ${e.call.to} ended`,
  site: (e) => `SIP Server ${e.address}: ${LIVES[e.life].toLowerCase()}`,
  refer: (e) => e.final && `The phone reports ${e.code}`,
};

function news(kind, event) {
  const words = state && NEWS[kind](event);
  if (!words) return;
  const when = new Date(event.time * 1000).toLocaleTimeString([], { hour12: false });
  $("feed").prepend(element("li", {}, element("time", { textContent: when }), element("span", { textContent: words })));
  while ($("feed").children.length > 40) $("feed").lastChild.remove();
}

// --- what the person does ----------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("button");
  if (!pressed) return;
  if (pressed.dataset.site || pressed.dataset.deed) {
    pressedSite(pressed, post).then(look, look);
  } else if (pressed.dataset.dn) {
    dn = location.hash = pressed.dataset.dn;
    $("refused").textContent = "";
    draw();
  } else if (pressed.dataset.do) {
    order(pressed.dataset.do, pressed.dataset.more ? JSON.parse(pressed.dataset.more) : pressed.dataset.as ? { as: pressed.dataset.as } : {});
  }
});
$("dial").addEventListener("submit", (event) => {
  event.preventDefault();
  order(event.submitter?.value ?? "make_call", { number: $("number").value });
});
$("login").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  order("log_in", { agent: form.agent.value, password: form.password.value }).then(() => { form.password.value = ""; });
});
$("customer").addEventListener("click", () => {
  const [number, name] = CUSTOMERS[turn++ % CUSTOMERS.length];
  post(`${base()}/queue`, { queue: state.queues[0].number, do: "call", from: number, name, talk_for: 120 }).then(look, look);
});

setInterval(tick, 1000);
async function begin() {
  await look();
  if (streams().length) streams().forEach(listen);
  else setTimeout(begin, 1000);
}
begin();
