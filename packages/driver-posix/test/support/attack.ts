/**
 * A transport of a driver, and somebody with the bare socket at its other end, who writes what he likes.
 */
import { openSync } from "node:fs";
import { foreign } from "@ipcz/abi/ffi";
import type { IpczDriverHandle } from "@ipcz/api";
import { afterEach, expect } from "vitest";
import { closeAll, Descriptor } from "../../src/fd.ts";
import type { PosixDriver } from "../../src/index.ts";
import { SendMessage } from "../../src/send-message.ts";
import { openSystem } from "../../src/system.ts";
import { createPair } from "./driver.ts";
import { listen, type Listener } from "./listener.ts";

const system = openSystem(foreign);

export interface Attack {
  readonly driver: PosixDriver;
  readonly victim: IpczDriverHandle;
  readonly listener: Listener;
  readonly attacker: Descriptor;
}

/** How to begin one; the sockets are closed after each test. `createDriver` makes the victim's driver. */
export function attackMaker(createDriver: () => PosixDriver): () => Attack {
  const sockets: Descriptor[] = [];
  afterEach(() => closeAll(sockets.splice(0)));
  return () => {
    const driver = createDriver();
    const [victim, other] = createPair(driver);
    const attacker = new Descriptor(system.libc, driver.releaseDescriptor(other));
    sockets.push(attacker);
    return { driver, victim, listener: listen(driver, victim), attacker };
  };
}

/** Sends bytes with `count` descriptors beside them. */
export function sendWith(attacker: Descriptor, bytes: Uint8Array, count: number): void {
  const copies = Array.from(
    { length: count },
    () => new Descriptor(system.libc, openSync("/dev/null", "r")),
  );
  const message = new SendMessage(system, 1, 253);
  message.setVector(0, foreign.address(bytes), bytes.length);
  expect(message.send(attacker, 1, copies)).toBe(bytes.length);
  closeAll(copies);
}
