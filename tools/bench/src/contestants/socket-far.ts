/** The far end of the bare socket. */
import { serve } from "../messages/serve.ts";
import { SocketStream } from "./socket.ts";
import { StreamPort } from "./stream-port.ts";

/** The first descriptor behind the standard streams. */
const INHERITED = 3;

serve(new StreamPort(new SocketStream(INHERITED)));
