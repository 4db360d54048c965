/** Portals between processes, for people: every public name, listed one by one. */
export { IpczError, isIpczError, type IpczErrorCode } from "./errors/ipcz-error.ts";
export { Box, Parcel, Portal } from "./objects/objects.ts";
export type { BoxContents, ReceiveOptions } from "./objects/objects.ts";
export type { BoxType } from "./objects/unbox.ts";
export { PortalBase } from "./objects/portal-base.ts";
export type { PortalEvents } from "./objects/portal-base.ts";
export { Emitter } from "./objects/emitter.ts";
export type { Listener } from "./objects/emitter.ts";
export type { PortalEnd, PortalStatus } from "./objects/portal-state.ts";
export type { PortalLimits } from "./objects/limits.ts";
export type { Attachable, ParcelBytes, ParcelLike, Puttable } from "./objects/carried.ts";
export type { SerializedObject } from "./objects/serializer.ts";
export { PendingPut } from "./objects/pending-put.ts";
export { PendingGet } from "./objects/pending-get.ts";
export { LocalNode } from "./node/local-node.ts";
export type { BoxOptions, LocalNodeOptions } from "./node/local-node.ts";
export type { ConnectOptions, PeerRole } from "./node/connect-options.ts";
export { Node } from "./node/node.ts";
export type { NodeOptions } from "./node/node.ts";
export type { Child, ForkOptions, LaunchOptions } from "./node/launch.ts";
export { connectToParent } from "./node/join-parent.ts";
export type { Joined, JoinOptions } from "./node/join-parent.ts";
export { connectToStarter, WorkerNode } from "./node/worker-node.ts";
export type { StartWorkerOptions, WorkerChild } from "./node/worker-node.ts";
export { ThreadNode } from "./threads/thread-node.ts";
export type { JoinedThread, SeatOffer, ThreadSeat } from "./threads/thread-node.ts";
export { connect } from "./node/join.ts";
export type { ConnectNodeOptions, NodeConnection } from "./node/join.ts";
export type { AcceptPeer, Connection } from "./node/connection.ts";
export type { ConnectPathOptions } from "./node/connect-path.ts";
export { NodeListener } from "./node/node-listener.ts";
export type { ListenerEvents, ListenOptions } from "./node/node-listener.ts";
export { systemDriver } from "./node/default-driver.ts";
export type {
  DriverListener,
  DriverListenOptions,
  PeerCredentials,
  PlatformDriver,
  SystemDriver,
} from "./node/platform-driver.ts";
export { PortalChannel } from "./port/portal-channel.ts";
export type { PortalOpener } from "./port/portal-channel.ts";
export { PortalPort } from "./port/portal-port.ts";
export type {
  PortalPortEventMap,
  PortalPortHandler,
  PortalPortValueMap,
} from "./port/portal-port.ts";
export type {
  EmitterListener,
  EventHandler,
  EventListenerLike,
  ListenerOptions,
  Occurrence,
  TypedListener,
} from "./port/listeners.ts";
export type { DescriptorDriver } from "./objects/context.ts";
export { PortalCloseEvent, PortalMessageEvent } from "./port/events.ts";
export type { TransferListItem, TransferOptions } from "./port/transfer-list.ts";
export { PortalStream } from "./stream/portal-stream.ts";
export type { PortalStreamOptions } from "./stream/portal-stream.ts";
export { DescriptorStream } from "./stream/descriptor-stream.ts";
export type { DescriptorStreamOptions, StreamDescriptors } from "./stream/descriptor-stream.ts";
export { DiagnosticsCounters } from "./diagnostics/counters.ts";
export type { DiagnosticsCounts } from "./diagnostics/counters.ts";
export type {
  BypassMessage,
  ClosureMessage,
  ConnectMessage,
  DiagnosticsMessages,
  DiagnosticsName,
  IntroductionMessage,
  RejectMessage,
  TransferMessage,
} from "./diagnostics/channels.ts";
export { ReceivedFile } from "./port/descriptor-cargo.ts";
