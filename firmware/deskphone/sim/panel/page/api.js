// The phone's HTTP interface as the page uses it: orders in the order they were given, and the event stream.
// Law: no elements of the page are touched here.

const SILENCE_MS = 12_000; // the server pings every 5 s
const PATIENCE_MS = 5_000;
const AGAIN_MS = 1_000;

let line = Promise.resolve();

/** POST an order; orders never overtake one another. Resolves to true where the phone took it. */
export function send(path, order) {
  const body = JSON.stringify(order);
  const post = () =>
    fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
      keepalive: true, // a key comes up even when the page is being closed
      signal: AbortSignal.timeout(PATIENCE_MS), // one lost answer must not hold up all later keys
    })
      .then((answer) => answer.ok)
      .catch(() => false);
  const sent = line.then(post);
  line = sent;
  return sent;
}

export const key = (name) => send("/panel/key", { key: name });
export const keyDown = (name) => send("/panel/key", { key: name, down: true });
export const keyUp = (name) => send("/panel/key", { key: name, down: false });
export const hook = (off) => send("/panel/hook", { off });
export const text = (letters) => send("/panel/text", { text: letters });

/** Listen to the phone for as long as the page lives. `hear` has state, screen, levels and link functions. */
export function listen(hear) {
  let source = null;
  let watchdog = 0;

  const again = () => {
    clearTimeout(watchdog);
    source?.close();
    hear.link("down");
    watchdog = setTimeout(open, AGAIN_MS);
  };
  const alive = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(again, SILENCE_MS);
  };
  const on = (name, take) =>
    source.addEventListener(name, (event) => {
      alive();
      take(JSON.parse(event.data));
    });
  const open = () => {
    source = new EventSource("/panel/events");
    on("state", (state) => {
      hear.link("up");
      hear.state(state);
    });
    on("screen", hear.screen);
    on("levels", hear.levels);
    on("ping", () => {});
    source.onerror = again;
    alive();
  };
  open();
}
