/* A library that gives no table. */
#include <ipcz.h>

IpczResult IpczGetAPI(IpczAPI* api);
IpczResult IpczGetAPI(IpczAPI* api) {
  (void)api;
  return IPCZ_RESULT_UNIMPLEMENTED;
}
