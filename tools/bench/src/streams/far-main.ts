/** The far end of a stream: `net` and where it listens, or how the portal's driver is. */
import { connect } from "node:net";
import process from "node:process";
import { connectToParent, PortalStream } from "ipcz";
import { driverWith } from "./driver-with.ts";
import { acknowledge } from "./transfer.ts";

const [way, path = ""] = process.argv.slice(2);
if (way === "net") acknowledge(connect(path));
else {
  const driver = driverWith(way === "lane" ? "lane" : "socket");
  acknowledge(new PortalStream(connectToParent({ driver }).portal));
}
