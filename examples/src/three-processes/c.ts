/**
 * C gets B's portal by way of A, and ends up with a direct line to B.
 */
import { awaitGo, only, report } from "./control.ts";
import { direct, join, nextHop } from "./join.ts";
import { Checksum, PINGS, SMALL_PARCELS } from "./payload.ts";

const { control } = join();
const toA = only(await awaitGo(control, "meet A"));
await direct(toA);
report(control, "met A");

const { text, portals } = await toA.receiveText();
const mine = only(portals);
// The portal has just arrived: its route still leads through A, and C's node has no link to B's yet.
report(control, "got the portal", { text, ...nextHop(mine) });
await direct(mine);
report(control, "direct", nextHop(mine));

const checksum = new Checksum();
for (let number = 0; number < SMALL_PARCELS + 1; number++) {
  const parcel = await mine.receive();
  if (!parcel) throw new Error(`B closed after ${number} parcels`);
  checksum.add(parcel.bytes);
}
report(control, "received", { sha256: checksum.hex(), bytes: checksum.numBytes });

await toA.closed();
report(control, "A is gone");
for (let number = 0; number < PINGS; number++) {
  const ping = await mine.receiveText();
  mine.sendText(ping.text.replace("ping", "pong"));
}

await awaitGo(control, "close");
mine.close();
report(control, "closed");
await control.closed();
