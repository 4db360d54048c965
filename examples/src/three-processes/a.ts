/**
 * A, the middleman: gets a portal from B, passes it on to C, and is killed.
 */
import { liveRouters } from "@ipcz/core/inspect";
import { awaitGo, only, report } from "./control.ts";
import { direct, join } from "./join.ts";

const { control } = join();
const toB = only(await awaitGo(control, "meet B"));
const toC = only(await awaitGo(control, "meet C"));
await direct(toB);
await direct(toC);
report(control, "met both", { routers: liveRouters() });

const { text, portals } = await toB.receiveText();
report(control, "got a portal", { text });
toC.sendText("from B, with love", [only(portals)]);

await awaitGo(control, "count");
// A proxy goes when the last parcel of the old route is through; then only A's own three portals are left.
while (liveRouters() > 3) await new Promise((resolve) => setImmediate(resolve));
report(control, "counted", { routers: liveRouters() });

await control.closed();
