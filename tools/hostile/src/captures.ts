/** Recorded traffic of the C library, as something to change and send. */
import { readdirSync, readFileSync } from "node:fs";
import type { ObjectKind } from "./compose.ts";
import type { Shot } from "./spoil.ts";

interface Frame {
  readonly from: string;
  readonly to: string;
  readonly messageId: number;
  readonly bytesHex: string;
  readonly objects: readonly { readonly type?: string; readonly memorySize?: number }[];
}

/** What one node sent to another, in order. */
export interface Conversation {
  readonly scenario: string;
  readonly firstId: number;
  readonly shots: readonly Shot[];
}

/** The socket driver's own header in front of each message. */
const FRAME_HEADER_BYTES = 8;

const folder = new URL("../../../packages/core/test/fixtures/captures/", import.meta.url);

function shotOf({ bytesHex, objects }: Frame): Shot {
  const bytes = Uint8Array.from(Buffer.from(bytesHex, "hex").subarray(FRAME_HEADER_BYTES));
  const kinds: ObjectKind[] = objects.map(({ type, memorySize }) =>
    type === "transport" ? "transport" : (memorySize ?? 64),
  );
  const view = new DataView(bytes.buffer);
  const at = view.getUint32(16, true);
  // The objects' own bytes belong to another driver: here an object is a handle and nothing else.
  if (at === 0) return { bytes, objects: kinds };
  for (let i = 0; i < kinds.length; i++) {
    if (at + 12 + 8 * i <= bytes.length) view.setUint32(at + 8 + 8 * i, 0, true);
  }
  return { bytes, objects: kinds };
}

/** A frame as it goes over a socket, and how many descriptors beside it. */
export interface SocketFrame {
  readonly bytes: Uint8Array;
  readonly descriptors: readonly ObjectKind[];
}

/** What one node sent to another over a socket, in order. */
export interface SocketStory {
  readonly firstId: number;
  readonly frames: readonly SocketFrame[];
}

/** All of them, as messages. */
export function readConversations(): Conversation[] {
  return readStories().map(({ scenario, frames }) => ({
    scenario,
    firstId: frames[0]?.messageId ?? 0,
    shots: frames.map(shotOf),
  }));
}

/** All of them, as they went over sockets. */
export function readSocketStories(): SocketStory[] {
  return readStories().map(({ frames }) => ({
    firstId: frames[0]?.messageId ?? 0,
    frames: frames.map(({ bytesHex, objects }) => ({
      bytes: Uint8Array.from(Buffer.from(bytesHex, "hex")),
      descriptors: objects.map(({ type, memorySize }) =>
        type === "transport" ? "transport" : (memorySize ?? 64),
      ),
    })),
  }));
}

function readStories(): { readonly scenario: string; readonly frames: readonly Frame[] }[] {
  const stories: { scenario: string; frames: readonly Frame[] }[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
    const text = readFileSync(new URL(file, folder), "utf8");
    const { scenario, frames } = JSON.parse(text) as { scenario: string; frames: Frame[] };
    const byPair = new Map<string, Frame[]>();
    for (const frame of frames) {
      const key = `${frame.from}-${frame.to}`;
      byPair.set(key, [...(byPair.get(key) ?? []), frame]);
    }
    for (const [pair, list] of byPair)
      stories.push({ scenario: `${scenario} ${pair}`, frames: list });
  }
  return stories;
}
