/**
 * Lanes between two processes: no lost wake-up, whatever the pauses, and nothing lost at a death.
 */
import type { IpczDriverHandle } from "@ipcz/api";
import { afterEach, expect, test } from "vitest";
import type { ChildProcess } from "node:child_process";
import { posixDriver, type LaneOptions, type PosixDriver } from "../src/index.ts";
import { transmit } from "./support/driver.ts";
import { listen, type Listener } from "./support/listener.ts";
import { describeOnLinux } from "./support/platform.ts";
import { randomFrom } from "./support/random.ts";
import { driverPrelude, packageFolder, scriptArguments } from "./support/run-script.ts";

const children: ChildProcess[] = [];
const drivers: PosixDriver[] = [];

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  for (const driver of drivers) driver.dispose();
  children.length = 0;
  drivers.length = 0;
});

interface Started {
  readonly driver: PosixDriver;
  readonly transport: IpczDriverHandle;
  readonly listener: Listener;
  readonly ended: Promise<unknown[]>;
}

/** Starts a script with `transport`, its end of a connection to us; both have lanes. */
function start(lanes: LaneOptions, source: string): Started {
  const driver = posixDriver({ lanes });
  drivers.push(driver);
  const prelude = driverPrelude.replace(
    "posixDriver()",
    `posixDriver({ lanes: ${JSON.stringify(lanes)} })`,
  );
  const script = `${prelude}\nconst transport = driver.inheritedTransport();\n${source}`;
  const { child, transport } = driver.spawnWithTransport(
    process.execPath,
    scriptArguments(script),
    {
      cwd: packageFolder,
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  children.push(child);
  const ended = new Promise<unknown[]>((resolve) => {
    child.once("exit", (...how: unknown[]) => resolve(how));
  });
  return { driver, transport, listener: listen(driver, transport), ended };
}

/** Runs for some microseconds and does nothing. */
const pauseSource = `
  function pause(micros) {
    const end = process.hrtime.bigint() + BigInt(micros) * 1000n;
    while (process.hrtime.bigint() < end);
  }
`;

function pause(micros: number): void {
  const end = process.hrtime.bigint() + BigInt(micros) * 1000n;
  while (process.hrtime.bigint() < end);
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);

describeOnLinux("a lane between two processes", () => {
  // Each message waits for the one before, so a wake-up that is lost once stops everything.
  test.each([
    [1, 0],
    [2, 0],
    [3, 30],
  ])(
    "loses no wake-up when both sides pause at random (seed %i, spinning %i µs)",
    async (seed, spinMicros) => {
      const rounds = 4000;
      const { driver, transport, listener, ended } = start(
        { afterMessages: 1, spinMicros },
        `${pauseSource}
        const { randomFrom } = await import("./test/support/random.ts");
        const random = randomFrom(${seed + 1000});
        listen(transport, (flags, data) => {
          if (flags === 1) end(transport);
          if (flags !== 0) return;
          const text = Buffer.from(data).toString();
          if (random(3) === 0) pause(random(40));
          const answer = () => transmit(transport, text);
          if (random(4) === 0) setImmediate(answer); else answer();
        });
      `,
      );
      const random = randomFrom(seed);
      let count = 0;
      listener.keep = false;
      listener.answer = ({ what, bytes }) => {
        if (what !== "message") return;
        expect(bytes.toString()).toBe(`${count}`);
        count++;
        if (count === rounds) return;
        if (random(3) === 0) pause(random(40));
        const next = (): void => void transmit(driver, transport, `${count}`);
        if (random(4) === 0) setImmediate(next);
        else next();
      };
      transmit(driver, transport, "0");
      await listener.until(() => count === rounds);
      expect(driver.liveObjects().lanes).toBe(2);
      driver.Close(transport, 0, null);
      expect(await ended).toEqual([0, null]);
    },
  );

  test.each([4, 5])("delivers bursts of every size both ways at once (seed %i)", async (seed) => {
    const total = 20_000;
    const burst = `
        let sent = 0;
        function bursts() {
          for (let left = random(random(10) === 0 ? 3000 : 20); left > 0 && sent < ${total}; left--)
            send(String(sent++));
          if (random(2) === 0) pause(random(60));
          if (sent < ${total}) setImmediate(bursts);
        }
        bursts();
      `;
    const { driver, transport, listener } = start(
      { afterMessages: 1, ringBytes: 64 * 1024 },
      `${pauseSource}
        const { randomFrom } = await import("./test/support/random.ts");
        const random = randomFrom(${seed + 1000});
        const send = (text) => transmit(transport, text);
        let received = 0, wrong = 0;
        listen(transport, (flags, data) => {
          if (flags === 1) end(transport);
          if (flags !== 0) return;
          if (Buffer.from(data).toString() !== String(received++)) wrong++;
          if (received === ${total}) transmit(transport, "wrong " + wrong);
        });
        ${burst}
      `,
    );
    const random = randomFrom(seed);
    let sent = 0;
    const bursts = (): void => {
      const size = random(random(10) === 0 ? 3000 : 20);
      for (let left = size; left > 0 && sent < total; left--)
        transmit(driver, transport, `${sent++}`);
      if (random(2) === 0) pause(random(60));
      if (sent < total) setImmediate(bursts);
    };
    let [received, wrong] = [0, 0];
    let verdict = "";
    listener.keep = false;
    listener.answer = ({ what, bytes }) => {
      const text = bytes.toString();
      if (what === "message" && text.startsWith("wrong")) verdict = text;
      else if (what === "message" && text !== `${received++}`) wrong++;
    };
    bursts();
    await listener.until(() => received === total && verdict !== "");
    expect([wrong, verdict]).toEqual([0, "wrong 0"]);
    driver.Close(transport, 0, null);
  });

  test.each(["SIGKILL", "exit"])(
    "delivers what a process wrote before its end, in the same turn (%s)",
    async (how) => {
      const death =
        how === "exit" ? "process.exit()" : `process.kill(process.pid, ${JSON.stringify(how)})`;
      const { driver, transport, listener } = start(
        { afterMessages: 1 },
        `
        let heard = 0;
        listen(transport, (flags) => {
          if (flags !== 0) return;
          heard++;
          transmit(transport, "heard");
          if (heard < 5) return;
          for (let index = 0; index < 2000; index++) transmit(transport, String(index));
          ${death};
        });
      `,
      );
      for (let round = 1; round <= 5; round++) {
        transmit(driver, transport, "speak");
        // oxlint-disable-next-line no-await-in-loop -- one answer for each, so that the lane is in use
        await listener.total(round);
      }
      await listener.last("error");
      expect(listener.story.slice(5)).toEqual([...numbered(2000), "error"]);
    },
  );

  test("notices the death of an idle peer, and lets go of its rings", async () => {
    const { driver, transport, listener } = start(
      { afterMessages: 1 },
      `listen(transport, (flags) => { if (flags === 0) transmit(transport, "heard"); });`,
    );
    for (let round = 1; round <= 3; round++) {
      transmit(driver, transport, "speak");
      // oxlint-disable-next-line no-await-in-loop -- one answer for each, so that the lane is in use
      await listener.total(round);
    }
    expect(driver.liveObjects().lanes).toBe(2);
    children[0]?.kill("SIGKILL");
    await listener.last("error");
    expect(driver.liveObjects().lanes).toBe(0);
  });

  test("keeps no process alive, and is closed at its exit (process)", async () => {
    const { driver, transport, listener, ended } = start(
      { afterMessages: 1 },
      `
      let heard = 0;
      listen(transport, (flags) => {
        if (flags !== 0) return;
        transmit(transport, "heard");
        if (++heard === 3) driver.unref(transport);
      });
    `,
    );
    for (let round = 1; round <= 3; round++) {
      transmit(driver, transport, "speak");
      // oxlint-disable-next-line no-await-in-loop -- one answer for each, so that the lane is in use
      await listener.total(round);
    }
    expect(await ended).toEqual([0, null]);
    await listener.last("error");
    expect(listener.story).toEqual(["heard", "heard", "heard", "error"]);
  });
});
