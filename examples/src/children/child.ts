/** Answers on the first portal until something comes on the second. */
import process from "node:process";
import { connectToParent } from "ipcz";

const [name] = process.argv.slice(2);
const { node, portals } = connectToParent();
const [work, control] = portals;
work?.on("readable", () => {
  const parcel = work.get();
  if (parcel) work.put(`the ${name} child has done ${parcel.text()}`);
});
await control?.receive();
if (control) node.close();
