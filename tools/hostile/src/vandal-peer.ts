/**
 * A process that is given shared memory and rewrites it, all the time, until it is hung up on.
 *
 * Argument: the seed. The first memory it is given is the ledger, where it counts the words it has rewritten.
 */
import process from "node:process";
import type { IpczDriverHandle, IpczHandle, Out } from "@ipcz/api";
import { SeededRandom } from "@ipcz/driver-mem";
import { must } from "./calls.ts";
import { rewrite, type Temper, TEMPERS } from "./rewrite.ts";
import { openDriver } from "./open-driver.ts";

/** Memory under attack. */
interface Target {
  readonly words: Uint32Array;
  readonly mapping: IpczDriverHandle;
}

/** Older memory is let go: its link is gone too. */
const TARGETS_MAX = 4;
const LINKS_PER_TEMPER = 5;

const driver = openDriver();
const random = new SeededRandom(Number(process.argv[2]), 21);
const targets: Target[] = [];
let ledger: BigUint64Array | null = null;
let given = 0;
let temper: Temper = "gentle";

function map(memory: IpczDriverHandle): { view: Uint8Array; mapping: IpczDriverHandle } {
  const view: Out<Uint8Array> = { value: new Uint8Array(0) };
  const mapping: Out<IpczDriverHandle> = { value: 0 as IpczDriverHandle };
  must(driver.MapSharedMemory(memory, 0, null, view, mapping) === 0, "memory is mapped");
  driver.Close(memory, 0, null);
  return { view: view.value, mapping: mapping.value };
}

function take(memory: IpczDriverHandle): void {
  const { view, mapping } = map(memory);
  if (ledger === null) {
    ledger = new BigUint64Array(view.buffer, 0, 1);
    return;
  }
  targets.push({ words: new Uint32Array(view.buffer, 0, view.length >> 2), mapping });
  const old = targets.length > TARGETS_MAX ? targets.shift() : undefined;
  if (old) driver.Close(old.mapping, 0, null);
  given++;
  if (given % LINKS_PER_TEMPER === 0) temper = TEMPERS[random.below(TEMPERS.length)] ?? "gentle";
}

function work(): void {
  const target = targets[random.below(Math.max(1, targets.length))];
  if (target && ledger) Atomics.add(ledger, 0, BigInt(rewrite(target.words, temper, random)));
  setImmediate(work);
}

driver.ActivateTransport(
  driver.inheritedTransport(),
  1 as IpczHandle,
  (_listener, data, numBytes, handles, numHandles, flags) => {
    if (flags !== 0) process.exit(0);
    const memory: Out<IpczDriverHandle> = { value: 0 as IpczDriverHandle };
    const none = 0 as IpczDriverHandle;
    const result = driver.Deserialize(data, numBytes, handles, numHandles, none, 0, null, memory);
    must(result === 0, "memory arrives");
    take(memory.value);
    return 0;
  },
  0,
  null,
);
work();
