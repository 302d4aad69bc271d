// The two sites of a contact centre: which one the desktop shows, and the buttons that kill, freeze and revive each.
// Law: the desktop follows the agent; a person may look at the other site until the agent moves again.

export const LIVES = { up: "In service", frozen: "Frozen: hears all, says nothing", closing: "Shutting down", dead: "Dead" };
const DEEDS = {
  up: [["kill", "Kill"], ["freeze", "Freeze"], ["shut_down", "Shut down"], ["restart", "Restart"]],
  frozen: [["revive", "Thaw"], ["kill", "Kill"]],
  closing: [["revive", "Stay"], ["kill", "Kill"]],
  dead: [["revive", "Revive"]],
};

let sites = [];
let shown = 0;
let seen = -1;

const path = (number) => (number ? `/server/${number + 1}` : "/server");

/** Where the site shown is asked. */
export const base = () => path(shown);

/** Where each site tells its news. */
export const streams = () => sites.map((_, number) => `${path(number)}/events`);

/** Asks how the sites are, and follows the agent of `dn` to where he sits. */
export async function read(dn) {
  sites = await (await fetch("/server/sites", { signal: AbortSignal.timeout(5_000) })).json();
  const where = sites.findIndex((each) => each.agents.some((seat) => seat.dn === dn));
  if (where !== seen && where >= 0) shown = where;
  if (where < 0 && sites[shown].life === "dead") shown = Math.max(0, sites.findIndex((each) => each.life === "up"));
  seen = where;
}

/** A card for each site, none where there is one only. */
export function cards(element, words) {
  if (sites.length < 2) return [];
  return sites.map((each, number) => {
    const title = element("button", { type: "button", className: "pick" }, element("b", { textContent: `Site ${number + 1}` }), element("span", { textContent: each.address }));
    title.dataset.site = number;
    title.dataset.key = `site/${number}`;
    title.setAttribute("aria-current", number === shown);
    const who = each.agents.map((seat) => `${seat.name || seat.agent} ${words[seat.state]}`).join(", ") || "nobody logged in";
    const there = [`${each.phones} phone${each.phones === 1 ? "" : "s"}`, who, each.calls ? `${each.calls} call${each.calls === 1 ? "" : "s"}` : ""];
    const keys = element("div", { className: "buttons" }, ...DEEDS[each.life].map(([deed, label]) => {
      const made = element("button", { type: "button", className: "plain", textContent: label });
      made.dataset.deed = deed;
      made.dataset.of = number;
      made.dataset.key = `${deed}/${number}`;
      return made;
    }));
    const card = element("article", { className: "card site" }, title, element("p", { className: "life", textContent: LIVES[each.life] }),
      element("p", { className: "note", textContent: there.filter(Boolean).join(" \u00b7 ") }), keys);
    card.dataset.life = each.life;
    return card;
  });
}

/** What a button of a card does; false where it is none. */
export async function pressed(button, post) {
  if (button.dataset.site) shown = Number(button.dataset.site);
  else if (button.dataset.deed) await post(`${path(Number(button.dataset.of))}/site`, { do: button.dataset.deed });
  else return false;
  return true;
}
