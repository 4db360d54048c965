/** One driver of a world: the 13 entries, and what a test may do with it. */
import type { MemDriver, MemUndelivered, MemWorld } from "./controls.ts";
import { countObjects, driverEntries } from "./entries.ts";
import { discard } from "./objects.ts";
import { findTransport, type DriverParts } from "./parts.ts";
import { MemTransport } from "./transport.ts";

function breakEnd(driver: DriverParts, end: MemTransport, undelivered: MemUndelivered): void {
  const waiting = end.waitingCount;
  if (undelivered === "keep") end.breakKeeping(waiting);
  else if (undelivered === "drop") end.breakKeeping(0);
  else end.breakKeeping(driver.world.faults.prefix(waiting));
}

function cut(driver: DriverParts, transport: number, undelivered: MemUndelivered): boolean {
  const end = findTransport(driver, transport);
  if (!(end instanceof MemTransport)) return false;
  breakEnd(driver, end, undelivered);
  breakEnd(driver, end.peer, undelivered);
  end.wake();
  end.peer.wake();
  return true;
}

function crash(driver: DriverParts, undelivered: MemUndelivered): void {
  const { table } = driver.world;
  driver.crashed = true;
  const objects = table.list(driver.id);
  // First everything falls silent here, then the others get to know.
  const lost: MemTransport[] = [];
  for (const object of objects) {
    if (!(object instanceof MemTransport)) continue;
    object.silence();
    lost.push(object.peer);
  }
  for (const peer of lost) breakEnd(driver, peer, undelivered);
  for (const object of objects) discard(table, object);
  for (const peer of lost) peer.wake();
}

/** Makes a driver. Worlds do; see `memWorld`. */
export function createDriver(
  parts: DriverParts,
  world: MemWorld,
  createTransports: MemDriver["createTransports"],
): MemDriver {
  const { table } = parts.world;
  return {
    ...driverEntries(parts),
    id: parts.id,
    name: parts.name,
    world,
    createTransports,
    cut: (transport, undelivered = "drop") => cut(parts, transport, undelivered),
    crash: (undelivered = "prefix") => crash(parts, undelivered),
    onBadActivity(callback) {
      parts.badActivity = callback;
    },
    liveObjects: () => countObjects(table.list(parts.id)),
  };
}
