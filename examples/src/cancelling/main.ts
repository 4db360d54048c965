/** Waits that are given up, and portals that are closed by the end of a block. */
import { setImmediate } from "node:timers/promises";
import { Node, type Portal } from "ipcz";

const node = new Node();

// Every wait takes a signal, and is rejected with its reason.
const [here, there] = node.openPortals();
const stop = new AbortController();
const waiting = here.receive({ signal: stop.signal });
stop.abort(new Error("no longer wanted"));
console.log("a wait:", await waiting.catch((error: unknown) => String(error)));

// Who gave up has taken nothing: the parcel is for whoever waits now.
there.put("for the next one");
console.log("the next one:", (await here.receive())?.text());

// A loop ends with its signal, too.
const enough = new AbortController();
const loop = readAll(here, enough.signal);
for (const text of ["one", "two"]) there.put(text);
await setImmediate();
enough.abort();
console.log("a loop:", await loop);

{
  // At the end of the block both are closed, whichever way it is left.
  using first = here;
  using second = there;
  second.put("last");
  console.log("in the block:", first.get()?.text());
}
console.log("after it:", here.ended, there.ended);
await using closing = node;
console.log("the node is open:", !closing.closed);

async function readAll(portal: Portal, signal: AbortSignal): Promise<string> {
  const texts: string[] = [];
  try {
    for await (const parcel of portal.parcels({ signal })) texts.push(parcel.text());
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return texts.join(", ");
}
