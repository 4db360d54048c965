/**
 * The runner itself: a story that does wrong must fail, say who did it, and leave the next story alone.
 */
import { describe, expect, it } from "vitest";
import { featureSets } from "../../src/scenario/catalogue.ts";
import type { Environment } from "../../src/scenario/environment.ts";
import { environments } from "../../src/scenario/environments.ts";
import { runScenario } from "../../src/scenario/run-scenario.ts";
import { scenario, type Story } from "../../src/scenario/scenario.ts";
import { createBlob } from "../../src/table/blob.ts";
import type { Outcome } from "../../src/table/outcome.ts";

function environmentNamed(name: string): Environment {
  const found = environments().find((one) => one.name === name);
  if (found === undefined) throw new Error(`no environment ${name}`);
  return found;
}

async function tell(story: Story, watchdogMs = 20_000): Promise<Outcome> {
  const [features] = featureSets;
  if (features === undefined) throw new Error("there is a feature set");
  const told = scenario("Runner.Test", story);
  return runScenario(told, environmentNamed("MemAsync"), features, { watchdogMs });
}

describe("runScenario", () => {
  it("passes a story that does nothing", async () => {
    expect(await tell({ main: async () => {} })).toMatchObject({ status: "passed", reason: null });
  });

  it("skips a story that the environment has a reason to skip", async () => {
    const [features] = featureSets;
    if (features === undefined) throw new Error("there is a feature set");
    const reasonToSkip = (name: string): string | null =>
      name === "Runner.Skipped" ? "why" : null;
    const environment = { ...environmentNamed("MemAsync"), reasonToSkip };
    const outcomeOf = (name: string): Promise<Outcome> =>
      runScenario(scenario(name, { main: async () => {} }), environment, features);
    expect(await outcomeOf("Runner.Skipped")).toMatchObject({ status: "skipped", reason: "why" });
    expect(await outcomeOf("Runner.Other")).toMatchObject({ status: "passed", reason: null });
  });

  it("fails a story that waits for ever, and says which node waits for what", async () => {
    const { status, reason } = await tell(
      {
        nodes: {
          client: async (node) => {
            const [portal] = node.connectToParent();
            if (portal !== undefined) await node.waitForText(portal, "never said");
          },
        },
        main: async (node) => void (await node.spawn("client")),
      },
      200,
    );
    expect(status).toBe("failed");
    expect(reason).toContain("stalled");
    expect(reason).toMatch(
      /client waits for dead or more than 0 parcels at portal \d+ \(0 parcels/,
    );
    expect(reason).toMatch(/main waits for the end of its child nodes/);
  });

  it("fails at once when a child node throws, and names it", async () => {
    const { status, reason, milliseconds } = await tell({
      nodes: {
        client: async () => {
          throw new Error("the client's own mistake");
        },
      },
      main: async (node) => {
        const [portal] = await node.spawn("client");
        if (portal !== undefined) await node.waitForText(portal, "never said");
      },
    });
    expect(status).toBe("failed");
    expect(reason).toContain("client: Error: the client's own mistake");
    expect(milliseconds).toBeLessThan(20_000);
  });

  it("fails a body that forgets a portal, and names it", async () => {
    const { status, reason } = await tell({
      main: async (node) => {
        const [left] = node.open();
        node.close(left);
      },
    });
    expect(status).toBe("failed");
    expect(reason).toMatch(/main ended with open handles: portal \d+/);
  });

  it("fails a story that leaves a driver object over", async () => {
    const { status, reason } = await tell({
      main: async (node) => void createBlob(node.driver, "forgotten"),
    });
    expect(status).toBe("failed");
    expect(reason).toBe("left over: 1 × memories");
  });

  it("fails a story when something throws on the event loop", async () => {
    const { status, reason } = await tell({
      main: async (node) => {
        setImmediate(() => {
          process.emit("uncaughtException", new Error("thrown by nobody in particular"));
        });
        await node.until("nothing", () => false);
      },
    });
    expect(status).toBe("failed");
    expect(reason).toContain("thrown by nobody in particular");
  });
});
