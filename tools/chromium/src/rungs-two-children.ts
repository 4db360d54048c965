/**
 * A5 and A6: networks of more than one connection.
 */
import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { liveRouters } from "@ipcz/core/inspect";
import {
  type Attachment,
  dataDecoderServiceName,
  queryVersionRequest,
  runMethod,
  writeMessage,
} from "@ipcz/mojo";
import { Portal } from "ipcz";
import { connectMembers } from "./members.ts";
import type { Rung } from "./rung.ts";
import { check, type Stage, type StartedChild, until } from "./stage.ts";

const a5: Rung = {
  name: "A5",
  about:
    "a child joins the network through a node of ours that is no broker, and talks to it directly",
  async run(stage) {
    const referrer = stage.member({ broker: false });
    connectMembers(stage.traffic, stage.broker, referrer);
    const child = stage.start({ by: referrer, inheritBroker: true });
    await child.process.endpoint.queryVersion();
    const gzipper = stage.dataDecoder(child, referrer).bindGzipper();
    for (const place of ["payload", "memory"] as const) {
      const bytes = randomBytes(100_000);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const answer = await gzipper.compress(bytes, place);
      check(gunzipSync(answer.bytes).equals(bytes), "bytes survive");
    }
    const { traffic } = stage;
    check(traffic.count("received", "ConnectToReferredBroker") === 1, "the child asks our broker");
    check(traffic.count("sent", "ConnectToReferredNonBroker") === 1, "our broker answers it");
    return "through a referrer";
  },
};

/** So many bytes keep a child's main thread busy for much longer than a route takes to become direct. */
const busyBytes = 48 << 20;

const a6: Rung = {
  name: "A6",
  about:
    "two children are introduced by our broker; a route between them becomes direct and goes on without us",
  async run(stage) {
    const received: Attachment[] = [];
    const first = stage.start({ other: ({ handles }) => void received.push(...handles) });
    const second = stage.start();
    await Promise.all([first, second].map(({ process }) => process.endpoint.queryVersion()));
    await until("the first child has sent portals", () => received.length > 0);
    const passed = await passOn(received, second);
    const { traffic } = stage;
    check(traffic.count("received", "RequestIntroduction") > 0, "a child asks for an introduction");
    check(traffic.count("sent", "AcceptIntroduction") >= 2, "it is made to both");

    const decoder = stage.dataDecoder(first);
    const busy = decoder.bindGzipper().compress(randomBytes(busyBytes), "memory");
    await joinChildren(stage, first, second);
    const parcelsBefore = parcels(stage);
    await busy;
    // Free again, the first child answers the question: to the second, which has not asked.
    await until("the answer has come", () => second.errors().includes(rejection), second.errors);
    await second.exit;
    check(
      parcels(stage) - parcelsBefore <= 1,
      "nothing but the first child's own answer came here",
    );
    // The second child's end is the end of the service that it was connected to, the last but ours.
    decoder.endpoint.close();
    await first.exit;
    return `${passed} portals of one passed to the other; an answer and the end of a service went past us`;
  },
};

/** What a child says when an answer comes that it has not asked for. */
const rejection = `Message ${runMethod} rejected by interface ${dataDecoderServiceName}`;

/**
 * Connects a service of the one child with a service of the other, each there for the other alone, and leaves a question
 * for the first to answer. Resolves when nothing of that route is ours any more.
 */
async function joinChildren(
  stage: Stage,
  first: StartedChild,
  second: StartedChild,
): Promise<void> {
  const before = liveRouters();
  const [asking, answering] = stage.broker.node.openPortals();
  first.process.bindServiceInterface(dataDecoderServiceName, answering);
  const header = { interfaceId: 0, expectsReply: true, isReply: false, requestId: 1n };
  asking.put(writeMessage({ ...header, method: runMethod }, queryVersionRequest()));
  second.process.bindServiceInterface(dataDecoderServiceName, asking);
  await until(
    "the route has left us",
    () => liveRouters() <= before,
    () => `${liveRouters()} routers, ${before} before`,
  );
}

/** Passes portals that came from one child to the other; resolves when their routes have left us. How many. */
async function passOn(received: readonly Attachment[], to: StartedChild): Promise<number> {
  const portals = received.filter((each) => each instanceof Portal);
  const before = liveRouters();
  for (const portal of portals) to.process.bindReceiver("ipcz.test.Unknown", portal);
  await until(
    "routes that were passed on leave us",
    () => liveRouters() <= before - portals.length,
    () => `${liveRouters()} routers, ${before} before`,
  );
  return portals.length;
}

function parcels({ traffic }: Stage): number {
  return traffic.count("sent", "AcceptParcel") + traffic.count("received", "AcceptParcel");
}

/** In the order of the ladder. */
export const rungsOfNetworks: readonly Rung[] = [a5, a6];
