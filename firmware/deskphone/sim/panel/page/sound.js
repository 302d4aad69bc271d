// What a person hears and says through the page: ring tone, voice, microphone.
// Law: nothing sounds before the person touched the page, and the microphone opens only on its own button.

import { ringBuffer, toneBuffer } from "./tones.js";

const TAKEN = 4001;
const AGAIN_MS = 2_000;
const KEPT = "deskphone.sound";

const micButton = document.getElementById("mic");
const hearButton = document.getElementById("hear");
const note = document.getElementById("sound-note");

let context = null; // AudioContext, after the first touch
let out = null; // node that plays the voice
let gain = null; // opens and closes the voice softly
let socket = null;
let stream = null; // the microphone
let state = null;
let wanted = localStorage.getItem(KEPT) !== "off";
let up = false;
let taken = false;
let opening = false;
const playing = { ring: null, tone: null }; // {key, stop}

// --- what the phone says -------------------------------------------------------------------------

export function take(news) {
  state = news;
  micButton.disabled = !news.bridge;
  if (!news.bridge) tell("This phone was started without a sound bridge; you hear its tones, not the call.");
  refresh();
}

export function link(how) {
  up = how === "up";
  if (!up) refresh();
}

function tell(words) {
  if (note.textContent !== words) note.textContent = words;
}

function refresh() {
  const on = up && wanted && context !== null && context.state === "running";
  const ringing = on ? state?.ringing : null;
  const tone = on && !state?.bridge ? state?.call_tone : "";
  loop("ring", ringing ? `${ringing.name} ${ringing.volume} ${ringing.once}` : "", () => ring(ringing));
  loop("tone", tone ?? "", () => callTone(tone));
  if (gain && state) {
    const open = on && state.audio.path !== "none"; // the volume of the path is in the frames already
    gain.gain.setTargetAtTime(open ? 1 : 0, context.currentTime, 0.02);
  }
  if (on && state?.bridge) connect();
  else if (socket && !on) socket.close();
  if (up && wanted && state?.ringing && !on) tell("Click or press a key to hear the ring.");
  else if (note.textContent.startsWith("Click or press")) tell("");
}

// --- ring tone and, without a bridge, call-progress tones ------------------------------------------

function loop(slot, key, start) {
  if ((playing[slot]?.key ?? "") === key) return;
  playing[slot]?.stop();
  playing[slot] = key ? { key, stop: start() } : null;
}

function play(ready, loudness, repeats) {
  let source = null;
  let stopped = false;
  ready.then((buffer) => {
    if (stopped || buffer === null) return;
    const level = context.createGain();
    level.gain.value = loudness;
    source = new AudioBufferSourceNode(context, { buffer, loop: repeats });
    source.connect(level).connect(context.destination);
    source.start();
  });
  return () => {
    stopped = true;
    source?.stop();
  };
}

const ring = (what) => play(ringBuffer(context, what.name), (what.volume / 10) ** 1.5 * 0.8, !what.once);
const callTone = (name) => play(Promise.resolve(toneBuffer(context, name)), 0.16, true);

// --- voice ----------------------------------------------------------------------------------------

function connect() {
  if (socket !== null || taken || out === null) return;
  socket = new WebSocket(`ws${location.protocol === "https:" ? "s" : ""}://${location.host}/panel/audio`);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => out.port.postMessage(data, [data]);
  socket.onclose = (event) => {
    socket = null;
    taken = event.code === TAKEN;
    if (taken) {
      tell("Another page has the voice now. Press Sound to take it back.");
      setWanted(false);
    } else if (up && wanted) setTimeout(refresh, AGAIN_MS);
  };
}

async function wake() {
  if (context === null && !opening) {
    opening = true;
    const fresh = new AudioContext({ latencyHint: "interactive" });
    fresh.onstatechange = refresh;
    if (fresh.audioWorklet) {
      await fresh.audioWorklet.addModule("/page/worklet.js");
      out = new AudioWorkletNode(fresh, "voice-out", { numberOfInputs: 0, outputChannelCount: [1] });
      gain = fresh.createGain();
      out.connect(gain).connect(fresh.destination);
    }
    context = fresh;
    opening = false;
  }
  if (context?.state === "suspended") await context.resume();
  refresh();
}

for (const touch of ["pointerdown", "keydown"]) window.addEventListener(touch, () => wake().catch(failed), true);

function failed(error) {
  opening = false;
  tell(`No sound: ${error.message}`);
}

function setWanted(on) {
  wanted = on;
  hearButton.setAttribute("aria-pressed", String(on));
  hearButton.textContent = on ? "Sound on" : "Sound off";
}

hearButton.addEventListener("click", () => {
  taken = false;
  setWanted(!wanted);
  localStorage.setItem(KEPT, wanted ? "on" : "off");
  if (wanted) tell("");
  else closeMicrophone();
  wake().catch(failed);
});
setWanted(wanted);

// --- microphone -----------------------------------------------------------------------------------

async function openMicrophone() {
  if (!navigator.mediaDevices?.getUserMedia) {
    tell("The browser lends its microphone only to localhost or https pages.");
    return;
  }
  if (!wanted) hearButton.click();
  await wake();
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true } });
  } catch (error) {
    tell(error.name === "NotAllowedError" ? "The browser was not allowed to use the microphone." : `No microphone: ${error.message}`);
    return;
  }
  const into = new AudioWorkletNode(context, "voice-in", { numberOfOutputs: 0 });
  into.port.onmessage = ({ data }) => {
    const heard = stream !== null && state?.audio.path !== "none" && !state?.audio.muted;
    if (heard && socket?.readyState === WebSocket.OPEN && socket.bufferedAmount < 6_400) socket.send(data);
  };
  context.createMediaStreamSource(stream).connect(into);
  micButton.setAttribute("aria-pressed", "true");
  micButton.textContent = "Stop my microphone";
  tell("Your microphone is heard while a call is open. Wear headphones if you hear yourself.");
}

function closeMicrophone() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  micButton.setAttribute("aria-pressed", "false");
  micButton.textContent = "Use my microphone";
}

micButton.addEventListener("click", () => {
  if (stream === null) openMicrophone().catch(failed);
  else {
    closeMicrophone();
    tell("");
  }
});
