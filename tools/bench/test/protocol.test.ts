import { describe, expect, it } from "vitest";
import { parseAnswer } from "../src/protocol.ts";

describe("the answer of a contestant", () => {
  it("is figures, processes to watch, or that it has no such work", () => {
    expect(parseAnswer('{"figures":{"nanoseconds":5.5}}')).toEqual({
      figures: { nanoseconds: 5.5 },
    });
    expect(parseAnswer('{"watch":[12,13]}')).toEqual({ watch: [12, 13] });
    expect(parseAnswer('{"unsupported":true}')).toEqual({ unsupported: true });
  });

  it.each([
    ["hello", "not a line of JSON"],
    ["[1]", "not an answer"],
    ["{}", "without figures"],
    ['{"figures":{"nanoseconds":null}}', '"nanoseconds" is not a number'],
    ['{"watch":["12"]}', "without figures"],
  ])("is refused, with what is wrong, when it is %s", (line, message) => {
    expect(() => parseAnswer(line)).toThrow(message);
  });
});
