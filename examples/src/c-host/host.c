/*
 * A host in C that uses ipcz through whatever table it is given.
 *
 *     cc -shared -fPIC -I packages/abi/include examples/src/c-host/host.c -o host.so
 */
#include <ipcz.h>
#include <string.h>

static IpczAPI ipcz;
static IpczHandle portal;

static void IPCZ_API on_parcel(const IpczTrapEvent* event) {
  char text[64];
  size_t size = sizeof text;
  if (event->condition_flags & IPCZ_TRAP_REMOVED) return;
  if (ipcz.Get(portal, 0, NULL, text, &size, NULL, NULL, NULL) != IPCZ_RESULT_OK) return;
  ipcz.Put(portal, "C has read: ", 12, NULL, 0, 0, NULL);
  ipcz.Put(portal, text, size, NULL, 0, 0, NULL);
  ipcz.Close(portal, 0, NULL);
}

/* Takes a portal, and answers the first parcel that arrives there. */
IpczResult serve(IpczGetAPIFunction get_api, IpczHandle from_host);
IpczResult serve(IpczGetAPIFunction get_api, IpczHandle from_host) {
  IpczTrapConditions conditions = {sizeof conditions, IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS, 0, 0};
  IpczResult result;
  ipcz.size = sizeof ipcz;
  result = get_api(&ipcz);
  if (result != IPCZ_RESULT_OK) return result;
  portal = from_host;
  return ipcz.Trap(portal, &conditions, on_parcel, 0, 0, NULL, NULL, NULL);
}
