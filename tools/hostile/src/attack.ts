/**
 * One attack: a link in hostile hands, from its first message to its end, decided by one seed.
 *
 * Between the messages the victim's application goes on reading, sending and closing.
 */
import type { SeededRandom } from "@ipcz/driver-mem";
import { Application } from "./application.ts";
import type { Conversation } from "./captures.ts";
import { pick } from "./knowledge.ts";
import { legalStep } from "./legal.ts";
import { anyMessage, anyNumber, plausible } from "./plausible.ts";
import { type Shot, spoil, spoilBytes } from "./spoil.ts";
import type { Scene } from "./stage.ts";

/** The ways of being wrong. */
export const WAYS = ["schema", "role", "sequence", "capture", "memory"] as const;
export type Way = (typeof WAYS)[number];

const SENT_MAX = 16;
const GREETING_IDS: Readonly<Record<string, number>> = {
  "a node of the victim's network": 1,
  "a broker beside the victim, a broker": 7,
  "the broker of the victim": 0,
  "a newcomer referred to the victim": 3,
};

export class Attack {
  /** Wrong messages sent. */
  wrong = 0;
  private readonly scene: Scene;
  private readonly way: Way;
  private readonly random: SeededRandom;
  private readonly conversations: readonly Conversation[];
  private readonly application: Application;
  private readonly sent: Shot[] = [];
  private story: { readonly shots: readonly Shot[]; next: number } | null = null;

  constructor(
    scene: Scene,
    way: Way,
    random: SeededRandom,
    conversations: readonly Conversation[],
  ) {
    this.scene = scene;
    this.way = way;
    this.random = random;
    this.conversations = conversations;
    this.application = new Application(scene.node, scene.portals, random);
  }

  run(messagesMax: number): void {
    const { random, application } = this;
    this.greet();
    const count = 1 + random.below(messagesMax);
    for (let i = 0; i < count; i++) {
      if (!this.sendOne()) break;
      if (random.chance(0.3)) application.step();
    }
    for (let i = random.below(4); i > 0; i--) application.step();
  }

  /** Takes everything away that the victim's application holds. */
  end(): void {
    this.application.end();
  }

  private greet(): void {
    const { greeting, ends, name } = this.scene;
    const [first] = ends;
    if (!greeting || !first) return;
    if (this.way === "capture") {
      const fitting = this.conversations.filter(({ firstId }) => firstId === GREETING_IDS[name]);
      this.story = { shots: pick(this.random, fitting)?.shots ?? [], next: 1 };
    }
    if (this.random.chance(0.12)) {
      this.wrong++;
      first.send(spoil(greeting, this.random));
    }
    if (!first.broken) first.send(greeting);
  }

  /** False when nobody listens any more. */
  private sendOne(): boolean {
    const { random, scene } = this;
    const open = scene.ends.filter(({ broken }) => !broken);
    const end = random.chance(0.85) ? open[0] : pick(random, open);
    if (!end) return false;
    const shot = this.next();
    this.sent.push(shot);
    if (this.sent.length > SENT_MAX) this.sent.shift();
    end.send(shot);
    return true;
  }

  private next(): Shot {
    const { random, way } = this;
    const { known } = this.scene;
    // A decent prefix makes the states in which something can go wrong; how long, the way decides.
    if (random.chance(way === "sequence" ? 0.55 : 0.15)) return legalStep(known, random);
    this.wrong++;
    if (way === "sequence" && random.chance(0.25)) return this.repeat();
    if (way === "capture") return this.fromCapture();
    if (way === "memory") this.scribble();
    const message = anyMessage(random);
    if (way === "schema") return spoil(plausible(message, known, random), random);
    if (way === "role" || random.chance(0.6)) return plausible(message, known, random);
    return spoil(
      random.chance(0.5) ? legalStep(known, random) : plausible(message, known, random),
      random,
    );
  }

  /** Something sent before, late. */
  private repeat(): Shot {
    const again = pick(this.random, this.sent);
    return again ?? legalStep(this.scene.known, this.random);
  }

  /** The next recorded message: as it is, changed, doubled, or another one in its place. */
  private fromCapture(): Shot {
    const { random } = this;
    const { story } = this;
    if (!story || story.next >= story.shots.length || random.chance(0.1)) {
      const other = pick(random, pick(random, this.conversations)?.shots ?? []);
      if (!other) return this.repeat();
      return { bytes: spoilBytes(other.bytes, random), objects: other.objects };
    }
    const shot = story.shots[story.next];
    const choice = random.below(8);
    if (choice !== 0) story.next++;
    if (choice === 1) story.next++;
    if (!shot || choice < 4) return shot ?? this.repeat();
    return { bytes: spoilBytes(shot.bytes, random), objects: shot.objects };
  }

  /** Random words of the memory of the link. */
  private scribble(): void {
    const { random } = this;
    const end = pick(random, this.scene.ends);
    const memory = end && pick(random, end.memories);
    if (!memory || memory.length < 8) return;
    const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    for (let i = 1 + random.below(8); i > 0; i--) {
      // Half of them where it hurts: the counters, the link states, the heads of the lists.
      const length = random.chance(0.5) ? Math.min(1100, memory.length) : memory.length;
      const at = 4 * random.below(length >> 2);
      view.setUint32(at, Number(anyNumber(random) & 0xffff_ffffn), true);
    }
  }
}
