import { expect, it } from "vitest";
import { constComments, entryComments } from "../src/comments.ts";

const source = `
/** The bounds. */
export const Limits = {
  /** How many,
   * and why. */
  partsMax: 2 ** 10,
  bare: 1,
} as const;
`;

it("reads the comment at a declaration", () => {
  expect([...constComments(source)]).toEqual([["Limits", "The bounds."]]);
});

it("reads the comments at the entries of an object, in order and on one line", () => {
  expect([...entryComments(source, "Limits")]).toEqual([
    ["partsMax", "How many, and why."],
    ["bare", ""],
  ]);
});

it("fails loudly when the object is not there", () => {
  expect(() => entryComments(source, "Other")).toThrow("Other");
});
