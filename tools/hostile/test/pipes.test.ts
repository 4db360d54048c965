/** Hostile processes with bare ends of named pipes, and nodes that must not mind. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isWindows, runsHere } from "../../conformance/src/runs-here.ts";
import { PipeAttacks } from "../src/pipe-attacks.ts";
import { type PipeCase, pipeCases } from "../src/pipe-cases.ts";

const SEED = 20_261_127;
/** So many handles of the victim's are named by who does not have them. */
const STOLEN = 4;
const canRun = runsHere(isWindows, "hostile processes with named pipes of Windows");

function named(cases: readonly PipeCase[], ...names: readonly string[]): PipeCase[] {
  return cases.filter(({ name }) => names.includes(name));
}

describe.runIf(canRun)("a hostile process with a bare pipe", { timeout: 120_000 }, () => {
  // Made where it can run: this function is called wherever the file is read.
  let attacks: PipeAttacks;
  const cases = pipeCases(STOLEN);
  beforeAll(() => {
    attacks = new PipeAttacks(SEED);
    return attacks.begin();
  }, 120_000);
  afterAll(() => attacks.end());

  test.each(cases.map((one) => [one.name, one.outcome, one] as const))(
    "that sends %s finds its link %s, and nobody else's",
    async (_name, _outcome, one) => {
      await attacks.strike(one);
    },
  );

  test.each(
    named(
      cases,
      "a header of 0 bytes",
      "a frame that is cut in its message",
      "a number that nobody has",
      "handle 0 of the victim",
      "memory as it is",
    ).map((one) => [one.name, one] as const),
  )("that this one has started does as little by %s", async (_name, one) => {
    await attacks.strikeAsChild(one);
  });

  test("that is killed in the middle of everything leaves nothing behind", async () => {
    await attacks.vanish(cases.filter(({ outcome }) => outcome !== "dropped"));
  });

  test("that connects and goes, over and over, keeps nobody else out", async () => {
    await attacks.passBy(20);
  });

  test("that serves a name keeps it, and harms nobody who connects there", async () => {
    for (const shape of attacks.shapes) await attacks.joinServer(shape);
  });

  test("that serves the name of this one's listener keeps nobody out for good", async () => {
    await attacks.serveToo();
  });

  test("that sends streams of every wrong form does no harm", async () => {
    const { failures, streams } = await attacks.run(160);
    expect(failures, `seed ${SEED}`).toEqual([]);
    expect(streams).toBeGreaterThanOrEqual(160);
  });
});
