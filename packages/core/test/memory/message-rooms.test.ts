import { describe, expect, it } from "vitest";
import { MessageRooms } from "../../src/memory/message-rooms.ts";

describe("rooms for large messages", () => {
  it("are used again, if they are large enough", () => {
    const rooms = new MessageRooms();
    const room = rooms.take(10_000);
    rooms.give(room);
    expect(rooms.take(10_001)).not.toBe(room);
    expect(rooms.take(5000)).toBe(room);
    expect(rooms.take(5000)).not.toBe(room);
  });

  it("keep the largest of several, up to 2 MiB and not a byte more", () => {
    const rooms = new MessageRooms();
    const small = rooms.take(5000);
    const bound = rooms.take(2 * 2 ** 20);
    const beyond = rooms.take(2 * 2 ** 20 + 1);
    for (const room of [small, bound, beyond, rooms.take(6000)]) rooms.give(room);
    expect(rooms.take(1)).toBe(bound);
  });

  it("are forgotten when the link is gone", () => {
    const rooms = new MessageRooms();
    const room = rooms.take(5000);
    rooms.give(room);
    rooms.clear();
    expect(rooms.take(5000)).not.toBe(room);
  });
});
