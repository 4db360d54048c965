/** A transport of core over one of the driver: what it passes on, and when. */
import {
  type IpczHandle,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED as DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR as ERROR,
} from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { text, Diary, setup, active } from "./transport-diary.ts";

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

  it("can be asked where the objects are in a message that is not delivered", () => {
    const { driver, handle } = active();
    const { handler } = driver.at(handle);
    expect(handler?.objectsIn?.(text("no message"))).toEqual([]);
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
