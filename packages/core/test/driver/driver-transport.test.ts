import {
  type IpczDriverHandle,
  type IpczHandle,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED as DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR as ERROR,
} from "@ipcz/api";
import { afterEach, describe, expect, it, vi } from "vitest";
import { DriverObject } from "../../src/driver/driver-object.ts";
import { DriverTransport, type TransportListener } from "../../src/driver/driver-transport.ts";
import { MockDriver } from "./mock-driver.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const read = (data: Uint8Array, numBytes: number): string =>
  new TextDecoder().decode(data.subarray(0, numBytes));

/** Writes down what it hears, and closes what it gets. */
class Diary implements TransportListener {
  readonly heard: string[] = [];
  accepts = true;
  /** Runs inside the next message, error or end. */
  inside: ((what: string) => void) | null = null;
  private readonly driver: MockDriver;

  constructor(driver: MockDriver) {
    this.driver = driver;
  }

  onMessage(data: Uint8Array, numBytes: number, handles: readonly IpczDriverHandle[]): boolean {
    for (const handle of handles) this.driver.Close(handle);
    this.note(read(data, numBytes));
    return this.accepts;
  }

  onError(): void {
    this.note("<error>");
  }

  onBatchBegin(): void {
    this.note("<");
  }

  onBatchEnd(): void {
    this.note(">");
  }

  onDeactivated(): void {
    this.note("<end>");
  }

  private note(what: string): void {
    this.heard.push(what);
    const { inside } = this;
    this.inside = null;
    inside?.(what);
  }
}

function setup() {
  const driver = new MockDriver();
  const handle = driver.make({ kind: "transport" });
  const lent = new Set<IpczHandle>();
  let next = 100;
  const listeners = {
    lend(): IpczHandle {
      const listener = next++ as IpczHandle;
      lent.add(listener);
      return listener;
    },
    takeBack(listener: IpczHandle): void {
      if (!lent.delete(listener)) throw new Error("not lent");
    },
  };
  const transport = new DriverTransport(new DriverObject(driver, handle), listeners);
  const diary = new Diary(driver);
  const send = (value: string, handles: IpczDriverHandle[] = []) =>
    driver.notify(handle, 0, text(value), handles);
  return { driver, handle, lent, transport, diary, send };
}

