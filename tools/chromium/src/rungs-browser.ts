/**
 * B1 to B3: this project's program is one of the processes of a real browser, its broker.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { ClientReport } from "./client-report.ts";
import type { Rung } from "./rung.ts";
import { startBrowser, type RunningBrowser } from "./run-browser.ts";
import { check, type Stage, until } from "./stage.ts";

const networkService = "network.mojom.NetworkService";
const audioService = "audio.mojom.AudioService";
const pingsAfterwards = 5;

interface BrowserUse {
  readonly service?: string;
  readonly memV2?: boolean;
  /** What is done with the browser; by default nothing. */
  readonly use?: (running: RunningBrowser) => Promise<void>;
}

/**
 * Starts a browser and does something with it; then our program must have joined, and go on to be answered. The browser
 * is killed: in order it would wait long for a service that serves nothing.
 */
async function withBrowser(
  stage: Stage,
  { service = networkService, memV2 = false, use = () => Promise.resolve() }: BrowserUse,
): Promise<ClientReport> {
  const { browser, folder } = stage;
  const running = startBrowser({ browser, folder, service, memV2 });
  const pings = (): number => running.report()?.pings ?? 0;
  try {
    await use(running);
    await until("our program has joined", () => pings() > 0, running.errors);
    const before = pings();
    await until("pings are answered", () => pings() >= before + pingsAfterwards);
    const report = running.report();
    check(report?.ended === null, `our program is still there: ${report?.ended ?? ""}`);
    check(report.hostVersion === 0, "the version of ChildProcessHost is 0");
    check(report.referred === "welcome", `a second node has heard: ${String(report.referred)}`);
    stage.traffic.add(report.traffic);
    return report;
  } finally {
    running.kill();
    await running.closed;
  }
}

const b1: Rung = {
  name: "B1",
  about:
    "a browser starts our program as a utility process: it joins, Ping and QueryVersion are answered, and it brings in a second node of ours",
  async run(stage) {
    const report = await withBrowser(stage, {});
    const words = Object.values(report.traffic.features).flat();
    check(
      words.every((word) => word === "0"),
      `no features are announced: ${words.join(" ")}`,
    );
    return `${report.pings} pings`;
  },
};

const b2: Rung = {
  name: "B2",
  about: "the same where the browser and our program have MEM_V2",
  async run(stage) {
    const report = await withBrowser(stage, { memV2: true });
    for (const direction of ["sent", "received"] as const) {
      const words = report.traffic.features[direction] ?? [];
      check(
        words.some((word) => word !== "0"),
        `MEM_V2 was ${direction}`,
      );
    }
    return `${report.pings} pings`;
  },
};

const b3: Rung = {
  name: "B3",
  about: "our program stays connected while pages load, and follows every introduction and bypass",
  async run(stage) {
    const loaded = await loadPage(stage);
    const introduced = await meetRenderers(stage);
    return `${loaded.pings} pings around a page load; ${introduced.connections - 1} nodes met, ${introduced.portals} portals taken`;
  },
};

/** A page that makes a sound is loaded from a server here; our program is where the sound would be made. */
async function loadPage(stage: Stage): Promise<ClientReport> {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(pageText);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  check(typeof address === "object" && address !== null, "a server listens");
  try {
    return await withBrowser(stage, {
      service: audioService,
      use: async ({ devTools }) => {
        const evaluate = await devTools.open(`http://127.0.0.1:${address.port}/`);
        let text: unknown = "";
        await until(
          "the page has loaded",
          () => text === "the script has run",
          () => String(text),
          async () => (text = await evaluate("document.getElementById('out')?.textContent")),
        );
      },
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** Pages of several renderers turn to our program for the network, and so have to be introduced to it. */
async function meetRenderers(stage: Stage): Promise<ClientReport> {
  return withBrowser(stage, {
    use: async ({ devTools, report, errors }) => {
      await until("our program has joined", () => (report()?.pings ?? 0) > 0, errors);
      await devTools.open("about:blank");
      await devTools.open("data:text/html,a page");
      await until(
        "introductions and bypasses are followed",
        () => isFollowed(report()),
        () => JSON.stringify(report()?.traffic.messages),
      );
    },
  });
}

/** Whether each introduction has become a connection, and each bypass was answered; and whether there were any. */
function isFollowed(report: ClientReport | null): boolean {
  if (report === null) return false;
  const count = (direction: string, id: number): number =>
    report.traffic.messages[`${direction} ${id}`] ?? 0;
  const introductions = count("received", AcceptIntroduction);
  return (
    introductions > 0 &&
    report.connections === 1 + introductions &&
    count("received", BypassPeerWithLink) > 0 &&
    count("received", BypassPeerWithLink) === count("sent", StopProxyingToLocalPeer) &&
    count("received", AcceptBypassLink) === count("sent", StopProxying) &&
    count("sent", AcceptBypassLink) + count("received", AcceptBypassLink) > 0
  );
}

/** Ids of messages. */
const AcceptIntroduction = 11;
const AcceptBypassLink = 31;
const StopProxying = 32;
const BypassPeerWithLink = 34;
const StopProxyingToLocalPeer = 35;

const pageText = `<!doctype html>
<title>a page</title>
<iframe srcdoc="<p>a frame"></iframe>
<p id="out">not yet</p>
<script>
  localStorage.setItem("key", "value");
  const context = new AudioContext();
  const sound = context.createOscillator();
  sound.connect(context.destination);
  sound.start();
  context.resume();
  const worker = new Worker(URL.createObjectURL(new Blob(["postMessage(1)"])));
  worker.onmessage = async () => {
    await fetch("/again");
    document.getElementById("out").textContent = "the script has run";
  };
</script>
`;

/** In the order of the ladder. */
export const rungsOfBrowser: readonly Rung[] = [b1, b2, b3];
