/** macOS: 32-bit lengths, and control messages aligned to 4. */
import type { MessageLayout } from "../message-layout.ts";

/** `struct msghdr` and `struct cmsghdr` on macOS. */
export const darwinMessageLayout: MessageLayout = {
  headerBytes: 48,
  vectors: 16,
  vectorCount: 24,
  control: 32,
  controlBytes: 40,
  flags: 44,
  controlHeaderBytes: 12,
  controlLevel: 4,
  controlType: 8,
  controlAlignment: 4,
};
