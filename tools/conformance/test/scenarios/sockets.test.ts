import { runGroup } from "./run-group.ts";

runGroup("sockets in one process");
