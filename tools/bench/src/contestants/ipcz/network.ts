/**
 * The near process: a broker, and a far process for each that is asked for.
 */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { IPCZ_CREATE_NODE_AS_BROKER, type IpczHandle } from "@ipcz/api";
import { type PosixDriver, posixDriver } from "@ipcz/driver-posix";
import { type Channel, nextMessage } from "../../messages/port.ts";
import { FAR_STDIO, FarProcess } from "../far-process.ts";
import { api, check } from "./api.ts";
import { Caller } from "./control.ts";
import { PortalPort } from "./port.ts";
import { optionsOf } from "./variants.ts";

const FAR = fileURLToPath(new URL("./far.js", import.meta.url));

export interface Member extends Channel<Uint8Array> {
  readonly pid: number;
  readonly calls: Caller;
}

export class Network {
  readonly node: IpczHandle;
  private readonly driver: PosixDriver;
  private readonly variant: string;

  constructor(variant: string) {
    this.variant = variant;
    this.driver = posixDriver(optionsOf(variant));
    const node = { value: 0 as IpczHandle };
    check(api.CreateNode(this.driver, IPCZ_CREATE_NODE_AS_BROKER, null, node), "create the broker");
    this.node = node.value;
  }

  /** Starts a far process; resolves when its greeting is here. */
  async open(): Promise<Member> {
    const args = [...process.execArgv, FAR, this.variant];
    const { child, transport } = this.driver.spawnWithTransport(process.execPath, args, {
      stdio: [...FAR_STDIO],
    });
    const far = new FarProcess(child);
    const portals: IpczHandle[] = [];
    check(api.ConnectNode(this.node, transport, 2, 0, null, portals), "connect");
    const [messages, calls] = portals as [IpczHandle, IpczHandle];
    const port = new PortalPort(messages, () => {});
    await nextMessage(port);
    return {
      port,
      pid: far.pid,
      calls: new Caller(calls),
      close: () => far.end(() => port.close()),
    };
  }

  close(): void {
    api.Close(this.node, 0, null);
  }
}
