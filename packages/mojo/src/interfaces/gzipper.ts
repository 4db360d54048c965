/**
 * A service to try with: a child that runs `DataDecoderService` compresses bytes.
 */
import type { LocalNode, Portal } from "ipcz";
import { MojoEndpoint } from "../message/endpoint.ts";
import { type ChromiumVersion, methodNumber } from "../message/method-number.ts";
import { PayloadWriter } from "../message/payload-writer.ts";
import { StructReader } from "../message/payload-reader.ts";
import {
  type BigBuffer,
  bigBufferBytes,
  type BigBufferPlace,
  readBigBuffer,
  writeBigBuffer,
} from "./big-buffer.ts";

/** The service's name, to be bound with `ChildProcess.bindServiceInterface`. */
export const dataDecoderServiceName = "data_decoder.mojom.DataDecoderService";

const dataDecoder = { name: "DataDecoderService", bindGzipper: 4 } as const;
const gzipper = { name: "Gzipper", compress: 3 } as const;

/** The service; one of the interfaces it hands out is enough here. */
export class DataDecoderService {
  readonly endpoint: MojoEndpoint;
  readonly #node: LocalNode;
  readonly #version: ChromiumVersion;

  /** Takes the portal whose peer the child has bound. */
  constructor(portal: Portal, version: ChromiumVersion, node: LocalNode) {
    this.endpoint = new MojoEndpoint(portal);
    this.#node = node;
    this.#version = version;
  }

  /** A new gzipper of the child's. */
  bindGzipper(): Gzipper {
    const [ours, theirs] = this.#node.openPortals();
    this.bind(dataDecoder.bindGzipper, theirs);
    return new Gzipper(ours, this.#version, this.#node);
  }

  /** Has the child bind one of the interfaces it hands out; `position` is that of the method, from 1. Takes the portal. */
  bind(position: number, receiver: Portal): void {
    const writer = new PayloadWriter();
    writer.setU32(writer.struct(8), 0);
    const method = methodNumber(this.#version, dataDecoder.name, position);
    this.endpoint.send(method, writer.finish(), [receiver]);
  }
}

/** Compresses. */
export class Gzipper {
  readonly endpoint: MojoEndpoint;
  readonly #node: LocalNode;
  readonly #method: number;

  /** Takes the portal whose peer a child has bound. */
  constructor(portal: Portal, version: ChromiumVersion, node: LocalNode) {
    this.endpoint = new MojoEndpoint(portal);
    this.#node = node;
    this.#method = methodNumber(version, gzipper.name, gzipper.compress);
  }

  /** Compresses bytes that travel in the way `place` says; where those of the answer travel is the child's choice. */
  async compress(bytes: Uint8Array, place: BigBufferPlace = "payload"): Promise<BigBuffer> {
    const writer = new PayloadWriter();
    const params = writer.struct(bigBufferBytes);
    const boxes = writeBigBuffer(writer, params, { bytes, place, node: this.#node });
    const { payload, handles } = await this.endpoint.call(this.#method, writer.finish(), boxes);
    const result = StructReader.first(payload);
    const buffer = result && readBigBuffer(result, 0, handles, this.#node.driver);
    if (!buffer) throw new Error("the gzipper has answered without bytes");
    return buffer;
  }
}
