/**
 * The two pipes between a browser and each of its child processes: what it asks of the child, and what the child asks
 * of it. They are the first two attachments of an invitation.
 */
import type { Portal } from "ipcz";
import { MojoEndpoint, type Request, type RequestHandler } from "../message/endpoint.ts";
import { type ChromiumVersion, methodNumber } from "../message/method-number.ts";
import { PayloadWriter } from "../message/payload-writer.ts";

/** Positions of methods, from 1; those between are of no use here. */
const childProcess = { name: "ChildProcess", bindServiceInterface: 5, bindReceiver: 6 } as const;
const childProcessHost = { name: "ChildProcessHost", ping: 1 } as const;

/** What the browser's side has of a child. */
export class ChildProcess {
  readonly endpoint: MojoEndpoint;
  readonly #version: ChromiumVersion;

  /** Takes the portal of attachment 0. */
  constructor(portal: Portal, version: ChromiumVersion) {
    this.endpoint = new MojoEndpoint(portal);
    this.#version = version;
  }

  /** Has the child run a service behind `receiver`; takes that. `name` is the interface's, with modules. */
  bindServiceInterface(name: string, receiver: Portal): void {
    this.#bind(childProcess.bindServiceInterface, name, receiver);
  }

  /** Has the child bind an interface that is no service of its own; takes the portal. */
  bindReceiver(name: string, receiver: Portal): void {
    this.#bind(childProcess.bindReceiver, name, receiver);
  }

  #bind(position: number, name: string, receiver: Portal): void {
    const method = methodNumber(this.#version, childProcess.name, position);
    this.endpoint.send(method, genericReceiver(name), [receiver]);
  }
}

/** What a child has of its browser. */
export class ChildProcessHost {
  readonly endpoint: MojoEndpoint;
  readonly #version: ChromiumVersion;

  /** Takes the portal of attachment 1. */
  constructor(portal: Portal, version: ChromiumVersion) {
    this.endpoint = new MojoEndpoint(portal);
    this.#version = version;
  }

  /** Resolves when the browser has answered. */
  async ping(): Promise<void> {
    const method = methodNumber(this.#version, childProcessHost.name, childProcessHost.ping);
    await this.endpoint.call(method, emptyStruct());
  }
}

/** Told of what else a child asks for; it owns the handles. */
export type OtherHostRequest = (request: Request) => void;

/** Who is told of what a child asks for. */
export interface HostListeners {
  /** Called for each ping that is answered. */
  readonly pinged?: () => void;
  /** Called for everything else; by default handles that come are closed. */
  readonly other?: OtherHostRequest;
}

/**
 * Serves a child as its browser would, as far as it takes to live: a child that is not answered ends itself. Takes the
 * portal of attachment 1.
 */
export function serveChildProcessHost(
  portal: Portal,
  version: ChromiumVersion,
  { pinged = () => undefined, other = drop }: HostListeners = {},
): MojoEndpoint {
  const ping = methodNumber(version, childProcessHost.name, childProcessHost.ping);
  const handler: RequestHandler = (request) => {
    if (request.method === ping && request.reply) {
      request.reply(emptyStruct());
      pinged();
    } else other(request);
    return true;
  };
  return new MojoEndpoint(portal, handler);
}

function drop({ handles }: Request): void {
  for (const handle of handles) handle.close();
}

/** A receiver of any interface: its name, and the portal that is attached first. */
function genericReceiver(interfaceName: string): Uint8Array {
  const writer = new PayloadWriter();
  const params = writer.struct(8);
  const receiver = writer.structAt(params, 16);
  writer.setPointer(receiver, writer.string(interfaceName));
  writer.setU32(receiver + 8, 0);
  return writer.finish();
}

/** Parameters or results of a method that has none. */
export function emptyStruct(): Uint8Array {
  const writer = new PayloadWriter();
  writer.struct(0);
  return writer.finish();
}
