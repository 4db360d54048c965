/** The far end of the bare socket. */
import { serve } from "../messages/serve.ts";
import { SocketPort } from "./socket.ts";

/** The first descriptor behind the standard streams. */
const INHERITED = 3;

serve(new SocketPort(INHERITED));
