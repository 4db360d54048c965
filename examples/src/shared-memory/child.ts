/** Sums up and doubles what the parent has written into memory that both have. */
import { connectToParent } from "ipcz";
import { mapMemory } from "./map-memory.ts";

const { node, portal } = connectToParent();

const [box] = (await portal.receive())?.boxes ?? [];
const contents = box?.open();
if (contents?.type !== "driver-object") throw new Error("no memory came");
using mapping = mapMemory(node.driver, contents.object);
const numbers = new Uint32Array(mapping.bytes.buffer, mapping.bytes.byteOffset, 1000);
await portal.receive();
const sum = numbers.reduce((total, number) => total + number, 0);
numbers.forEach((number, index) => (numbers[index] = number * 2));
portal.put(String(sum));

const [valueBox] = (await portal.receive())?.boxes ?? [];
const value = valueBox?.open();
if (value?.type === "parcel") portal.put(`a ${value.type}, ${value.parcel.text()}`);
await portal.closed;
node.close();
