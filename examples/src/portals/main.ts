/** Two portals are each other's peer: what is put into one comes out of the other, bytes and portals alike. */
import { Node } from "ipcz";

const node = new Node();
const [here, there] = node.openPortals();

here.put("first");
here.put(new Uint8Array([2, 3]));
console.log("waiting:", there.status.parcels, "parcels of", there.status.bytes, "bytes");
console.log("a text:", there.get()?.text());
console.log("bytes:", there.get()?.bytes.join());
console.log("nothing more:", there.get());

// A portal travels in a parcel, with all that waits in it.
const [question, answer] = node.openPortals();
question.put("how much is six times seven?");
here.put({ bytes: "please answer here", handles: [answer] });
const parcel = await there.receive();
const [received] = parcel?.portals ?? [];
console.log(parcel?.text(), "-", received?.get()?.text());
received?.put("42");
console.log("answered:", (await question.receive())?.text());

// What was put before the end arrives; then comes the end.
here.put("last words");
here.close();
for await (const each of there) console.log("to the end:", each.text());
console.log("ended:", await there.closed);
for (const each of [question, received, there, node]) each?.close();
