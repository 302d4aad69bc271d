// Ring tones from the phone's own files, and plain stand-ins where there is no file or no bridge.
// Law: buffers only; who plays them and how loud is decided elsewhere.

const RATE = 16_000;
const rings = new Map();

/** The ring tone of that name as an AudioBuffer, with the silence of its cadence; null for silence. */
export function ringBuffer(context, name) {
  if (name === "silent") return Promise.resolve(null);
  if (!rings.has(name)) rings.set(name, load(context, name));
  return rings.get(name);
}

async function load(context, name) {
  try {
    const answer = await fetch(`/panel/sound/ring/${encodeURIComponent(name)}.wav`);
    if (answer.ok) return await context.decodeAudioData(await answer.arrayBuffer());
  } catch {
    // A tone is better than none: the stand-in below.
  }
  return warble(context);
}

/** Two notes in turn for a second, then two seconds of silence. */
function warble(context) {
  const buffer = context.createBuffer(1, 3 * RATE, RATE);
  const samples = buffer.getChannelData(0);
  let phase = 0;
  for (let place = 0; place < RATE; place += 1) {
    phase += (2 * Math.PI * (Math.floor(place / 800) % 2 ? 1320 : 1056)) / RATE;
    samples[place] = 0.4 * Math.sin(phase) * Math.min(1, place / 160, (RATE - place) / 160);
  }
  return buffer;
}

// Frequencies, and milliseconds on and off: North American call progress (precise tone plan).
const SHAPES = {
  dial: [[350, 440], 1000, 0],
  secondary: [[350, 440], 1000, 0],
  stutter: [[350, 440], 100, 100],
  ringback: [[440, 480], 2000, 4000],
  busy: [[480, 620], 500, 500],
  congestion: [[480, 620], 250, 250],
  call_waiting: [[440], 300, 9700],
};

/** A call-progress tone to be looped. The bridge plays the exact one of the country; this is for no bridge. */
export function toneBuffer(context, name) {
  const [tones, on, off] = SHAPES[name] ?? [[425], 200, 800];
  const buffer = context.createBuffer(1, ((on + off) * RATE) / 1000, RATE);
  const samples = buffer.getChannelData(0);
  const sounding = (on * RATE) / 1000;
  for (let place = 0; place < sounding; place += 1) {
    for (const tone of tones) samples[place] += Math.sin((2 * Math.PI * tone * place) / RATE) / tones.length;
  }
  return buffer;
}
