import { expect, it } from "vitest";
import { wireDocument, type Wire } from "../src/wire-table.ts";

const wire: Wire = {
  messages: [
    {
      id: 7,
      name: "Greet",
      from: "broker",
      to: "any",
      schema: {
        v0: [
          ["name", "u64", "my name"],
          ["count", "u32", "how many"],
        ],
        v1: [["features", "u32", "what I can do"]],
      },
    },
  ],
  header: [
    ["size", "u64", "bytes of this header"],
    ["rest", "u64", "the rest"],
  ],
  routerDescriptor: [["sublink", "u64", "its link"]],
  fieldBytes: { u32: 4, u64: 8 },
  comments: new Map([["Greet", "A broker greets."]]),
};

it("places fields after header and struct header, and pads each version to 8", () => {
  const rows = wireDocument(wire).split("\n");
  expect(rows).toContain("| 24 | 8 | 0 | name | `u64` | my name |");
  expect(rows).toContain("| 32 | 4 | 0 | count | `u32` | how many |");
  expect(rows).toContain("| 40 | 4 | 1 | features | `u32` | what I can do |");
  expect(rows).toContain("From a broker to any node; 48 bytes before its arrays.");
  expect(rows).toContain("A broker greets.");
});

it("refuses a kind without a size", () => {
  expect(() => wireDocument({ ...wire, fieldBytes: { u64: 8 } })).toThrow("u32");
});
