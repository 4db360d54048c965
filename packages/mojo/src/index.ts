/** A TypeScript program among the processes of a Chromium: every public name, listed one by one. */
export { ChildDescriptor } from "./chromium/descriptors.ts";
export { childSwitches, launchChild } from "./chromium/launch.ts";
export type { LaunchedChild, LaunchOptions } from "./chromium/launch.ts";
export { childCommand, transportFromBrowser } from "./chromium/take-over.ts";
export type { ChildCommand } from "./chromium/take-over.ts";
export { bigBufferBytes, readBigBuffer, writeBigBuffer } from "./interfaces/big-buffer.ts";
export type { BigBuffer, BigBufferPlace } from "./interfaces/big-buffer.ts";
export {
  ChildProcess,
  ChildProcessHost,
  emptyStruct,
  serveChildProcessHost,
} from "./interfaces/child-process.ts";
export type { HostListeners, OtherHostRequest } from "./interfaces/child-process.ts";
export { DataDecoderService, dataDecoderServiceName, Gzipper } from "./interfaces/gzipper.ts";
export { attachmentIndex, attachmentsMax } from "./invitation/attachment-index.ts";
export type { AttachmentName } from "./invitation/attachment-index.ts";
export { Invitation, invite } from "./invitation/invite.ts";
export type { InviteOptions } from "./invitation/invite.ts";
export { join, Joined } from "./invitation/join.ts";
export type { JoinOptions } from "./invitation/join.ts";
export { MojoEndpoint, PipeClosedError } from "./message/endpoint.ts";
export type { Attachment, Message, Request, RequestHandler } from "./message/endpoint.ts";
export { queryVersionRequest, runMethod } from "./message/control-message.ts";
export { messageHeaderBytes, readMessage, writeMessage } from "./message/message-header.ts";
export type { MessageHeader, ReadHeader } from "./message/message-header.ts";
export { methodNumber, parseVersion } from "./message/method-number.ts";
export type { ChromiumVersion } from "./message/method-number.ts";
export { StructReader } from "./message/payload-reader.ts";
export { PayloadWriter } from "./message/payload-writer.ts";
export { mojoNode, mojoNodeOver } from "./mojo-node.ts";
export type { MojoNode, MojoNodeOptions } from "./mojo-node.ts";
