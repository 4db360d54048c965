/**
 * One node of a cast in a process of its own, which dies at a given step: after its n-th message sent, or before its
 * n-th message received is looked at. Others may die with it.
 *
 * Arguments: the cast, the node's name, "sent" or "received", the number (0: never), the process ids of those who die
 * too. The transports of its bonds come over the one it was started with. It says when it is done, closes everything when its input
 * ends, and says how many steps there were.
 */
import process from "node:process";
import { IPCZ_CREATE_NODE_AS_BROKER, type IpczDriver } from "@ipcz/api";
import { killProcess } from "@ipcz/conformance/scenario";
import { close, createNode } from "./calls.ts";
import { takeTransports } from "./hand-over.ts";
import { Actor } from "./kill-actor.ts";
import { castOf, isBroker } from "./kill-casts.ts";
import { openSystemDriver } from "./open-driver.ts";

const [, , castName = "", name = "", direction = "", step = "0", ...others] = process.argv;
const last = Number(step);
let sent = 0;
let received = 0;

function die(): void {
  for (const pid of others) killProcess(Number(pid));
  killProcess(process.pid);
}

/** Counts messages, and dies at the one that was asked for. */
function counting(driver: IpczDriver): IpczDriver {
  return {
    ...driver,
    Transmit(...parameters) {
      const result = driver.Transmit(...parameters);
      sent++;
      if (direction === "sent" && sent === last) die();
      return result;
    },
    ActivateTransport(transport, listener, handler, flags, options) {
      const counted: typeof handler = (...parameters) => {
        received++;
        if (direction === "received" && received === last) die();
        return handler(...parameters);
      };
      return driver.ActivateTransport(transport, listener, counted, flags, options);
    },
  };
}

const cast = castOf(castName);
const driver = openSystemDriver();
const node = createNode(counting(driver), isBroker(cast, name) ? IPCZ_CREATE_NODE_AS_BROKER : 0);
const actor = new Actor(cast, name, node);
const bonds = cast.bonds.filter(({ ends }) => ends.includes(name));
actor.connect(await takeTransports(driver, driver.inheritedTransport(), bonds.length));
actor.begin();

let said = false;
function work(): void {
  actor.step();
  if (actor.isDone && !said) process.stdout.write("done\n");
  said ||= actor.isDone;
  // Nobody is kept from working by one that waits.
  if (said) setTimeout(work, 1);
  else setImmediate(work);
}

process.stdin.resume().once("end", () => {
  actor.close();
  close(node);
  process.stdout.write(`${sent} ${received}\n`);
  process.exit(0);
});
work();
