/**
 * A peer that asks for memory all the time and never reads an answer. Each answer holds a descriptor until it can be
 * sent: there is an end to that, and it is the peer's own link.
 */
import { messageById } from "@ipcz/core/wire";
import type { PosixDriver } from "@ipcz/driver-posix";
import { close, connect, must } from "./calls.ts";
import { readSocketStories } from "./captures.ts";
import { compose } from "./compose.ts";
import { type Failure, failureOf } from "./failure.ts";
import { countDescriptors } from "./growth.ts";
import { HonestNetwork } from "./honest-network.ts";
import { openDriver } from "./open-driver.ts";
import { isPeerClosed } from "./portal-state.ts";
import { RawSocket } from "./raw-socket.ts";
import { turn, until } from "./turn.ts";

const FRAME_HEADER_BYTES = 8;
const REQUEST_MEMORY = 64;
const GREETING_OF_A_MEMBER = 1;
const REQUESTS_PER_TURN = 64;
/** Far more than a link survives. */
const REQUESTS_MAX = 50_000;
/** What may wait for one link, and some that are new or on their way. */
const DESCRIPTORS_MAX = 4096 + 200;

export async function greedyPeers(
  rounds: number,
  alive: () => void = () => undefined,
): Promise<Failure[]> {
  try {
    const network = new HonestNetwork(openDriver());
    await network.begin();
    for (let round = 0; round < rounds; round++) {
      await greedyPeer(network);
      alive();
    }
    network.end();
    return [];
  } catch (error) {
    return [failureOf(0, error)];
  }
}

async function greedyPeer(network: HonestNetwork<PosixDriver>): Promise<void> {
  const [ours, theirs] = network.transports();
  const socket = new RawSocket(network.driver.releaseDescriptor(theirs));
  const [portal] = connect(network.broker, ours, 1, 0);
  must(portal !== undefined, "a node connects");
  must(socket.send(greeting()), "a greeting is sent");
  await turn();
  const before = countDescriptors();
  const request = memoryRequest();
  for (let i = 0; i < REQUESTS_MAX && !isPeerClosed(portal); i++) {
    socket.send(request);
    if (i % REQUESTS_PER_TURN !== 0) continue;
    await network.check();
    const held = countDescriptors() - before;
    must(held < DESCRIPTORS_MAX, `${held} descriptors are held for a peer that never reads`);
  }
  await until(() => isPeerClosed(portal), "a peer that never reads loses its link");
  socket.close();
  close(portal);
  await network.check();
  await network.settle();
}

function greeting(): Uint8Array {
  const story = readSocketStories().find(({ firstId }) => firstId === GREETING_OF_A_MEMBER);
  const [frame] = story?.frames ?? [];
  must(frame !== undefined, "there is a recorded greeting");
  return frame.bytes;
}

function memoryRequest(): Uint8Array {
  const message = messageById(REQUEST_MEMORY);
  must(message !== null && message !== undefined, "a message of the protocol");
  const { bytes } = compose(
    message,
    (view, at, { name }) => {
      if (name === "size") view.setUint32(at, 65_536, true);
    },
    () => ({ bytes: new Uint8Array(0), count: 0 }),
    [],
  );
  const frame = new Uint8Array(FRAME_HEADER_BYTES + bytes.length);
  new DataView(frame.buffer).setUint32(0, frame.length, true);
  frame.set(bytes, FRAME_HEADER_BYTES);
  return frame;
}
