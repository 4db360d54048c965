import { expect, it } from "vitest";
import { KeptView } from "../../src/wire/kept-view.ts";

it("shows bytes wherever they are in whatever buffer, and says where they start", () => {
  const kept = new KeptView();
  const whole = Uint8Array.from({ length: 64 }, (_, index) => index);
  const large = new Uint8Array(2 ** 21).fill(9);
  const others = [whole.subarray(16), whole.slice(), whole.subarray(40, 48), large.subarray(5)];
  for (const bytes of [whole, ...others, whole, ...others.toReversed()])
    for (let time = 0; time < 2; time++) {
      const view = kept.show(bytes);
      expect(view.getUint8(kept.start + 3)).toBe(bytes[3]);
    }
});
