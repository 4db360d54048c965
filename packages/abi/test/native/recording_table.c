/*
 * A library whose functions write down what they were called with, byte by byte, and answer with numbers of their own.
 *
 * One line for each call: the name, then every parameter; pointers to data are shown as the data.
 */
#include <ipcz.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char record[1 << 16];
static size_t used;
static IpczResult next_result;

static void say(const char* format, ...) {
  va_list list;
  va_start(list, format);
  pthread_mutex_lock(&lock);
  used += (size_t)vsnprintf(record + used, sizeof record - used, format, list);
  pthread_mutex_unlock(&lock);
  va_end(list);
}

static void say_bytes(const char* name, const volatile void* data, size_t size) {
  size_t i;
  if (data == NULL) {
    say(" %s=null", name);
    return;
  }
  say(" %s=", name);
  for (i = 0; i < size; i++) say("%02x", ((const volatile uint8_t*)data)[i]);
}

static void say_words(const char* name, const uintptr_t* words, size_t count) {
  size_t i;
  if (words == NULL) {
    say(" %s=null", name);
    return;
  }
  say(" %s=[", name);
  for (i = 0; i < count; i++) say("%s%" PRIuPTR, i == 0 ? "" : ",", words[i]);
  say("]");
}

static void say_size(const char* name, const size_t* size) {
  if (size == NULL) say(" %s=null", name);
  else say(" %s=%zu", name, *size);
}

static void say_rest(uint32_t flags, const void* options) {
  say(" flags=%" PRIu32 " options=%s\n", flags, options == NULL ? "null" : "something");
}

/* What was written down since the last time, by whole lines: another thread may be in the middle of one. */
const char* take_record(void);
const char* take_record(void) {
  static char copy[sizeof record];
  size_t whole;
  pthread_mutex_lock(&lock);
  for (whole = used; whole > 0 && record[whole - 1] != '\n'; whole--) continue;
  memcpy(copy, record, whole);
  copy[whole] = 0;
  used -= whole;
  memmove(record, record + whole, used);
  pthread_mutex_unlock(&lock);
  return copy;
}

/* What the next calls answer. */
void answer_with(IpczResult result);
void answer_with(IpczResult result) { next_result = result; }

static IpczTrapEventHandler trap_handler;
static uintptr_t trap_context;
static IpczBoxContents boxed;
static uint8_t memory[64];

/* Fires the trap that was set last. */
void fire_trap(uint32_t conditions, uint32_t flags, size_t parcels, size_t bytes);
void fire_trap(uint32_t conditions, uint32_t flags, size_t parcels, size_t bytes) {
  IpczPortalStatus status = {sizeof status, flags, parcels, bytes};
  IpczTrapEvent event = {sizeof event, trap_context, conditions, &status};
  trap_handler(&event);
  memset(&status, 0xee, sizeof status);
  memset(&event, 0xee, sizeof event);
}

static void* fire_trap_thread(void* count) {
  size_t i;
  for (i = 0; i < *(size_t*)count; i++) fire_trap(IPCZ_TRAP_PEER_CLOSED, 1, i, 2 * i);
  return NULL;
}

/* The same `count` times from another thread, waiting here until that thread has ended. */
void fire_trap_and_wait(size_t count);
void fire_trap_and_wait(size_t count) {
  pthread_t thread;
  pthread_create(&thread, NULL, fire_trap_thread, &count);
  pthread_join(thread, NULL);
}

/* Calls the serializer and the destructor of what was boxed last; answers what the serializer did. */
IpczResult serialize_boxed(void);
IpczResult serialize_boxed(void) {
  uint8_t bytes[16];
  IpczHandle handles[2] = {0, 0};
  size_t num_bytes = 0;
  size_t num_handles = 0;
  IpczResult result = boxed.serializer(boxed.object.application_object, 0, NULL, NULL, NULL, NULL, NULL);
  say("probe=%d", result);
  result = boxed.serializer(boxed.object.application_object, 0, NULL, NULL, &num_bytes, NULL, &num_handles);
  say(" sized=%d,%zu,%zu", result, num_bytes, num_handles);
  result = boxed.serializer(boxed.object.application_object, 0, NULL, bytes, &num_bytes, handles, &num_handles);
  say(" filled=%d", result);
  say_bytes("bytes", bytes, num_bytes);
  say_words("handles", handles, num_handles);
  say("\n");
  return result;
}
void destroy_boxed(void);
void destroy_boxed(void) { boxed.destructor(boxed.object.application_object, 0, NULL); }

