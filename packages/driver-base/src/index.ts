/** What the drivers of all systems share: every public name, listed one by one. */
export { Activity } from "./activity.ts";
export { assert } from "./assert.ts";
export { BacklogWatches } from "./backlog.ts";
export { monotonicMicros } from "./clock.ts";
export { DriverObjects } from "./driver-objects.ts";
export type { DriverObject } from "./driver-objects.ts";
export { HandleTable } from "./handles.ts";
export { backlogFunctions, lifeFunctions } from "./life-functions.ts";
export type {
  BadTransportActivity,
  LifeFunctions,
  LivingTransport,
  TransportLookup,
} from "./life-functions.ts";
export { memoryFunctions } from "./memory-functions.ts";
export type { MemoryFunctions, MemoryParts, MemoryShare } from "./memory-functions.ts";
export { MemoryMapping } from "./memory-mapping.ts";
export { pairFunctions, spawnWith } from "./pair-functions.ts";
export type { Launch, PairParts, SpawnedWithTransport } from "./pair-functions.ts";
export { pause } from "./pause.ts";
export { introducedPeer, mayVouch, startedPeer, startingPeer, unknownPeer } from "./peer.ts";
export { settingsOf } from "./settings.ts";
export type { DriverOptions, DriverSettings } from "./settings.ts";
export { Turn } from "./turn.ts";
export type { TurnMember } from "./turn.ts";
export { upkeepFunctions } from "./upkeep.ts";
export type { DriverUpkeep, KeptObjects, KeptTransport, Listening, UpkeepParts } from "./upkeep.ts";
