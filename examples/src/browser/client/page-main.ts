/** The page: makes two workers known to each other, and ends one of them. What happens is written into the page. */
import { IPCZ_NO_FLAGS } from "@ipcz/api";
import { liveRouters } from "@ipcz/core/inspect";
import { Portal } from "../../support/portal.ts";
import { type Orders, type Role, ThreadNode } from "./thread.ts";

const story = document.querySelector("#story") as HTMLElement;

function tell(line: string): void {
  const item = document.createElement("li");
  item.textContent = line;
  story.append(item);
}

interface Started {
  readonly worker: Worker;
  /** Leads to the worker. */
  readonly portal: Portal;
  end(): void;
}

function start(node: ThreadNode, role: Role): Started {
  const { transport, seat, transferList, lost } = node.driver.offerSeat();
  const worker = new Worker("./worker-main.js", { type: "module", name: role });
  worker.addEventListener("error", ({ message }) => tell(`${role} failed: ${message}`));
  worker.postMessage({ role, seat } satisfies Orders, transferList);
  const end = (): void => {
    worker.terminate();
    lost(); // browsers of some age do not say so by themselves
  };
  return { worker, portal: node.connect(transport, IPCZ_NO_FLAGS), end };
}

async function main(): Promise<void> {
  const node = ThreadNode.broker();
  const [speaker, hearer] = [start(node, "speaker"), start(node, "hearer")];

  const [toHearer, fromSpeaker] = Portal.openPair(node.api, node.handle);
  const [near, far] = Portal.openPair(node.api, node.handle);
  speaker.portal.sendText("your line, both ends", [toHearer, near, far]);
  hearer.portal.sendText("your way to the speaker", [fromSpeaker]);

  tell(`hearer: ${(await hearer.portal.receiveText()).text}`);
  tell(`hearer: ${(await hearer.portal.receiveText()).text}`);

  speaker.end();
  await speaker.portal.closed();
  tell("page: the speaker is gone");
  tell(`hearer: ${(await hearer.portal.receiveText()).text}`);

  await hearer.portal.closed();
  for (const { portal } of [speaker, hearer]) portal.close();
  node.close();
  while (liveRouters() > 0 || node.driver.liveObjects().transports > 0)
    await new Promise((resolve) => setTimeout(resolve));
  const { transports, memories, mappings } = node.driver.liveObjects();
  tell(`page: ${String(transports + memories + mappings)} objects are left`);
  hearer.end();
}

try {
  await main();
} catch (error) {
  tell(`failed: ${String(error)}`);
}
story.dataset["ended"] = "";
