/** The far end of the bare ring. Nothing in a ring says that the other end is gone: it is ended from there. */
import { serve } from "../messages/serve.ts";
import { RingStream } from "./ring.ts";
import { StreamPort } from "./stream-port.ts";

/** The descriptors behind the standard streams, as the near end passes them. */
const MEMORY = 3;
const OWN_BELL = 4;
const OTHER_BELL = 5;

serve(
  new StreamPort(
    new RingStream({ memory: MEMORY, ownBell: OWN_BELL, otherBell: OTHER_BELL }, false),
  ),
);
