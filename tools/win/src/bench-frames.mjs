/** Messages on a stream, each after its length. */

/** Writes a message. */
export function writeFrame(socket, message) {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(message.length);
  socket.cork();
  socket.write(length);
  socket.write(message);
  socket.uncork();
}

/** Tells each message that comes. */
export function readFrames(socket, hear) {
  let rest = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length - at >= 4) {
      const end = at + 4 + rest.readUInt32LE(at);
      if (end > rest.length) break;
      hear(rest.subarray(at + 4, end));
      at = end;
    }
    rest = rest.subarray(at);
  });
}

/** What the first byte of a message asks for: that it is sent back, or only taken. */
export const ASK = { echo: 0, take: 1 };
