/** Linux: glibc and musl agree once the padding beside short lengths is zero. */
import type { MessageLayout } from "../message-layout.ts";

/** `struct msghdr` and `struct cmsghdr` on 64-bit Linux. */
export const linuxMessageLayout: MessageLayout = {
  headerBytes: 56,
  vectors: 16,
  vectorCount: 24,
  control: 32,
  controlBytes: 40,
  flags: 48,
  controlHeaderBytes: 16,
  controlLevel: 8,
  controlType: 12,
  controlAlignment: 8,
};