/* Begins to do so without end. */
void fire_trap_for_ever(void);
void fire_trap_for_ever(void) {
  static size_t count = SIZE_MAX;
  pthread_t thread;
  pthread_create(&thread, NULL, fire_trap_thread, &count);
  pthread_detach(thread);
}

static IpczResult IPCZ_API Close(IpczHandle handle, uint32_t flags, const void* options) {
  say("Close handle=%" PRIuPTR, handle);
  say_rest(flags, options);
  return next_result;
}

static IpczResult IPCZ_API CreateNode(const IpczDriver* driver, uint32_t flags, const IpczCreateNodeOptions* options,
                                      IpczHandle* node) {
  say("CreateNode driver.size=%zu flags=%" PRIu32, driver->size, flags);
  if (options != NULL) {
    say(" size=%zu memory=%" PRIu32, options->size, options->memory_flags);
    say_bytes("enabled", options->enabled_features, 4 * options->num_enabled_features);
    say_bytes("disabled", options->disabled_features, 4 * options->num_disabled_features);
  }
  say("\n");
  *node = 101;
  return next_result;
}

static IpczResult IPCZ_API ConnectNode(IpczHandle node, IpczDriverHandle transport, size_t count, uint32_t flags,
                                       const void* options, IpczHandle* portals) {
  size_t i;
  say("ConnectNode node=%" PRIuPTR " transport=%" PRIuPTR " count=%zu", node, transport, count);
  say_rest(flags, options);
  for (i = 0; i < count; i++) portals[i] = 200 + i;
  return next_result;
}

static IpczResult IPCZ_API OpenPortals(IpczHandle node, uint32_t flags, const void* options, IpczHandle* portal0,
                                       IpczHandle* portal1) {
  say("OpenPortals node=%" PRIuPTR, node);
  say_rest(flags, options);
  *portal0 = 301;
  *portal1 = 0xfffffffffff0;
  return next_result;
}

static IpczResult IPCZ_API MergePortals(IpczHandle first, IpczHandle second, uint32_t flags, const void* options) {
  say("MergePortals first=%" PRIuPTR " second=%" PRIuPTR, first, second);
  say_rest(flags, options);
  return next_result;
}

static IpczResult IPCZ_API QueryPortalStatus(IpczHandle portal, uint32_t flags, const void* options,
                                             IpczPortalStatus* status) {
  say("QueryPortalStatus portal=%" PRIuPTR " size=%zu", portal, status->size);
  say_rest(flags, options);
  status->flags = portal == 4 ? 3 : 0;
  status->num_local_parcels = 0x100000002;
  status->num_local_bytes = 7;
  return next_result;
}

static IpczResult IPCZ_API Put(IpczHandle portal, const void* data, size_t num_bytes, const IpczHandle* handles,
                               size_t num_handles, uint32_t flags, const void* options) {
  say("Put portal=%" PRIuPTR, portal);
  say_bytes("data", data, num_bytes);
  say_words("handles", handles, num_handles);
  say_rest(flags, options);
  return next_result;
}

static IpczResult IPCZ_API BeginPut(IpczHandle portal, uint32_t flags, const void* options, volatile void** data,
                                    size_t* num_bytes, IpczTransaction* transaction) {
  say("BeginPut portal=%" PRIuPTR, portal);
  say_size("num_bytes", num_bytes);
  say_rest(flags, options);
  *data = memory;
  *num_bytes = 5;
  *transaction = 401;
  return next_result;
}

static IpczResult IPCZ_API EndPut(IpczHandle portal, IpczTransaction transaction, size_t produced,
                                  const IpczHandle* handles, size_t num_handles, uint32_t flags, const void* options) {
  say("EndPut portal=%" PRIuPTR " transaction=%" PRIuPTR " produced=%zu", portal, transaction, produced);
  say_bytes("memory", memory, produced);
  say_words("handles", handles, num_handles);
  say_rest(flags, options);
  return next_result;
}

