/** Multiplies what comes, on whatever portal. */
import { workerData } from "node:worker_threads";
import { connectToStarter, type Portal } from "ipcz";

const { portal } = connectToStarter();
const { factor } = workerData as { readonly factor: number };

async function serve(served: Portal): Promise<void> {
  for await (const parcel of served) {
    const [another] = parcel.portals;
    if (another) void serve(another);
    else served.put(`${parcel.text()} times ${factor} is ${Number(parcel.text()) * factor}`);
  }
}

await serve(portal);
