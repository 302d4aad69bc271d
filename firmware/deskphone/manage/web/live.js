// The status page without reload: its tables anew every two seconds while somebody looks. What comes is the server's own
// HTML, escaped there. A session that nobody uses ends although the page is open; then the log-in is shown.
"use strict";
const now = document.getElementById("now");
async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch("/status/now", { redirect: "manual", credentials: "same-origin" });
      if (answer.ok) {
        const text = await answer.text();
        if (text !== now.dataset.last) now.innerHTML = now.dataset.last = text;
      } else if (answer.type === "opaqueredirect") {
        location.assign("/login");
        return;
      }
    } catch (error) {
      // the phone or the network is away: what was shown stays
    }
  }
  setTimeout(look, 2000);
}
setTimeout(look, 2000);
