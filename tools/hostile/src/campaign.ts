/**
 * Many attacks in a row on the same honest nodes. After each: honest links work, and nothing is left behind.
 *
 * Every attack has a seed of its own, made from the campaign's and its number; so any of them can be repeated.
 */
import { SeededRandom } from "@ipcz/driver-mem";
import { Attack, type Way, WAYS } from "./attack.ts";
import { readConversations } from "./captures.ts";
import { type Failure, failureOf } from "./failure.ts";
import { type Scene, type SceneName, SCENES, Stage } from "./stage.ts";

/** What to do. */
export interface CampaignOptions {
  readonly seed: number;
  /** Number of the first attack. */
  readonly first?: number;
  /** Called after each attack. */
  readonly alive?: () => void;
}

export interface CampaignReport {
  readonly attacks: number;
  readonly messages: number;
  /** Wrong messages by scene. */
  readonly byScene: Readonly<Record<string, number>>;
  readonly byWay: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
  /** Routers left behind in the known case; see {@link Stage.checkNothingLeft}. */
  readonly routersLeft: number;
}

const MESSAGES_PER_ATTACK_MAX = 40;
const FAILURES_MAX = 5;

export class Campaign {
  private readonly options: CampaignOptions;
  private readonly conversations = readConversations();
  private stage: Stage;
  private readonly failures: Failure[] = [];
  private readonly byScene: Record<string, number> = {};
  private readonly byWay: Record<string, number> = {};
  private attacks = 0;
  private messages = 0;
  private routersLeft = 0;

  constructor(options: CampaignOptions) {
    this.options = options;
    this.stage = new Stage(options.seed);
  }

  /** Goes on until `messages` wrong messages have been sent. */
  run(messages: number): CampaignReport {
    const { alive } = this.options;
    const first = this.options.first ?? 0;
    while (this.messages < messages && this.failures.length < FAILURES_MAX) {
      this.attack(first + this.attacks);
      this.attacks++;
      alive?.();
    }
    const { attacks, byScene, byWay, failures, routersLeft } = this;
    return { attacks, messages: this.messages, byScene, byWay, failures, routersLeft };
  }

  private attack(number: number): void {
    const random = new SeededRandom(this.options.seed * 65_536 + number, 7);
    const name = SCENES[number % SCENES.length] ?? SCENES[0];
    const way = WAYS[random.below(WAYS.length)] ?? WAYS[0];
    try {
      this.attempt(number, name, way, random);
    } catch (error) {
      this.failures.push(failureOf(number, error, `${name}, ${way}`));
      // What is left of the old world is no basis for further attacks.
      this.stage = new Stage(this.options.seed);
    }
  }

  private attempt(number: number, name: SceneName, way: Way, random: SeededRandom): void {
    const scene: Scene = this.stage.open(name, random);
    const attack = new Attack(scene, way, random, this.conversations);
    attack.run(MESSAGES_PER_ATTACK_MAX);
    this.stage.check(number % 8 === 0);
    attack.end();
    scene.close();
    this.stage.check(false);
    this.routersLeft += this.stage.checkNothingLeft();
    this.messages += attack.wrong;
    this.byScene[name] = (this.byScene[name] ?? 0) + attack.wrong;
    this.byWay[way] = (this.byWay[way] ?? 0) + attack.wrong;
  }
}
