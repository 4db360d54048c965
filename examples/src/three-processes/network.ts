/**
 * The launcher's side: a broker node, and a child process for each name, connected to it.
 */
import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  type IpczAPI,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_NO_FLAGS,
  type IpczHandle,
} from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { systemDriver, type SystemDriver } from "ipcz";
import { expectOk, Portal } from "../support/portal.ts";

/** A started child. */
export interface Member {
  readonly name: string;
  readonly process: ChildProcess;
  readonly control: Portal;
  /** How the process ended: an exit code or a signal. */
  readonly ended: Promise<string>;
}

export class Network {
  readonly api: IpczAPI = getAPI();
  readonly node: IpczHandle;
  readonly members: Member[] = [];
  private readonly driver: SystemDriver = systemDriver();

  constructor() {
    const node = { value: 0 as IpczHandle };
    expectOk(
      this.api.CreateNode(this.driver, IPCZ_CREATE_NODE_AS_BROKER, null, node),
      "create the broker",
    );
    this.node = node.value;
  }

  /** Starts `script` of this folder in a process of its own. */
  start(name: string, script: string): Member {
    const path = fileURLToPath(new URL(`./${script}`, import.meta.url));
    const { child, transport } = this.driver.spawnWithTransport(process.execPath, [path], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    const portals: IpczHandle[] = [];
    expectOk(
      this.api.ConnectNode(this.node, transport, 1, IPCZ_NO_FLAGS, null, portals),
      `connect to ${name}`,
    );
    const ended = new Promise<string>((resolve) => {
      child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code ?? "unknown"}`));
    });
    const control = new Portal(this.api, portals[0] as IpczHandle);
    const member = { name, process: child, control, ended };
    this.members.push(member);
    return member;
  }

  /** A new pair of portals, both still here. */
  openPair(): [Portal, Portal] {
    return Portal.openPair(this.api, this.node);
  }

  close(): void {
    for (const member of this.members) member.control.close();
    this.api.Close(this.node, 0, null);
  }

  /** After a failure: nothing of ours may go on running. */
  kill(): void {
    for (const member of this.members) member.process.kill("SIGKILL");
  }
}
