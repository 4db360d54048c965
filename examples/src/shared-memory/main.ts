/** Memory that two processes have at the same time: what one writes, the other reads, without a message. */
import { type IpczDriverHandle } from "@ipcz/api";
import { Node } from "ipcz";
import { mapMemory } from "./map-memory.ts";

const node = new Node();
const child = await node.fork(new URL("./child.js", import.meta.url));

const memory = { value: 0 as IpczDriverHandle };
node.driver.AllocateSharedMemory(64 * 1024, 0, null, memory);
// One share for this process, and one for the box, which takes it along.
const share = { value: 0 as IpczDriverHandle };
node.driver.DuplicateSharedMemory(memory.value, 0, null, share);
child.portal.put({ bytes: "memory", handles: [node.boxDriverObject(share.value)] });

using mapping = mapMemory(node.driver, memory.value);
const numbers = new Uint32Array(mapping.bytes.buffer, mapping.bytes.byteOffset, 1000);
numbers.forEach((_, index) => (numbers[index] = index));
child.portal.put("sum up");
console.log("the child's sum:", (await child.portal.receive())?.text());
console.log("the child has doubled them, too:", numbers.at(999));

// A value of this process travels as itself within it, and as what its serializer makes of it to others.
const box = node.box(new Map([["answer", 42]]), { serialize: (map) => JSON.stringify([...map]) });
child.portal.put({ handles: [box] });
console.log("a value, there:", (await child.portal.receive())?.text());
node.close();
