/**
 * The safety net: handles whose objects were collected without being closed are closed.
 *
 * Nobody should count on it: collections come late or never. An object with a pending receive, with listeners or with
 * somebody waiting for its end is kept alive by these.
 */
import { IPCZ_NO_FLAGS, type IpczAPI, type IpczHandle } from "@ipcz/api";

interface Held {
  readonly api: IpczAPI;
  readonly handles: readonly IpczHandle[];
}

const registry = new FinalizationRegistry<Held>(({ api, handles }) => {
  for (const handle of handles) api.Close(handle, IPCZ_NO_FLAGS, null);
});

/** When `owner` is collected, `handles` are closed, unless {@link forget} is called before. */
export function closeWhenCollected(
  owner: object,
  api: IpczAPI,
  handles: readonly IpczHandle[],
): void {
  registry.register(owner, { api, handles }, owner);
}

/** The handles of `owner` have been closed, or are somebody else's. */
export function forget(owner: object): void {
  registry.unregister(owner);
}
