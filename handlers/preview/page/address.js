// The address tells who and where: /?start=r_33_10#1001 or /#1003.group. So each tab keeps its own, over a reload too.

/** {person, chat, payload}; payload: of a link that waits for START, else null. */
export function fromAddress(people, group) {
  const [who, where] = location.hash.slice(1).split(".");
  const person = people.find((id) => id === Number(who)) || people[0];
  const given = new URLSearchParams(location.search).get("start");
  const payload = given !== null && /^[\w-]{0,64}$/.test(given) ? given : null;
  return { person, payload, chat: where === "group" && payload === null ? group : person };
}

/** Put it there, so that one can go back to where one was. */
export function toAddress({ person, chat, payload }, group) {
  const search = payload === null ? "" : `?start=${payload}`;
  const hash = `#${person}${chat === group ? ".group" : ""}`;
  if (location.search !== search || location.hash !== hash) history[location.hash ? "pushState" : "replaceState"](null, "", `/${search}${hash}`);
}

/** What was half-written in a chat; with a text, keep that. */
export function draft({ person, chat }, text) {
  const key = `draft:${person}:${chat}`;
  if (text !== undefined) sessionStorage.setItem(key, text);
  return sessionStorage.getItem(key) || "";
}
