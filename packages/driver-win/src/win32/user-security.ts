/**
 * Who this user is, and a description of what only this user may open.
 */
import { WinError } from "../os-error.ts";
import { bindCloseHandle, wide, type Win32 } from "./calls.ts";

const TOKEN_QUERY = 8;
const TOKEN_USER = 1;
const SDDL_REVISION = 1;
const CURRENT_PROCESS = -1;
/** `TOKEN_USER` with the longest identifier there is. */
const tokenUserBytes = 128;
/** `SECURITY_ATTRIBUTES`: its length, a descriptor, whether handles are inherited. */
const attributesBytes = 24n;

/** The identifier in text, `S-1-5-21-…`, of the binary form at `start`. */
export function sidText(bytes: Uint8Array, start: number): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const authority = view.getUint16(2) * 2 ** 32 + view.getUint32(4);
  const parts = Array.from({ length: view.getUint8(1) }, (_, index) =>
    view.getUint32(8 + 4 * index, true),
  );
  return ["S", view.getUint8(0), authority, ...parts].join("-");
}

/** What the system says of users. */
export class UserSecurity {
  private readonly win32: Win32;
  private readonly functions: SecurityFunctions;
  private made: BigUint64Array | null = null;

  constructor(win32: Win32) {
    this.win32 = win32;
    this.functions = bindFunctions(win32);
  }

  /**
   * `SECURITY_ATTRIBUTES` for objects of this user alone, not inherited by processes that are started. Kept as long as
   * this is. Throws a `WinError`.
   */
  attributes(): BigUint64Array {
    this.made ??= this.make();
    return this.made;
  }

  /** The identifier of the user that a process runs for; null when the system does not say. */
  userOf(process: number): string | null {
    const { close, openToken, getInformation } = this.functions;
    const token = new BigInt64Array(1);
    if (openToken(process, TOKEN_QUERY, token) === 0) return null;
    const handle = Number(token[0]);
    const user = new Uint8Array(new ArrayBuffer(tokenUserBytes));
    const written = new Uint32Array(1);
    const answer = getInformation(handle, TOKEN_USER, user, tokenUserBytes, written);
    close(handle);
    if (answer === 0) return null;
    // It begins with the address of the identifier, which is in the same bytes.
    const sid = new DataView(user.buffer).getBigUint64(0, true);
    return sidText(user, Number(sid - this.win32.foreign.address(user)));
  }

  private make(): BigUint64Array {
    const user = this.userOf(CURRENT_PROCESS);
    if (user === null) throw new WinError("GetTokenInformation", this.win32.failure());
    // A list of its own that takes nothing from elsewhere: all rights for one user.
    const text = wide(`D:P(A;;GA;;;${user})`);
    const descriptor = new BigUint64Array(1);
    if (this.functions.convert(text, SDDL_REVISION, descriptor, null) === 0) {
      const name = "ConvertStringSecurityDescriptorToSecurityDescriptor";
      throw new WinError(name, this.win32.failure());
    }
    return new BigUint64Array([attributesBytes, descriptor[0] ?? 0n, 0n]);
  }
}

interface SecurityFunctions {
  readonly close: (handle: number) => number;
  readonly openToken: (process: number, access: number, token: BigInt64Array) => number;
  readonly getInformation: (
    token: number,
    what: number,
    facts: Uint8Array,
    size: number,
    written: Uint32Array,
  ) => number;
  readonly convert: (
    text: Uint8Array,
    revision: number,
    descriptor: BigUint64Array,
    size: null,
  ) => number;
}

function bindFunctions(win32: Win32): SecurityFunctions {
  const { security } = win32;
  return {
    close: bindCloseHandle(win32),
    openToken: security.bind("int OpenProcessToken(int64_t process, uint32_t access, void *token)"),
    getInformation: security.bind(
      "int GetTokenInformation(int64_t token, int what, void *facts, uint32_t size, void *written)",
    ),
    convert: security.bind(
      "int ConvertStringSecurityDescriptorToSecurityDescriptorW(void *t, uint32_t r, void *d, void *size)",
    ),
  };
}
