/**
 * What tests of both sides of an introduction need: names, questions, answers.
 */
import type { NodePeer } from "../../src/links/contract.ts";
import type { NodeName } from "../../src/wire/ids.ts";
import type { AcceptIntroduction } from "../../src/wire/messages/introduce.ts";
import type { MessageOf } from "../../src/wire/schema.ts";
import type { TestNode } from "./network.ts";

export const W: NodeName = "000000000000000100000000000000ff" as NodeName;
export const X: NodeName = "000000000000000200000000000000ff" as NodeName;
export const Y: NodeName = "000000000000000300000000000000ff" as NodeName;

/** Answers of establish, as they come. */
export function establish(node: TestNode, name: NodeName): (NodePeer | null)[] {
  const answers: (NodePeer | null)[] = [];
  node.call(() => node.node.establish(name, (peer) => answers.push(peer)));
  node.net.run();
  return answers;
}

export function introduction(name: NodeName): MessageOf<typeof AcceptIntroduction> {
  return {
    name,
    linkSide: 1,
    remoteNodeType: 1,
    remoteProtocolVersion: 0,
    transport: 0,
    memory: 1,
    remoteFeatures: [],
  };
}
