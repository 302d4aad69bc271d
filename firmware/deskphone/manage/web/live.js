// What is of now, without reload: each element with data-from is filled anew every two seconds while somebody looks. What
// comes is the server's own HTML, escaped there. A session that nobody uses ends although the page is open; then the
// log-in is shown.
"use strict";
async function look(part) {
  if (!document.hidden) {
    try {
      const answer = await fetch(part.dataset.from, { redirect: "manual", credentials: "same-origin" });
      if (answer.ok) {
        const text = await answer.text();
        if (text !== part.dataset.last) part.innerHTML = part.dataset.last = text;
      } else if (answer.type === "opaqueredirect") {
        location.assign("/login");
        return;
      }
    } catch (error) {
      // the phone or the network is away: what was shown stays
    }
  }
  setTimeout(look, 2000, part);
}
for (const part of document.querySelectorAll("[data-from]")) setTimeout(look, 2000, part);
