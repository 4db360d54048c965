/** What a listener is told, and how often; handlers that throw are reported, which is as good as a refusal. */
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_UNIMPLEMENTED,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  type IpczHandle,
  type IpczResult,
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
    const batch = { begin: () => {}, end: () => {}, messages: fail };
    const activity = new Activity(LISTENER, Object.assign(patient(flags), { batch }));
    const errors = await uncaughtIn(() => {
      expect(activity.messageAt(new Uint8Array(8), 2, 3)).toBe(false);
      activity.tellError();
    });
    expect(errors).toEqual([wrong]);
    expect(flags).toEqual([IPCZ_TRANSPORT_ACTIVITY_ERROR]);
  });
});

describe("messages of a batch, to a handler without batches", () => {
  /** An activity, what its handler is told, and `a`, `b` and `c` for it. */
  function told(answer: (text: string, activity: Activity) => IpczResult) {
    const texts: string[] = [];
    const handler: IpczTransportActivityHandler = (_listener, data) => {
      const text = data ? new TextDecoder().decode(data) : "end";
      texts.push(text);
      return answer(text, activity);
    };
    const activity = new Activity(LISTENER, handler);
    const isWell = activity.messagesAt(
      new TextEncoder().encode("-a-bb-ccc"),
      Int32Array.of(1, 1, 3, 2, 6, 3),
      3,
    );
    return { texts, isWell };
  }

  it("come one by one", () => {
    expect(told(() => IPCZ_RESULT_OK)).toEqual({ texts: ["a", "bb", "ccc"], isWell: true });
  });

  it("come up to the first that is rejected", () => {
    const answers = (text: string): IpczResult =>
      text === "bb" ? IPCZ_RESULT_INVALID_ARGUMENT : IPCZ_RESULT_UNIMPLEMENTED;
    expect(told(answers)).toEqual({ texts: ["a", "bb"], isWell: false });
  });

  it("come no more once it has ended", () => {
    const answers = (text: string, activity: Activity): IpczResult => {
      if (text === "bb") activity.tellEnd();
      return IPCZ_RESULT_OK;
    };
    expect(told(answers)).toEqual({ texts: ["a", "bb", "end"], isWell: true });
  });
});
