/** The two tables of docs/windows-driver.md. */
import type { TransportPeer } from "@ipcz/mojo-codec";
import { describe, expect, it } from "vitest";
import { WinHandle } from "../src/handle.ts";
import { acceptanceOf, carriageOf, type Relation, type RemoteProcess } from "../src/relation.ts";
import { FakeWindows } from "./support/fake-windows.ts";

const power = new WinHandle(new FakeWindows().boot(), 4);
const remotes: Readonly<Record<string, RemoteProcess>> = {
  own: "own",
  known: power,
  unknown: null,
};

function relation(self: "broker" | "member", peer: string, remote: string): Relation {
  const facts: Readonly<Record<string, Partial<TransportPeer>>> = {
    broker: { destination: "broker" },
    stranger: {},
    "one we trust": { isPeerTrusted: true },
    "one that trusts us": { isTrustedByPeer: true },
  };
  return {
    self: self === "broker" ? "broker" : "non-broker",
    peer: {
      destination: "non-broker",
      isPeerTrusted: false,
      isTrustedByPeer: false,
      ...facts[peer],
    },
    remote: remotes[remote] ?? null,
    pid: 0,
  };
}

describe("who moves handles", () => {
  it.each([
    ["member", "stranger", "own", "within"],
    ["broker", "stranger", "known", "recipient"],
    ["broker", "stranger", "unknown", "denied"],
    ["broker", "broker", "known", "recipient"],
    ["broker", "broker", "unknown", "sender"],
    ["member", "broker", "unknown", "sender"],
    ["member", "broker", "known", "sender"],
    ["member", "one that trusts us", "known", "recipient"],
    ["member", "one that trusts us", "unknown", "denied"],
    ["member", "one we trust", "known", "denied"],
    ["member", "stranger", "known", "denied"],
    ["member", "stranger", "unknown", "denied"],
  ] as const)("a %s to a %s whose process is %s: %s", (self, peer, remote, expected) => {
    expect(carriageOf(relation(self, peer, remote))).toBe(expected);
  });
});

describe("whose numbers are believed", () => {
  it.each([
    ["sender", "stranger", "own", "claim"],
    ["recipient", "stranger", "own", "claim"],
    ["recipient", "broker", "unknown", "keep"],
    ["recipient", "one we trust", "unknown", "keep"],
    ["recipient", "one that trusts us", "known", "refuse"],
    ["recipient", "stranger", "known", "refuse"],
    ["sender", "stranger", "known", "fetch"],
    ["sender", "broker", "unknown", "refuse"],
    ["sender", "stranger", "unknown", "refuse"],
  ] as const)("of the %s, from a %s whose process is %s: %s", (owner, peer, remote, expected) => {
    expect(acceptanceOf(relation("member", peer, remote), owner)).toBe(expected);
  });
});
