/** What a listener is told, and how often; handlers that throw are reported, which is as good as a refusal. */
import {
  IPCZ_RESULT_OK,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  type IpczHandle,
  type IpczTransportActivityHandler,
} from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { Activity } from "../src/activity.ts";
import { uncaughtIn } from "./uncaught.ts";

const LISTENER = 7 as IpczHandle;
const wrong = new Error("wrong");

function fail(): never {
  throw wrong;
}

/** A handler that takes errors and refuses nothing; `flags` are what it was told. */
function patient(seen: number[]): IpczTransportActivityHandler {
  return (_listener, data, _numBytes, _handles, _numHandles, flags) => {
    if (data) fail();
    seen.push(flags);
    return IPCZ_RESULT_OK;
  };
}

describe("an error", () => {
  it("is told once, and not after the end", () => {
    const flags: number[] = [];
    const activity = new Activity(LISTENER, patient(flags));
    activity.tellError();
    activity.tellError();
    expect(flags).toEqual([IPCZ_TRANSPORT_ACTIVITY_ERROR]);
    const ended = new Activity(LISTENER, patient(flags));
    ended.tellEnd();
    ended.tellEnd();
    ended.tellError();
    expect(flags).toEqual([IPCZ_TRANSPORT_ACTIVITY_ERROR, IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED]);
  });
});

describe("a message whose handler throws", () => {
  it("is refused, the error is reported, and others are delivered", async () => {
    const flags: number[] = [];
    const activity = new Activity(LISTENER, patient(flags));
    const errors = await uncaughtIn(() => {
      expect(activity.message(new Uint8Array(1), null)).toBe(false);
      activity.tellError();
    });
    expect(errors).toEqual([wrong]);
    expect(flags).toEqual([IPCZ_TRANSPORT_ACTIVITY_ERROR]);
  });

  it("is refused in a batch, too", async () => {
    const flags: number[] = [];
    const batch = { begin: () => {}, end: () => {}, message: fail };
    const activity = new Activity(LISTENER, Object.assign(patient(flags), { batch }));
    const errors = await uncaughtIn(() => {
      expect(activity.messageAt(new Uint8Array(8), 2, 3)).toBe(false);
      activity.tellError();
    });
    expect(errors).toEqual([wrong]);
    expect(flags).toEqual([IPCZ_TRANSPORT_ACTIVITY_ERROR]);
  });
});
