// The address tells who and where: /?start=r_33_10#1001 or /#1003.group. So each tab keeps its own, over a reload too.

/** {person, chat, payload}; payload: of a link that waits for START, else null. */
export function fromAddress(people, group) {
  const [who, where] = location.hash.slice(1).split(".");
  const person = people.find((id) => id === Number(who)) || people[0];
  const payload = payloadOf(new URLSearchParams(location.search));
  return { person, payload, chat: where === "group" && payload === null ? group : person };
}

/** What a link gives to START; null where it gives nothing that may stand there. */
export function payloadOf(search) {
  const given = search.get("start");
  return given !== null && /^[\w-]{0,64}$/.test(given) ? given : null;
}

/** Put it there; fresh: so that one can go back to where one was. */
export function toAddress({ person, chat, payload }, group, fresh) {
  const search = payload === null ? "" : `?start=${payload}`;
  const hash = `#${person}${chat === group ? ".group" : ""}`;
  if (location.search !== search || location.hash !== hash) history[fresh ? "pushState" : "replaceState"](null, "", `/${search}${hash}`);
}

/** What was half-written in a place; with a text, keep that. */
export function draft(place, text) {
  const key = `draft:${place}`;
  if (text !== undefined) sessionStorage.setItem(key, text);
  return sessionStorage.getItem(key) || "";
}
