/** A transport that is called while it notifies, whose listener throws, or that reads messages where they lie. */
import {
  type IpczHandle,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED as DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR as ERROR,
} from "@ipcz/api";
import { afterEach, describe, expect, it, vi } from "vitest";
import { text, read, Diary, setup, active } from "./transport-diary.ts";

afterEach(() => {
  vi.restoreAllMocks();
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
    onMessagesAt(buffer: Uint8Array, spans: Int32Array, first: number, count: number): number {
      for (let next = first; next < count; next++) {
        const [start = 0, numBytes = 0] = spans.subarray(2 * next);
        const what = read(buffer.subarray(start), numBytes);
        if (!what.startsWith("p")) return next;
        this.onMessage(text(`at ${what}`), numBytes + 3, []);
      }
      return count;
    }
  }

  function activeTaker() {
    const all = setup();
    const taker = new Taker(all.driver);
    all.transport.activate(taker);
    const { listener, handler } = all.driver.objects.get(all.handle) ?? {};
    const batch = handler?.batch;
    const sendAt = (...values: string[]) => {
      let start = 0;
      const spans = values.flatMap((value) => {
        start += 2 + value.length;
        return [start - value.length, value.length];
      });
      const buffer = text(values.map((value) => `..${value}`).join(""));
      return batch?.messages?.(listener!, buffer, Int32Array.from(spans), values.length);
    };
    return { ...all, taker, batch, sendAt };
  }

  it("goes to a listener that takes it so, and otherwise the common way", () => {
    const { taker, batch, sendAt } = activeTaker();
    batch?.begin();
    expect(sendAt("plain")).toBe(1);
    expect(sendAt("other", "p", "pp", "", "o", "p")).toBe(6);
    expect(sendAt()).toBe(0);
    batch?.end();
    const heard = ["at plain", "other", "at p", "at pp", "", "o", "at p"];
    expect(taker.heard).toEqual(["<", ...heard, ">"]);
  });

  it("may be rejected, and those behind it are not looked at", () => {
    const { taker, batch, sendAt } = activeTaker();
    taker.accepts = false;
    batch?.begin();
    expect(sendAt("p", "other", "p", "other")).toBe(1);
    batch?.end();
    expect(taker.heard).toEqual(["<", "at p", "other", ">"]);
  });

  it("goes the common way to a listener that did not hear of the batch or cannot take it", () => {
    const { driver, transport, taker, batch, sendAt } = activeTaker();
    expect(sendAt("p outside")).toBe(1);
    const second = new Taker(driver);
    batch?.begin();
    transport.adoptListener(second);
    expect(sendAt("p adopted")).toBe(1);
    transport.adoptListener(new Diary(driver));
    expect(sendAt("p unable")).toBe(1);
    batch?.end();
    expect([taker.heard, second.heard]).toEqual([["p outside", "<", ">"], ["p adopted"]]);
  });

  it("is dropped after deactivation, and refused for a handle that is not lent", () => {
    const { driver, handle, transport, taker, batch, sendAt } = activeTaker();
    const { handler } = driver.objects.get(handle) ?? {};
    batch?.begin();
    const { batch: own } = handler ?? {};
    expect(own?.messages?.(999 as IpczHandle, text("plain"), Int32Array.of(0, 5), 1)).toBe(0);
    driver.endsAtOnce = false;
    transport.deactivate();
    expect(sendAt("plain")).toBe(1);
    batch?.end();
    expect(taker.heard).toEqual(["<", ">"]);
  });

  it("keeps what a driver delivers from inside until it is finished", () => {
    const { taker, batch, sendAt, send } = activeTaker();
    batch?.begin();
    taker.inside = () => {
      expect(sendAt("p nested")).toBe(1);
      expect(send("and more")).toBe(IPCZ_RESULT_OK);
      taker.accepts = false;
    };
    expect(sendAt("plain")).toBe(0);
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
    expect(sendAt("plain")).toBe(0);
    expect(reported[0]).toThrow("a bug");
    expect(sendAt("plain")).toBe(1);
    batch?.end();
    expect(taker.heard).toEqual(["<", "at plain", "at plain", ">"]);
  });
});
