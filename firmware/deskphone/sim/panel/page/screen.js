// The display: one bit a pixel, drawn at a whole number of device pixels so that every dot stays square.
// Law: draws what it is given; knows nothing of calls.

const LIT = "#e3f5ff";
const BETWEEN = "#86a9bd";
const LARGEST = 4; // CSS pixels a dot, so that the phone fits a laptop's window

const canvas = document.getElementById("oled");
const bezel = document.getElementById("bezel");
let picture = null;

/** Show `{width, height, bits, bright}`; bits is base64, leftmost pixel in the highest bit. */
export function show(news) {
  const raw = atob(news.bits);
  picture = { ...news, bytes: Uint8Array.from(raw, (letter) => letter.charCodeAt(0)) };
  canvas.dataset.bright = String(news.bright);
  draw();
}

function fit() {
  const ratio = window.devicePixelRatio || 1;
  const width = picture?.width ?? 128;
  const style = getComputedStyle(bezel);
  const frame = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
  const room = Math.min(bezel.parentElement.clientWidth - frame, width * LARGEST);
  const dot = Math.max(1, Math.floor((room * ratio) / width));
  bezel.style.setProperty("--oled-w", `${(width * dot) / ratio}px`);
  return dot;
}

function draw() {
  const dot = fit();
  if (picture === null) return;
  const { width, height, bytes } = picture;
  if (canvas.width !== width * dot || canvas.height !== height * dot) {
    canvas.width = width * dot;
    canvas.height = height * dot;
  }
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  const stride = (width + 7) >> 3;
  const gap = dot >= 4 ? Math.max(1, Math.round(dot / 10)) : 0; // between the dots it is darker, never black
  const dots = (side, colour) => {
    pen.fillStyle = colour;
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        if (bytes[y * stride + (x >> 3)] & (0x80 >> (x & 7))) pen.fillRect(x * dot, y * dot, side, side);
      }
    }
  };
  if (gap > 0) dots(dot, BETWEEN);
  dots(dot - gap, LIT);
}

new ResizeObserver(draw).observe(bezel.parentElement);
window.addEventListener("resize", draw);
