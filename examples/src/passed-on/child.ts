/** Ann gives her friend what she is given; Bob keeps it. */
import process from "node:process";
import { connectToParent, PortalPort } from "ipcz";

interface Post {
  readonly friend?: PortalPort;
  readonly gift?: PortalPort;
}

const [name] = process.argv.slice(2);
const { node, portal } = connectToParent();
let friend: PortalPort | undefined;
new PortalPort(portal).on("message", (message) => receive(message as Post));

function receive(message: Post): void {
  friend ??= message.friend;
  // What the parent sent first has arrived first: Ann has a friend when the gift comes.
  if (name === "Bob") friend?.on("message", (sent) => keep((sent as Post).gift));
  else if (message.gift) friend?.postMessage({ gift: message.gift }, [message.gift]);
}

function keep(gift: PortalPort | undefined): void {
  let next = 0;
  gift?.on("message", (message) => {
    if (message === next) next++;
    else gift.postMessage(`Bob: I am, and ${String(message)}`);
    if (next === 1000) gift.postMessage("Bob: 1000 messages came in order");
  });
  gift?.on("close", () => node.close());
}