static IpczResult IPCZ_API Get(IpczHandle source, uint32_t flags, const void* options, void* data, size_t* num_bytes,
                               IpczHandle* handles, size_t* num_handles, IpczHandle* parcel) {
  say("Get source=%" PRIuPTR, source);
  say_size("num_bytes", num_bytes);
  say_size("num_handles", num_handles);
  say(" data=%s handles=%s parcel=%s", data ? "room" : "null", handles ? "room" : "null", parcel ? "room" : "null");
  say_rest(flags, options);
  if (data != NULL) memcpy(data, "got", 3);
  if (num_bytes != NULL) *num_bytes = 3;
  if (handles != NULL) handles[0] = 501;
  if (num_handles != NULL) *num_handles = 1;
  if (parcel != NULL) *parcel = 502;
  return next_result;
}

static IpczResult IPCZ_API BeginGet(IpczHandle source, uint32_t flags, const void* options, const volatile void** data,
                                    size_t* num_bytes, IpczHandle* handles, size_t* num_handles,
                                    IpczTransaction* transaction) {
  say("BeginGet source=%" PRIuPTR, source);
  say_size("num_handles", num_handles);
  say_rest(flags, options);
  memcpy(memory, "shown", 5);
  *data = memory;
  *num_bytes = 5;
  if (handles != NULL) handles[0] = 601;
  if (num_handles != NULL) *num_handles = 1;
  *transaction = 602;
  return next_result;
}

static IpczResult IPCZ_API EndGet(IpczHandle source, IpczTransaction transaction, uint32_t flags, const void* options,
                                  IpczHandle* parcel) {
  say("EndGet source=%" PRIuPTR " transaction=%" PRIuPTR, source, transaction);
  say_rest(flags, options);
  if (parcel != NULL) *parcel = 603;
  return next_result;
}

static IpczResult IPCZ_API Trap(IpczHandle portal, const IpczTrapConditions* conditions, IpczTrapEventHandler handler,
                                uintptr_t context, uint32_t flags, const void* options, uint32_t* satisfied,
                                IpczPortalStatus* status) {
  say("Trap portal=%" PRIuPTR " size=%zu conditions=%" PRIu32 " parcels=%zu bytes=%zu", portal, conditions->size,
      conditions->flags, conditions->min_local_parcels, conditions->min_local_bytes);
  say_rest(flags, options);
  trap_handler = handler;
  trap_context = context;
  if (satisfied != NULL) *satisfied = IPCZ_TRAP_DEAD;
  if (status != NULL) status->num_local_parcels = 9;
  return next_result;
}

static IpczResult IPCZ_API Reject(IpczHandle parcel, uintptr_t context, uint32_t flags, const void* options) {
  say("Reject parcel=%" PRIuPTR " context=%" PRIxPTR, parcel, context);
  say_rest(flags, options);
  return next_result;
}

static IpczResult IPCZ_API Box(IpczHandle node, const IpczBoxContents* contents, uint32_t flags, const void* options,
                               IpczHandle* handle) {
  say("Box node=%" PRIuPTR " size=%zu type=%" PRIu32, node, contents->size, contents->type);
  if (contents->type == IPCZ_BOX_TYPE_DRIVER_OBJECT) say(" object=%" PRIuPTR, contents->object.driver_object);
  say(" serializer=%s destructor=%s", contents->serializer ? "some" : "null", contents->destructor ? "some" : "null");
  say_rest(flags, options);
  boxed = *contents;
  *handle = 701;
  return next_result;
}

static IpczResult IPCZ_API Unbox(IpczHandle handle, uint32_t flags, const void* options, IpczBoxContents* contents) {
  say("Unbox handle=%" PRIuPTR " size=%zu", handle, contents->size);
  say_rest(flags, options);
  *contents = boxed;
  return next_result;
}

IpczResult IpczGetAPI(IpczAPI* api);
IpczResult IpczGetAPI(IpczAPI* api) {
  IpczAPI table = {sizeof table, Close, CreateNode, ConnectNode, OpenPortals, MergePortals, QueryPortalStatus,
                   Put, BeginPut, EndPut, Get, BeginGet, EndGet, Trap, Reject, Box, Unbox};
  if (api == NULL || api->size < sizeof table) return IPCZ_RESULT_INVALID_ARGUMENT;
  *api = table;
  return IPCZ_RESULT_OK;
}
