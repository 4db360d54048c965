/**
 * A scenario: a named story told by several nodes.
 *
 * The main node is a broker; it starts the others by their names, and they may start more. The bodies say nothing of
 * drivers, features or processes: the same story runs in every environment.
 */
import type { NodeRole } from "./environment.ts";
import type { TestNode } from "./test-node.ts";

/** What a node does from its creation to its end. */
export type NodeBody = (node: TestNode) => Promise<void>;

/** A node that is more than a body. */
export interface DeclaredNode {
  readonly role?: NodeRole;
  /** Its process may be killed by its own body; that is no failure then. */
  readonly vanishes?: true;
  readonly body: NodeBody;
}

/** A node of a story: a body alone is a non-broker's. */
export type NodeDeclaration = NodeBody | DeclaredNode;

/** What the nodes of a scenario do. */
export interface Story {
  readonly main: NodeBody;
  readonly nodes?: Readonly<Record<string, NodeDeclaration>>;
}

/** A story under its name, `Suite.Test`. */
export interface Scenario {
  readonly name: string;
  readonly story: Story;
}

/** Names a story. */
export function scenario(name: string, story: Story): Scenario {
  return { name, story };
}

/** A declaration with its defaults filled in. */
export interface CompleteNode {
  readonly role: NodeRole;
  readonly vanishes: boolean;
  readonly body: NodeBody;
}

/** A scenario's node, with everything said about it. */
export function declarationOf({ name, story }: Scenario, node: string): CompleteNode {
  const declared = story.nodes?.[node];
  if (declared === undefined) throw new Error(`${name} has no node ${node}`);
  const { role, vanishes, body }: DeclaredNode =
    typeof declared === "function" ? { body: declared } : declared;
  return { role: role ?? "non-broker", vanishes: vanishes ?? false, body };
}
