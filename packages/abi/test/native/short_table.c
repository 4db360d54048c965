/* A library from before some functions were added: it fills less than it is asked for. */
#include <ipcz.h>

IpczResult IpczGetAPI(IpczAPI* api);
IpczResult IpczGetAPI(IpczAPI* api) {
  api->size = sizeof *api - sizeof api->Unbox;
  return IPCZ_RESULT_OK;
}
