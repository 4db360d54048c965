import {
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNKNOWN,
} from "@ipcz/api";
import { expect, test } from "vitest";
import { checked, errnos, PosixError, resultOf } from "../src/os-error.ts";

test("a count or 0 is OK", () => {
  expect([0, 1, 4096].map(resultOf)).toEqual([IPCZ_RESULT_OK, IPCZ_RESULT_OK, IPCZ_RESULT_OK]);
});

test("a shortage is told from a missing peer, and both from what is not in the table", () => {
  expect(resultOf(-errnos.EMFILE)).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
  expect(resultOf(-errnos.EPIPE)).toBe(IPCZ_RESULT_NOT_FOUND);
  expect(resultOf(-errnos.EXDEV)).toBe(IPCZ_RESULT_UNKNOWN);
});

test("an error says which call failed and why", () => {
  const error = new PosixError("socketpair", -errnos.EMFILE);
  expect(error.message).toBe("socketpair: EMFILE, too many open files");
  expect(error).toMatchObject({ code: "EMFILE", syscall: "socketpair", name: "PosixError" });
  expect(() => checked("fcntl", -errnos.EBADF)).toThrow("fcntl: EBADF, bad file descriptor");
  expect(checked("fcntl", 3)).toBe(3);
});
