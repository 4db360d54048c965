/**
 * B makes a pair of portals, gives one end away, and talks to whoever has it in the end.
 */
import { Portal } from "../support/portal.ts";
import { awaitGo, only, report } from "./control.ts";
import { direct, join, nextHop } from "./join.ts";
import { bigParcel, Checksum, PINGS, SMALL_PARCELS, smallParcel } from "./payload.ts";

const { api, node, control } = join();
const toA = only(await awaitGo(control, "meet A"));
await direct(toA);
report(control, "met A");

await awaitGo(control, "hand over");
const [mine, theirs] = Portal.openPair(api, node);
toA.sendText("for C, please", [theirs]);

await direct(mine);
report(control, "direct", nextHop(mine));

await awaitGo(control, "send");
const checksum = new Checksum();
for (let number = 0; number < SMALL_PARCELS; number++) {
  const parcel = smallParcel(number);
  checksum.add(parcel);
  mine.send(parcel);
}
const big = bigParcel();
checksum.add(big);
mine.send(big);
report(control, "sent", { sha256: checksum.hex(), bytes: checksum.numBytes });

await toA.closed();
report(control, "A is gone");
for (let number = 0; number < PINGS; number++) {
  mine.sendText(`ping ${number}`);
  const { text } = await mine.receiveText();
  if (text !== `pong ${number}`) throw new Error(`ping ${number} was answered with "${text}"`);
}
report(control, "pinged", { pings: PINGS });

await mine.closed();
report(control, "peer closed");
await control.closed();