function active() {
  const all = setup();
  expect(all.transport.activate(all.diary)).toBe(IPCZ_RESULT_OK);
  return all;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("driver transport", () => {
  it("gives the driver a listener and a handler, and ends with deactivate, then close (DTR-01)", () => {
    const { driver, lent, transport, diary, send } = active();
    expect(lent.size).toBe(1);
    expect(send("hello")).toBe(IPCZ_RESULT_OK);
    expect(diary.heard).toEqual(["hello"]);
    transport.close();
    expect(diary.heard).toEqual(["hello", "<end>"]);
    expect(driver.calls).toEqual([
      "ActivateTransport transport",
      "DeactivateTransport transport",
      "Close transport",
    ]);
    expect(lent.size).toBe(0);
  });

  it("passes an error on, then deactivates; the end still follows (DTR-02)", () => {
    const { driver, handle, transport, diary, lent } = active();
    driver.endsAtOnce = false;
    expect(driver.notify(handle, ERROR)).toBe(IPCZ_RESULT_OK);
    expect(diary.heard).toEqual(["<error>"]);
    expect(driver.calls.at(-1)).toBe("DeactivateTransport transport");
    expect(driver.notify(handle, ERROR)).toBe(IPCZ_RESULT_OK);
    transport.close();
    expect(driver.notify(handle, DEACTIVATED)).toBe(IPCZ_RESULT_OK);
    expect(diary.heard).toEqual(["<error>", "<end>"]);
    expect(lent.size).toBe(0);
    expect(driver.liveCount).toBe(0);
  });

  it("transmits one message with one driver call, bytes and handles as given (DTR-03)", () => {
    const { driver, transport } = active();
    const part = driver.make({ kind: "part" });
    expect(transport.transmit(text("hello!"), 5, [part])).toBe(IPCZ_RESULT_OK);
    expect(driver.transmissions).toEqual([{ bytes: text("hello"), handles: [part] }]);
    driver.failing.add("Transmit");
    expect(transport.transmit(text("x"), 1, [])).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
  });

  it("transmits before it is activated", () => {
    const { driver, transport } = setup();
    expect(transport.transmit(text("early"), 5, [])).toBe(IPCZ_RESULT_OK);
    expect(driver.transmissions).toHaveLength(1);
  });

  it("closes the handles of a message it can no longer transmit", () => {
    const { driver, transport } = active();
    transport.close();
    const part = driver.make({ kind: "part" });
    expect(transport.transmit(text("late"), 4, [part])).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(driver.liveCount).toBe(0);
  });

  it("answers INVALID_ARGUMENT to a listener that is not lent, and closes what came (N1)", () => {
    const { driver, handle, transport, diary, send } = active();
    const { handler } = driver.objects.get(handle) ?? {};
    const part = driver.make({ kind: "part" });
    const envelope = driver.make({ kind: "envelope" });
    const other = 999 as IpczHandle;
    expect(handler?.(other, text("x"), 1, [part], 1, 0, { size: 16, envelope })).toBe(
      IPCZ_RESULT_INVALID_ARGUMENT,
    );
    expect(handler?.(other, null, 0, null, 0, ERROR, null)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(diary.heard).toEqual([]);
    expect(driver.liveCount).toBe(1);
    driver.notify(handle, DEACTIVATED);
    expect(send("after the end")).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(driver.notify(handle, DEACTIVATED)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(diary.heard).toEqual(["<end>"]);
    transport.close();
    expect(driver.calls).not.toContain("DeactivateTransport transport");
    expect(driver.liveCount).toBe(0);
  });

  it("takes DEACTIVATED for the end, whatever else is set (N2)", () => {
    const { driver, handle, diary, lent } = active();
    expect(driver.notify(handle, DEACTIVATED | ERROR, text("x"))).toBe(IPCZ_RESULT_OK);
    expect(diary.heard).toEqual(["<end>"]);
    expect(lent.size).toBe(0);
  });

  it("answers INVALID_ARGUMENT when the listener rejects, and goes on until the error", () => {
    const { diary, send } = active();
    diary.accepts = false;
    expect(send("bad")).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    diary.accepts = true;
    expect(send("good")).toBe(IPCZ_RESULT_OK);
    expect(diary.heard).toEqual(["bad", "good"]);
  });

  it("tells the end of a batch to the listener that heard of its beginning", () => {
    const { driver, handle, transport, diary, send } = active();
    const batch = driver.objects.get(handle)?.handler?.batch;
    const second = new Diary(driver);
    batch?.begin();
    send("one");
    transport.adoptListener(second);
    send("two");
    batch?.end();
    batch?.begin();
    send("three");
    transport.close();
    batch?.end();
    expect(diary.heard).toEqual(["<", "one", ">"]);
    expect(second.heard).toEqual(["two", "<", "three", "<end>", ">"]);
  });

  it("has no backlog under a driver that cannot tell", () => {
    const { transport } = active();
    expect([transport.backlog, transport.watchBacklog(0, () => {})]).toEqual([0, false]);
  });

  it("delivers an empty message", () => {
    const { driver, handle, diary } = active();
    expect(driver.notify(handle, 0)).toBe(IPCZ_RESULT_OK);
    expect(diary.heard).toEqual([""]);
  });

  it("takes as many handles as the driver counts, from a list that may be longer", () => {
    const { driver, handle } = active();
    const [counted, beyond] = [driver.make({ kind: "part" }), driver.make({ kind: "part" })];
    const { listener, handler } = driver.objects.get(handle) ?? {};
    handler?.(listener!, null, 0, [counted, beyond], 1, 0, null);
    expect([driver.objects.has(counted), driver.objects.has(beyond)]).toEqual([false, true]);
  });

  it("ignores messages after deactivation and closes what came with them", () => {
    const { driver, handle, transport, diary } = active();
    driver.endsAtOnce = false;
    transport.deactivate();
    const part = driver.make({ kind: "part" });
    const options = { size: 16, envelope: driver.make({ kind: "envelope" }) };
    expect(driver.notify(handle, 0, text("late"), [part], options)).toBe(IPCZ_RESULT_OK);
    expect(diary.heard).toEqual([]);
    expect(driver.liveCount).toBe(1);
  });

  it("keeps an envelope for the time of its message", () => {
    const { driver, handle, diary } = active();
    const options = { size: 16, envelope: driver.make({ kind: "envelope" }) };
    diary.inside = () => {
      expect(driver.objects.has(options.envelope)).toBe(true);
    };
    driver.notify(handle, 0, text("x"), null, options);
    expect(driver.objects.has(options.envelope)).toBe(false);
  });

  it.each([
    ["its size is too small", 8, 0],
    ["it comes with an error", 16, ERROR],
  ])("leaves an envelope alone when %s", (_name, size, flags) => {
    const { driver, handle } = active();
    const envelope = driver.make({ kind: "envelope" });
    driver.notify(handle, flags, null, null, { size, envelope });
    expect(driver.objects.has(envelope)).toBe(true);
  });

  it("gives messages to the listener that adopted it", () => {
    const { driver, transport, diary, send } = active();
    const second = new Diary(driver);
    diary.inside = () => {
      transport.adoptListener(second);
    };
    send("one");
    send("two");
    expect([diary.heard, second.heard]).toEqual([["one"], ["two"]]);
  });

  it("takes its listener back and can be closed when activation fails", () => {
    const { driver, lent, transport, diary } = setup();
    driver.failing.add("ActivateTransport");
    expect(transport.activate(diary)).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
    expect([lent.size, transport.isActive, driver.liveCount]).toEqual([0, false, 1]);
    transport.close();
    expect(driver.calls.slice(1)).toEqual(["Close transport"]);
    expect(diary.heard).toEqual([]);
  });

  it("can be given away while it was never activated", () => {
    const { driver, handle, transport } = setup();
    const object = transport.release();
    transport.close();
    expect(object.handle).toBe(handle);
    expect(driver.calls).toEqual([]);
  });

  it("closes without deactivation when it was never activated", () => {
    const { driver, transport } = setup();
    transport.close();
    transport.close();
    expect(driver.calls).toEqual(["Close transport"]);
  });

  it("reports bad activity while the handle is open", () => {
    const { driver, transport } = active();
    transport.reportBadActivity("because");
    transport.close();
    transport.reportBadActivity("too late");
    expect(driver.calls.filter((call) => call.startsWith("Report"))).toHaveLength(1);
  });
});

describe("driver transport, when the end comes later", () => {
  it("closes the driver's handle only after DEACTIVATED", () => {
    const { driver, handle, transport, lent, diary } = active();
    driver.endsAtOnce = false;
    transport.close();
    expect([driver.liveCount, lent.size]).toEqual([1, 1]);
    expect(driver.notify(handle, DEACTIVATED)).toBe(IPCZ_RESULT_OK);
    expect([driver.liveCount, lent.size]).toEqual([0, 0]);
    expect(diary.heard).toEqual(["<end>"]);
  });
});

describe("driver transport, with calls inside calls", () => {
  it("hears a message from inside activation", () => {
    const { driver, transport, diary, send } = setup();
    driver.inside.set("ActivateTransport", () => send("early"));
    transport.activate(diary);
    expect(diary.heard).toEqual(["early"]);
  });

  it("survives an error, and being closed, inside activation", () => {
    const { driver, handle, lent, transport, diary } = setup();
    diary.inside = () => {
      transport.close();
    };
    driver.inside.set("ActivateTransport", () => driver.notify(handle, ERROR));
    transport.activate(diary);
    expect(diary.heard).toEqual(["<error>", "<end>"]);
    expect([driver.liveCount, lent.size]).toEqual([0, 0]);
    expect(driver.calls.at(-1)).toBe("Close transport");
  });

  it("survives the end inside an activation that then fails", () => {
    const { driver, handle, lent, transport, diary } = setup();
    driver.failing.add("ActivateTransport");
    driver.inside.set("ActivateTransport", () => driver.notify(handle, DEACTIVATED));
    transport.activate(diary);
    transport.close();
    expect([driver.liveCount, lent.size]).toEqual([0, 0]);
  });

  it("hears a message from inside transmit at once", () => {
    const { driver, transport, diary, send } = active();
    driver.inside.set("Transmit", () => send("echo"));
    transport.transmit(text("x"), 1, []);
    expect(diary.heard).toEqual(["echo"]);
  });

  it("is not closed while a transmission is under way", () => {
    const { driver, handle, transport, diary } = active();
    diary.inside = () => {
      transport.close();
    };
    driver.inside.set("Transmit", () => {
      driver.notify(handle, ERROR);
      expect(driver.liveCount).toBe(1);
    });
    transport.transmit(text("x"), 1, []);
    expect(driver.liveCount).toBe(0);
    expect(diary.heard).toEqual(["<error>", "<end>"]);
  });

  it("answers a notification from inside close, when nothing is lent any more", () => {
    const { driver, transport, diary, send } = active();
    let answer = -1;
    driver.inside.set("Close", () => (answer = send("x")));
    transport.close();
    expect(answer).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(diary.heard).toEqual(["<end>"]);
  });

  it("delivers nested messages in order, after the outer one, from bytes of its own", () => {
    const { driver, handle, diary } = active();
    const lentBytes = text("two");
    const part = driver.make({ kind: "part" });
    diary.inside = () => {
      expect(driver.notify(handle, 0, lentBytes, [part])).toBe(IPCZ_RESULT_OK);
      lentBytes.fill(0);
      driver.notify(handle, 0, text("three"));
      expect(diary.heard).toEqual(["one"]);
    };
    expect(driver.notify(handle, 0, text("one"))).toBe(IPCZ_RESULT_OK);
    expect(diary.heard).toEqual(["one", "two", "three"]);
    expect(driver.liveCount).toBe(1);
  });

  it("keeps a nested message without bytes, which is one all the same", () => {
    const { driver, handle, diary, send } = active();
    diary.inside = () => {
      driver.notify(handle, 0);
      expect(diary.heard).toEqual(["one"]);
    };
    send("one");
    expect(diary.heard).toEqual(["one", ""]);
  });

  it("answers for a nested message that was rejected", () => {
    const { diary, send } = active();
    diary.inside = () => {
      send("bad");
      diary.inside = () => {
        diary.accepts = false;
      };
    };
    expect(send("good")).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(diary.heard).toEqual(["good", "bad"]);
  });

  it("keeps nested errors and ends behind the messages before them", () => {
    const { driver, handle, lent, diary, send } = active();
    diary.inside = () => {
      send("two");
      driver.notify(handle, ERROR);
      send("dropped");
      driver.notify(handle, DEACTIVATED);
      expect(lent.size).toBe(0);
      expect(send("refused")).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    };
    send("one");
    expect(diary.heard).toEqual(["one", "two", "<error>", "<end>"]);
    expect(driver.calls).not.toContain("DeactivateTransport transport");
  });

  it("closed from inside a message, drops what was nested and is closed when the message is done", () => {
    const { driver, handle, transport, diary, send } = active();
    const part = driver.make({ kind: "part" });
    diary.inside = () => {
      send("nested", [part]);
      transport.close();
      expect(driver.objects.has(handle)).toBe(true);
    };
    send("one");
    expect(diary.heard).toEqual(["one", "<end>"]);
    expect(driver.liveCount).toBe(0);
  });
});

describe("driver transport, when core throws", () => {
  it("reports it as uncaught and stays usable (the end of a batch)", () => {
    const { driver, handle, diary, send } = active();
    const reported: (() => void)[] = [];
    vi.spyOn(globalThis, "queueMicrotask").mockImplementation((job) => {
      reported.push(job);
    });
    const batch = driver.objects.get(handle)?.handler?.batch;
    batch?.begin();
    diary.inside = () => {
      throw new Error("a bug");
    };
    batch?.end();
    expect(reported).toHaveLength(1);
    expect(reported[0]).toThrow("a bug");
    batch?.begin();
    send("one");
    batch?.end();
    expect(diary.heard).toEqual(["<", ">", "<", "one", ">"]);
  });

  it.each([
    ["a message", 0, IPCZ_RESULT_INVALID_ARGUMENT],
    ["an error", ERROR, IPCZ_RESULT_OK],
    ["the end", DEACTIVATED, IPCZ_RESULT_OK],
  ])("reports it as uncaught and stays usable (%s)", (_name, flags, expected) => {
    const { driver, handle, transport, diary, lent } = active();
    const reported: (() => void)[] = [];
    vi.spyOn(globalThis, "queueMicrotask").mockImplementation((job) => {
      reported.push(job);
    });
    diary.inside = () => {
      throw new Error("a bug");
    };
    const options = { size: 16, envelope: driver.make({ kind: "envelope" }) };
    expect(driver.notify(handle, flags, text("x"), null, options)).toBe(expected);
    expect(reported).toHaveLength(1);
    expect(reported[0]).toThrow("a bug");
    if (flags !== 0) driver.Close(options.envelope);
    transport.close();
    expect([driver.liveCount, lent.size]).toEqual([0, 0]);
  });
});

describe("a message where it lies in a batch", () => {
  /** Takes what begins with "p" where it lies. */
  class Taker extends Diary {
    verdict = true;

    onMessageAt(buffer: Uint8Array, start: number, numBytes: number): boolean | null {
      const what = read(buffer.subarray(start), numBytes);
      if (!what.startsWith("p")) return null;
      this.onMessage(text(`at ${what}`), numBytes + 3, []);
      return this.verdict;
    }
  }

  function activeTaker() {
    const all = setup();
    const taker = new Taker(all.driver);
    all.transport.activate(taker);
    const { listener, handler } = all.driver.objects.get(all.handle) ?? {};
    const batch = handler?.batch;
    const sendAt = (value: string) =>
      batch?.message?.(listener!, text(`..${value}..`), 2, value.length);
    return { ...all, taker, batch, sendAt };
  }

  it("goes to a listener that takes it so, and otherwise the common way", () => {
    const { taker, batch, sendAt } = activeTaker();
    batch?.begin();
    expect([sendAt("plain"), sendAt("other"), sendAt("")]).toEqual([
      IPCZ_RESULT_OK,
      IPCZ_RESULT_OK,
      IPCZ_RESULT_OK,
    ]);
    batch?.end();
    expect(taker.heard).toEqual(["<", "at plain", "other", "", ">"]);
  });

  it("may be rejected either way", () => {
    const { taker, batch, sendAt } = activeTaker();
    taker.verdict = false;
    taker.accepts = false;
    batch?.begin();
    expect([sendAt("plain"), sendAt("other")]).toEqual([
      IPCZ_RESULT_INVALID_ARGUMENT,
      IPCZ_RESULT_INVALID_ARGUMENT,
    ]);
    batch?.end();
    expect(taker.heard).toEqual(["<", "at plain", "other", ">"]);
  });

  it("goes the common way to a listener that did not hear of the batch or cannot take it", () => {
    const { driver, transport, taker, batch, sendAt } = activeTaker();
    expect(sendAt("p outside")).toBe(IPCZ_RESULT_OK);
    const second = new Taker(driver);
    batch?.begin();
    transport.adoptListener(second);
    expect(sendAt("p adopted")).toBe(IPCZ_RESULT_OK);
    transport.adoptListener(new Diary(driver));
    expect(sendAt("p unable")).toBe(IPCZ_RESULT_OK);
    batch?.end();
    expect([taker.heard, second.heard]).toEqual([["p outside", "<", ">"], ["p adopted"]]);
  });

  it("is dropped after deactivation, and refused for a handle that is not lent", () => {
    const { driver, handle, transport, taker, batch, sendAt } = activeTaker();
    const { handler } = driver.objects.get(handle) ?? {};
    batch?.begin();
    expect(handler?.batch?.message?.(999 as IpczHandle, text("plain"), 0, 5)).toBe(
      IPCZ_RESULT_INVALID_ARGUMENT,
    );
    driver.endsAtOnce = false;
    transport.deactivate();
    expect(sendAt("plain")).toBe(IPCZ_RESULT_OK);
    batch?.end();
    expect(taker.heard).toEqual(["<", ">"]);
  });

  it("keeps what a driver delivers from inside until it is finished", () => {
    const { taker, batch, sendAt, send } = activeTaker();
    batch?.begin();
    taker.inside = () => {
      expect(sendAt("p nested")).toBe(IPCZ_RESULT_OK);
      expect(send("and more")).toBe(IPCZ_RESULT_OK);
      taker.accepts = false;
    };
    expect(sendAt("plain")).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    batch?.end();
    expect(taker.heard).toEqual(["<", "at plain", "p nested", "and more", ">"]);
  });

  it("closes a transport that its listener gave up meanwhile, when it is finished", () => {
    const { driver, transport, taker, batch, sendAt } = activeTaker();
    batch?.begin();
    taker.inside = () => {
      transport.close();
      expect(driver.liveCount).toBe(1);
    };
    sendAt("plain");
    batch?.end();
    expect(taker.heard).toEqual(["<", "at plain", "<end>", ">"]);
    expect(driver.liveCount).toBe(0);
  });

  it("is rejected, and a bug reported, when its listener throws", () => {
    const { taker, batch, sendAt } = activeTaker();
    const reported: (() => void)[] = [];
    vi.spyOn(globalThis, "queueMicrotask").mockImplementation((job) => {
      reported.push(job);
    });
    batch?.begin();
    taker.inside = () => {
      throw new Error("a bug");
    };
    expect(sendAt("plain")).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect(reported[0]).toThrow("a bug");
    expect(sendAt("plain")).toBe(IPCZ_RESULT_OK);
    batch?.end();
    expect(taker.heard).toEqual(["<", "at plain", "at plain", ">"]);
  });
});
