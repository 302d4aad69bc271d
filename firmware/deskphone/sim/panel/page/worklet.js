// The voice between the sound card's rate and the bridge's 16 kHz: two audio worklet processors.
// Law: samples in, samples out; runs in the audio thread, so nothing here waits or grows without bound.

const BRIDGE_RATE = 16_000;
const FRAME = 320; // samples of 20 ms
const PHASES = 256;
const START = 3 * FRAME; // samples kept before speech starts or starts again (60 ms)
const MOST = 12 * FRAME; // more than this is delay a person hears: it is cut back to START

/** Band-limited resampling of a stream: a Blackman-windowed sinc, looked up by phase. */
class Resampler {
  constructor(from, to) {
    this.step = from / to;
    const cutoff = Math.min(1, to / from) * 0.94;
    this.half = Math.ceil(14 / cutoff);
    this.kernel = Resampler.table(cutoff, this.half);
    this.reset();
  }

  static table(cutoff, half) {
    const table = new Float32Array(PHASES * 2 * half);
    for (let phase = 0; phase < PHASES; phase += 1) {
      for (let tap = 0; tap < 2 * half; tap += 1) {
        const t = tap - half + 1 - phase / PHASES;
        const x = Math.PI * t * cutoff;
        const w = Math.PI * (t / half);
        const window = Math.abs(t) >= half ? 0 : 0.42 + 0.5 * Math.cos(w) + 0.08 * Math.cos(2 * w);
        table[phase * 2 * half + tap] = (x === 0 ? 1 : Math.sin(x) / x) * cutoff * window;
      }
    }
    return table;
  }

  reset() {
    this.data = new Float32Array(2 * this.half); // silence before the first sample
    this.at = this.half - 1; // place of the next output sample in `data`
  }

  push(samples) {
    const keep = this.data.subarray(Math.max(0, Math.floor(this.at) - this.half + 1));
    this.at -= this.data.length - keep.length;
    const data = new Float32Array(keep.length + samples.length);
    data.set(keep);
    data.set(samples, keep.length);
    this.data = data;
  }

  /** How many output samples can be taken now. */
  get ready() {
    return Math.max(0, Math.ceil((this.data.length - this.half - this.at) / this.step));
  }

  next() {
    const whole = Math.floor(this.at);
    const phase = Math.floor((this.at - whole) * PHASES);
    const row = phase * 2 * this.half;
    const first = whole - this.half + 1;
    let sum = 0;
    for (let tap = 0; tap < 2 * this.half; tap += 1) sum += this.data[first + tap] * this.kernel[row + tap];
    this.at += this.step;
    return sum;
  }
}

/** The microphone: posts ArrayBuffers of 320 16-bit samples at 16 kHz. */
class VoiceIn extends AudioWorkletProcessor {
  constructor() {
    super();
    this.rate = new Resampler(sampleRate, BRIDGE_RATE);
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
  }

  process(inputs) {
    const samples = inputs[0][0];
    if (!samples) return true;
    this.rate.push(samples);
    for (let count = this.rate.ready; count > 0; count -= 1) {
      const value = Math.max(-1, Math.min(1, this.rate.next()));
      this.frame[this.filled] = value * 32_767;
      this.filled += 1;
      if (this.filled === FRAME) {
        this.port.postMessage(this.frame.buffer, [this.frame.buffer]);
        this.frame = new Int16Array(FRAME);
        this.filled = 0;
      }
    }
    return true;
  }
}

/** The loudspeaker: takes ArrayBuffers of 16-bit samples at 16 kHz, plays them after a short buffer. */
class VoiceOut extends AudioWorkletProcessor {
  constructor() {
    super();
    this.rate = new Resampler(BRIDGE_RATE, sampleRate);
    this.playing = false;
    this.port.onmessage = ({ data }) => this.take(new Int16Array(data));
  }

  take(pcm) {
    if (this.rate.data.length > MOST) {
      this.rate.data = this.rate.data.slice(-START);
      this.rate.at = this.rate.half;
    }
    this.rate.push(Float32Array.from(pcm, (sample) => sample / 32_768));
  }

  process(_inputs, outputs) {
    const out = outputs[0][0];
    const ready = this.rate.ready;
    if (!this.playing) this.playing = ready * this.rate.step >= START;
    if (this.playing && ready < out.length) {
      this.playing = false;
      this.rate.reset();
    }
    if (!this.playing) return true;
    for (let place = 0; place < out.length; place += 1) out[place] = this.rate.next();
    return true;
  }
}

registerProcessor("voice-in", VoiceIn);
registerProcessor("voice-out", VoiceOut);
