/* Calls that native code makes, on a thread of its own or on its caller's, for measuring what they cost. */
#include <ipcz.h>
#include <pthread.h>

static const IpczAPI* table;
static IpczHandle portal;
static IpczTrapEventHandler handler;
static uintptr_t context;
static int left;
static int done;

static void* use_table(void* unused) {
  IpczPortalStatus status = {sizeof status, 0, 0, 0};
  (void)unused;
  while (left-- > 0) table->QueryPortalStatus(portal, 0, NULL, &status);
  __atomic_store_n(&done, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

static void* fire_traps(void* unused) {
  IpczPortalStatus status = {sizeof status, 0, 0, 0};
  IpczTrapEvent event = {sizeof event, 0, 2, &status};
  (void)unused;
  event.context = context;
  while (left-- > 0) handler(&event);
  __atomic_store_n(&done, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

static void start(void* (*body)(void*), int count) {
  pthread_t thread;
  left = count;
  done = 0;
  pthread_create(&thread, NULL, body, NULL);
  pthread_detach(thread);
}

/* On the thread that calls. */
void query_here(const IpczAPI* api, IpczHandle handle, int count);
void query_here(const IpczAPI* api, IpczHandle handle, int count) {
  table = api;
  portal = handle;
  left = count;
  use_table(NULL);
}

/* Both begin and do not wait; is_done tells when all calls have been made. */
void query_from_thread(const IpczAPI* api, IpczHandle handle, int count);
void query_from_thread(const IpczAPI* api, IpczHandle handle, int count) {
  table = api;
  portal = handle;
  start(use_table, count);
}
void fire_from_thread(int count);
void fire_from_thread(int count) { start(fire_traps, count); }
int is_done(void);
int is_done(void) { return __atomic_load_n(&done, __ATOMIC_SEQ_CST); }

/* A library of which only Trap does anything: it notes whom to tell. */
static IpczResult IPCZ_API Trap(IpczHandle handle, const IpczTrapConditions* conditions,
                                IpczTrapEventHandler trap_handler, uintptr_t trap_context, uint32_t flags,
                                const void* options, uint32_t* satisfied, IpczPortalStatus* status) {
  (void)handle;
  (void)conditions;
  (void)flags;
  (void)options;
  (void)satisfied;
  (void)status;
  handler = trap_handler;
  context = trap_context;
  return IPCZ_RESULT_OK;
}

static IpczResult IPCZ_API CreateNode(const IpczDriver* driver, uint32_t flags, const IpczCreateNodeOptions* options,
                                      IpczHandle* node) {
  (void)driver;
  (void)flags;
  (void)options;
  *node = 1;
  return IPCZ_RESULT_OK;
}

static IpczResult IPCZ_API Close(IpczHandle handle, uint32_t flags, const void* options) {
  (void)handle;
  (void)flags;
  (void)options;
  return IPCZ_RESULT_OK;
}

/* The entries that nobody calls here are there to be complete. */
IpczResult IpczGetAPI(IpczAPI* api);
IpczResult IpczGetAPI(IpczAPI* api) {
  size_t i;
  void** entries = (void**)api;
  for (i = 1; i < sizeof *api / sizeof *entries; i++) entries[i] = (void*)Close;
  api->size = sizeof *api;
  api->CreateNode = CreateNode;
  api->Trap = Trap;
  return IPCZ_RESULT_OK;
}
