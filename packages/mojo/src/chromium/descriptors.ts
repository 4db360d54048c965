/**
 * Which descriptors a child process of Chromium has on Linux (spec: mojo 5): a table of keys, each at a number fixed
 * beforehand. There is no switch that says so.
 */

/** Descriptors by what they are for. */
export const ChildDescriptor = {
  /** The crash reporter's socket. It must be open, whatever it is: files of the child's own would land there. */
  crash: 3,
  /** The sandbox's helper; closed where there is no sandbox. */
  sandbox: 4,
  /** The socket of the invitation. */
  mojo: 5,
} as const;
