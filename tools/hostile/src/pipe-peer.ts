/**
 * The process with bare ends of pipes: no node, no driver over them, only what it is told to write. Orders come as lines
 * of its input, and each is answered by a line when it is done. With a handle as its last argument it has that end as
 * link 0.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { createServer, type Server, Socket } from "node:net";
import { foreign } from "@ipcz/abi/ffi";
import { MOJO_PLATFORM_CHANNEL_HANDLE } from "@ipcz/driver-win";
import { SeededRandom } from "@ipcz/driver-mem";
import { readSocketStories } from "./captures.ts";
import { OwnHandles } from "./own-handles.ts";
import { greetingFrame, pipeCases } from "./pipe-cases.ts";
import { described, inMojoFrames, objectNaming, pipeFraming } from "./mojo-objects.ts";
import type { PipeAnswer, PipeAttack, PipeOrder } from "./pipe-orders.ts";
import { RawPipe } from "./raw-pipe.ts";
import { pickStory, shapeStream } from "./stream-shapes.ts";

const own = new OwnHandles();
const stories = readSocketStories();
const links = new Map<number, RawPipe>();
const servers = new Map<number, Server>();

function portionsOf(attack: PipeAttack): readonly Uint8Array[] {
  const numbers = attack.numbers.map(BigInt);
  if ("name" in attack) {
    const found = pipeCases(numbers.length).find(({ name }) => name === attack.name);
    if (!found) throw new Error(`no case is called ${attack.name}`);
    const portions = found.portions({ own, numbers, seed: attack.seed });
    return found.greets ? [greetingFrame(), ...portions] : portions;
  }
  const random = new SeededRandom(attack.seed, 9);
  const story = pickStory(stories, attack.asBroker, random);
  // With handles that are there.
  const told = inMojoFrames(
    story,
    (kind) => objectNaming(described(kind), "sender", [own.of(kind)]),
    0,
  );
  const shaped = shapeStream(told, attack.shape, pipeFraming(numbers), random);
  return shaped.map(({ bytes }) => bytes);
}

async function write(link: number, attack: PipeAttack): Promise<void> {
  const pipe = links.get(link);
  // What is sent last may have ended the link: nobody reads the rest.
  for (const portion of portionsOf(attack)) if (!(await pipe?.send(portion))) return;
}

function serve(link: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer((socket) => links.set(link, new RawPipe(socket)));
    servers.set(link, server);
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown"));
    server.listen(path, () => resolve("ok"));
  });
}

async function obey(order: PipeOrder): Promise<string> {
  const { link } = order;
  switch (order.do) {
    case "connect":
      links.set(link, await RawPipe.connect(order.path));
      return "ok";
    case "pass by":
      (await RawPipe.connect(order.path)).leave();
      return "ok";
    case "serve":
      return serve(link, order.path);
    case "attack":
      await write(link, order.attack);
      return "ok";
    case "leave":
      servers.get(link)?.close();
      servers.delete(link);
      links.get(link)?.leave();
      links.delete(link);
      return "ok";
  }
}

/** The end that this process was started with, if it was. */
function inherit(): void {
  const prefix = `${MOJO_PLATFORM_CHANNEL_HANDLE}=`;
  const argument = process.argv.find((each) => each.startsWith(prefix));
  if (argument === undefined) return;
  const open = foreign
    .load(null)
    .bind<(handle: number) => number>("int uv_open_osfhandle(int64_t handle)");
  const fd = open(Number(argument.slice(prefix.length)));
  links.set(0, new RawPipe(new Socket({ fd, readable: true, writable: true })));
}

async function reply(order: PipeOrder): Promise<void> {
  const how = await obey(order).catch(String);
  const answer: PipeAnswer = { link: order.link, how };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

inherit();
createInterface({ input: process.stdin }).on("line", (line) => {
  void reply(JSON.parse(line) as PipeOrder);
});
