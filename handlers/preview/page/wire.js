// The way to the server: what happens comes in over a WebSocket, what a person does goes out as posts.

const PAUSES = [300, 1000, 2000, 5000];

/** Follow what happens, for ever: heard(kind, content) for each event, online(true or false) as the connection comes and goes. */
export function follow(heard, online) {
  let tries = 0;
  const connect = () => {
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/updates`);
    socket.onmessage = (event) => {
      const { kind, content } = JSON.parse(event.data);
      if (kind === "state") {
        tries = 0;
        online(true);
      }
      heard(kind, content);
    };
    socket.onclose = () => {
      online(false);
      setTimeout(connect, PAUSES[Math.min(tries++, PAUSES.length - 1)]);
    };
  };
  connect();
}

/** An act was refused (its message says why), or (why empty) the server cannot be reached. */
export class Refused extends Error {}

async function posted(path, options) {
  let answer;
  try {
    answer = await fetch(path, { method: "POST", ...options });
  } catch {
    throw new Refused("");
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(told.error || String(answer.status));
  return told;
}

/** Do something; what the server tells of it. */
export function act(body) {
  return posted("/act", { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
}

/** Send a file, with the fields that say whose it is. */
export function upload(file, fields) {
  return posted(`/upload?${new URLSearchParams(fields)}`, { body: file, headers: { "Content-Type": "application/octet-stream" } });
}

/** What the page needs before anything is said; late() is called while the server cannot be reached. */
export async function beginning(late) {
  for (let tries = 0; ; tries++) {
    try {
      return await (await fetch("/start.json")).json();
    } catch {
      late();
      await new Promise((resolve) => setTimeout(resolve, PAUSES[Math.min(tries, PAUSES.length - 1)]));
    }
  }
}
