/**
 * `Deserialize` on what a stranger sent: spoilt bytes, missing and surplus handles, noise.
 *
 * Whatever it answers, it must not throw; the handles are the driver's in any case; a failure leaves the output alone;
 * and what it accepts is an object that can be closed. That nothing leaks is checked at the end of every trial.
 */
import {
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_RESULT_OK,
  type IpczDriver,
  type IpczDriverHandle,
} from "@ipcz/api";
import type { Received } from "./listener.ts";
import type { DriverConformanceOptions } from "./options.ts";
import { seededBelow, upTo } from "./pattern.ts";
import { handleCell, type DeclareTrial, type Trial } from "./trial.ts";

const NOISE_ROUNDS = 500;
const SEEDS: readonly number[] = [1, 2, 3];

/** Declares the tests. */
export function hostileSuite<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  options: DriverConformanceOptions<D>,
): void {
  spoilt(trial, options);
  noise(trial, options);
}

/** One way to spoil what arrived. `extra` is an object of another kind. */
interface Spoil {
  readonly name: string;
  readonly mustFail: boolean;
  readonly spoil: (received: Received, extra: IpczDriverHandle) => Received;
}

/** Ways to spoil handles; bytes stay as they were. */
const HANDLE_SPOILS: readonly Spoil[] = [
  {
    name: "no handles",
    mustFail: true,
    spoil: ({ bytes }) => ({ bytes, handles: [] }),
  },
  {
    name: "a handle 0 in place of each",
    mustFail: true,
    spoil: ({ bytes, handles }) => ({
      bytes,
      handles: handles.map(() => IPCZ_INVALID_DRIVER_HANDLE),
    }),
  },
  {
    name: "each handle twice",
    mustFail: false,
    spoil: ({ bytes, handles }) => ({ bytes, handles: [...handles, ...handles] }),
  },
  {
    name: "a surplus handle",
    mustFail: false,
    spoil: ({ bytes, handles }, extra) => ({ bytes, handles: [...handles, extra] }),
  },
];

/** Ways to spoil the bytes of this message: each one missing or flipped, and some too many. */
function byteSpoils(byteCount: number): Spoil[] {
  const spoils: Spoil[] = [];
  for (const length of upTo(byteCount)) {
    spoils.push({
      name: `cut to ${length} bytes`,
      mustFail: false,
      spoil: ({ bytes, handles }) => ({ bytes: bytes.slice(0, length), handles }),
    });
    for (const flip of [0x01, 0x02, 0x80, 0xff]) {
      spoils.push({
        name: `byte ${length} flipped by ${flip}`,
        mustFail: false,
        spoil: ({ bytes, handles }) => ({
          bytes: bytes.map((byte, at) => (at === length ? byte ^ flip : byte)),
          handles,
        }),
      });
    }
  }
  spoils.push({
    name: "bytes too many",
    mustFail: false,
    spoil: ({ bytes, handles }) => ({ bytes: Uint8Array.from([...bytes, 1, 2, 3]), handles }),
  });
  return spoils;
}

/** Deserializes what may be nonsense and checks what must hold all the same. True when it was accepted. */
function survive<D extends IpczDriver>(
  t: Trial<D>,
  { expect }: DriverConformanceOptions<D>,
  received: Received,
  transport: IpczDriverHandle,
): boolean {
  const object = handleCell();
  const result = t.tryUnpack(received.bytes, received.handles, transport, object);
  const accepted = result === IPCZ_RESULT_OK;
  expect(object.value !== IPCZ_INVALID_DRIVER_HANDLE, "an object exactly on success").toBe(
    accepted,
  );
  if (accepted) t.close(object.value);
  return accepted;
}

function spoilt<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  options: DriverConformanceOptions<D>,
): void {
  const { expect } = options;
  for (const kind of ["memory", "transport"] as const) {
    trial(`survives spoilt bytes and handles of a ${kind}`, async (t) => {
      const [a, b] = t.pair();
      const atB = t.listen(b);
      const make = (): IpczDriverHandle => (kind === "memory" ? t.memory(4096) : t.pair()[0]);
      const sample = await t.carry(make(), a, atB);
      const spoils = [
        ...HANDLE_SPOILS.filter(() => sample.handles.length > 0),
        ...byteSpoils(sample.bytes.length),
      ];
      t.unpack(sample, b);
      for (const { name, mustFail, spoil } of spoils) {
        // oxlint-disable-next-line no-await-in-loop -- one at a time, so that a failure names the culprit
        const received = await t.carry(make(), a, atB);
        const bad = spoil(received, t.memory(64));
        const accepted = survive(t, options, bad, b);
        if (mustFail) expect(accepted, name).toBe(false);
      }
    });
  }
}

function noise<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  options: DriverConformanceOptions<D>,
): void {
  for (const seed of SEEDS) {
    trial(`survives random bytes without and with a handle (seed ${seed})`, async (t) => {
      const below = seededBelow(seed);
      const [a, b] = t.pair();
      const atB = t.listen(b);
      for (let round = 0; round < NOISE_ROUNDS; round++) {
        const byteCount = below(40);
        // Small values are likelier to pass for kinds, counts and sizes.
        const bytes = Uint8Array.from({ length: byteCount }, () => below(below(2) === 0 ? 4 : 256));
        const handles: IpczDriverHandle[] = [];
        if (round % 10 === 0) {
          // oxlint-disable-next-line no-await-in-loop -- the handle of this round
          handles.push(...(await t.carry(t.memory(64), a, atB)).handles);
        }
        survive(t, options, { bytes, handles }, b);
      }
    });
  }

  trial("refuses to make an object of nothing", async (t) => {
    const [, b] = t.pair();
    const object = handleCell();
    const result = t.driver.Deserialize(null, 0, null, 0, b, 0, null, object);
    options.expect([result === IPCZ_RESULT_OK, object.value]).toEqual([false, 0]);
  });
}
