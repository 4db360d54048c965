/**
 * Every call with every wrong argument: the answer of spec: api 2.3, and nothing changed.
 *
 * Each test sets up a fresh bench, gets one thing wrong, compares what can be seen before and after, and then makes the
 * same call with good arguments, which must succeed: so the fault was the only one, and it left no trace.
 */
import { IPCZ_RESULT_OK, type IpczResult } from "@ipcz/api";
import {
  callsUnderTest,
  rejectFaults,
  type CallName,
  type CallUnderTest,
  type Fault,
} from "./bad-arguments.ts";
import { clear, setUp, snapshot, type Bench } from "./bench.ts";
import { checkEqual, checkResult } from "./expect.ts";
import type { Stage } from "./stage.ts";
import type { TableCase } from "./table-case.ts";
import type { TableSubject } from "./table-subject.ts";

function invoke({ api }: Stage, call: CallName, args: readonly unknown[]): IpczResult {
  const answer: unknown = Reflect.apply(api[call], api, args);
  return Number(answer);
}

/** Makes the call with one fault; nothing may have changed but what the fault is documented to write. */
function invokeWithFault(
  bench: Bench,
  call: CallName,
  good: readonly unknown[],
  { what, instead, due, hasEffect }: Fault,
): void {
  const args = good.map((argument, position) => {
    const changes = instead(bench);
    return position in changes ? changes[position] : argument;
  });
  const before = snapshot(bench);
  const argumentsBefore = JSON.stringify(args);
  checkResult(`${call} with ${what}`, invoke(bench.stage, call, args), due);
  if (!hasEffect) {
    checkEqual(`arguments of ${call} with ${what}`, JSON.stringify(args), argumentsBefore);
  }
  checkEqual(`state after ${call} with ${what}`, snapshot(bench), before);
}

function skipMadeUp({ madeUp }: Fault): TableCase["skip"] {
  return ({ survivesMadeUpHandles }: TableSubject) =>
    madeUp && !survivesMadeUpHandles ? "handles are addresses there" : null;
}

function caseOf({ call, variant, good, settle }: CallUnderTest, one: Fault): TableCase {
  const skip = skipMadeUp(one);
  return {
    name: `${call}${variant} with ${one.what}`,
    ...(skip === undefined ? {} : { skip }),
    run: (stage) => {
      const bench = setUp(stage);
      invokeWithFault(bench, call, good(bench), one);
      const args = good(bench);
      checkResult(`${call} with good arguments`, invoke(stage, call, args), IPCZ_RESULT_OK);
      settle(bench, args);
      clear(bench);
    },
  };
}

function rejectCaseOf(one: Fault): TableCase {
  const skip = skipMadeUp(one);
  return {
    name: `Reject with ${one.what}`,
    ...(skip === undefined ? {} : { skip }),
    run: (stage) => {
      const bench = setUp(stage);
      invokeWithFault(bench, "Reject", [bench.live.parcel, 0, 0, null], one);
      checkEqual("reports to the driver", stage.spy.reports.length, 0);
      clear(bench);
    },
  };
}

const UNKNOWN_FLAGS = 0x7f00_0000;

/** Where the flags of each call are. */
const FLAGS_AT: Readonly<Record<CallName, number>> = {
  Close: 1,
  CreateNode: 1,
  ConnectNode: 3,
  OpenPortals: 1,
  MergePortals: 2,
  QueryPortalStatus: 1,
  Put: 5,
  BeginPut: 1,
  EndPut: 5,
  Get: 1,
  BeginGet: 1,
  EndGet: 2,
  Trap: 4,
  Reject: 2,
  Box: 2,
  Unbox: 1,
};

function unknownFlagsCaseOf({ call, variant, good, settle }: CallUnderTest): TableCase {
  return {
    name: `${call}${variant} ignores unknown flags`,
    run: (stage) => {
      const bench = setUp(stage);
      const args = good(bench);
      args[FLAGS_AT[call]] = UNKNOWN_FLAGS;
      checkResult(`${call} with unknown flags`, invoke(stage, call, args), IPCZ_RESULT_OK);
      settle(bench, args);
      clear(bench);
    },
  };
}

/** One test for each fault in `bad-arguments.ts`, and one for each call's flags. */
export const argumentsSuite: readonly TableCase[] = [
  ...callsUnderTest.flatMap((call) => call.faults.map((one) => caseOf(call, one))),
  ...rejectFaults.map(rejectCaseOf),
  ...callsUnderTest.map(unknownFlagsCaseOf),
];
