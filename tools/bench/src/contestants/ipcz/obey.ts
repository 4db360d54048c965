/**
 * What a far process does with portals, as it is told.
 */
import {
  type IpczHandle,
  IPCZ_RESULT_UNAVAILABLE,
  IPCZ_TRAP_REMOVED,
  type IpczTrapEvent,
} from "@ipcz/api";
import { serve } from "../../messages/serve.ts";
import { settledMemory } from "../../portals/memory.ts";
import { api, check, close, READABLE, take } from "./api.ts";
import { answerCalls, type Call, Caller, type Reply } from "./control.ts";
import { PortalPort } from "./port.ts";

/** Handles are numbers, kept outside of the heap that is measured. */
const KEPT_MAX = 1 << 21;

export function obeyCalls(portal: IpczHandle): void {
  const far = new Far();
  answerCalls(portal, (call, handles, reply) => far.obey(call, handles, reply));
}

class Far {
  private readonly kept = new Float64Array(KEPT_MAX);
  private keptCount = 0;
  private next: Caller | null = null;
  /** The portals that are on their way: what is done with each, how many are to come, and who waits for them. */
  private accept: (handle: IpczHandle) => void = () => {};
  private missing = 0;
  private whenDone: () => void = () => {};

  obey(call: Call, handles: IpczHandle[], reply: (reply: Reply) => void): void {
    switch (call.call) {
      case "keep":
        this.expect(call.count, reply);
        this.accept = this.keep;
        handles.forEach(this.accept);
        return;
      case "firsts":
        this.expect(call.count, reply);
        this.accept = this.takeFirst;
        handles.forEach(this.accept);
        return;
      case "more":
        handles.forEach(this.accept);
        return;
      case "close":
        for (let index = 0; index < this.keptCount; index++) close(this.kept[index] as IpczHandle);
        this.keptCount = 0;
        reply({});
        return;
      case "memory":
        void settledMemory().then((memory) => reply({ memory }));
        return;
      case "next":
        this.next = new Caller(only(handles));
        reply({});
        return;
      case "obey":
        answerCalls(only(handles), (...parameters) => this.obey(...parameters));
        reply({});
        return;
      case "pass":
        if (call.hops > 0) this.next?.send({ call: "pass", hops: call.hops - 1 }, handles);
        else serve(new PortalPort(only(handles), () => {}));
    }
  }

  private expect(count: number, reply: (reply: Reply) => void): void {
    this.missing = count;
    this.whenDone = () => reply({});
  }

  private readonly keep = (handle: IpczHandle): void => {
    this.kept[this.keptCount++] = handle;
    this.count();
  };

  private readonly takeFirst = (handle: IpczHandle): void => {
    if (take(handle) === IPCZ_RESULT_UNAVAILABLE) {
      check(api.Trap(handle, READABLE, this.onFirst, handle, 0, null, null, null), "set a trap");
      return;
    }
    close(handle);
    this.count();
  };

  private readonly onFirst = (event: IpczTrapEvent): void => {
    if ((event.conditionFlags & IPCZ_TRAP_REMOVED) === 0)
      this.takeFirst(event.context as IpczHandle);
  };

  private count(): void {
    if (--this.missing === 0) this.whenDone();
  }
}

function only(handles: readonly IpczHandle[]): IpczHandle {
  const [handle] = handles;
  if (handle === undefined || handles.length !== 1) throw new Error("expected one portal");
  return handle;
}
