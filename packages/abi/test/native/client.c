/*
 * A program in C that is handed a table and does everything with it, on this thread and from threads of its own.
 */
#include <ipcz.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static char wrong[256];

#define CHECK(condition)                                                     \
  do {                                                                       \
    if (!(condition)) {                                                      \
      snprintf(wrong, sizeof wrong, "line %d: %s", __LINE__, #condition);    \
      return wrong;                                                          \
    }                                                                        \
  } while (0)

static IpczTrapEvent last_event;
static IpczPortalStatus last_status;
static int events;
static int destroyed;
static const IpczAPI* current;
static IpczHandle inside;

static void IPCZ_API on_trap(const IpczTrapEvent* event) {
  last_event = *event;
  last_status = *event->status;
  events++;
}

/* Reads in the handler, and closes the portal it is on. */
static void IPCZ_API on_parcel(const IpczTrapEvent* event) {
  char byte = 0;
  size_t size = 1;
  on_trap(event);
  if (event->condition_flags & IPCZ_TRAP_REMOVED) return;
  if (current->Get(inside, 0, NULL, &byte, &size, NULL, NULL, NULL) == IPCZ_RESULT_OK && byte == 'x') {
    current->Close(inside, 0, NULL);
  }
}

static IpczResult serialize(uintptr_t object, uint32_t flags, const void* options, volatile void* data,
                            size_t* num_bytes, IpczHandle* handles, size_t* num_handles) {
  (void)object;
  (void)flags;
  (void)options;
  (void)handles;
  if (num_bytes == NULL) return IPCZ_RESULT_OK;
  *num_handles = 0;
  if (data == NULL) {
    *num_bytes = 4;
    return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
  ((volatile char*)data)[0] = 'o';
  ((volatile char*)data)[1] = 'b';
  ((volatile char*)data)[2] = 'j';
  ((volatile char*)data)[3] = 0;
  return IPCZ_RESULT_OK;
}

static void destroy(uintptr_t object, uint32_t flags, const void* options) {
  (void)flags;
  (void)options;
  if (object == UINTPTR_MAX - 4) destroyed++;
}

static const char* use_portals(const IpczAPI* api, IpczHandle node) {
  IpczHandle a, b, c, d, parcel, handles[2];
  IpczTrapConditions conditions = {sizeof conditions, IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS, 0, 0};
  IpczPortalStatus status = {sizeof status, 0, 0, 0};
  IpczTransaction transaction, other;
  volatile void* room;
  const volatile void* shown;
  char text[16] = "";
  size_t size, count;
  uint32_t satisfied = 0;

  CHECK(api->OpenPortals(node, 0, NULL, &a, &b) == IPCZ_RESULT_OK && a != b && a != 0);
  CHECK(api->OpenPortals(node, 0, NULL, &c, NULL) == IPCZ_RESULT_INVALID_ARGUMENT);
  CHECK(api->OpenPortals(a, 0, NULL, &c, &d) == IPCZ_RESULT_INVALID_ARGUMENT);
  CHECK(api->OpenPortals(node, 0, NULL, &c, &d) == IPCZ_RESULT_OK);

  events = 0;
  CHECK(api->Trap(b, &conditions, on_trap, UINTPTR_MAX, 0, NULL, NULL, NULL) == IPCZ_RESULT_OK);
  CHECK(api->Put(a, NULL, 1, NULL, 0, 0, NULL) == IPCZ_RESULT_INVALID_ARGUMENT);
  CHECK(api->Put(a, text, SIZE_MAX / 2, NULL, 0, 0, NULL) == IPCZ_RESULT_INVALID_ARGUMENT);
  CHECK(api->Put(a, "hello", 5, &d, 1, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(events == 1 && last_event.size == sizeof last_event && last_event.context == UINTPTR_MAX);
  CHECK(last_event.condition_flags == (IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS | IPCZ_TRAP_WITHIN_API_CALL));
  CHECK(last_status.num_local_parcels == 1 && last_status.num_local_bytes == 5);
  CHECK(api->Trap(b, &conditions, on_trap, 0, 0, NULL, &satisfied, &status) == IPCZ_RESULT_FAILED_PRECONDITION);
  CHECK(satisfied == IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS && status.num_local_bytes == 5);
  conditions.size--;
  CHECK(api->Trap(b, &conditions, on_trap, 0, 0, NULL, NULL, NULL) == IPCZ_RESULT_INVALID_ARGUMENT);
  conditions.size++;

  size = count = 0;
  CHECK(api->Get(b, 0, NULL, NULL, &size, NULL, &count, NULL) == IPCZ_RESULT_RESOURCE_EXHAUSTED);
  CHECK(size == 5 && count == 1);
  size = sizeof text;
  CHECK(api->Get(b, 0, NULL, text, &size, handles, &count, &parcel) == IPCZ_RESULT_OK);
  CHECK(size == 5 && count == 1 && memcmp(text, "hello", 6) == 0);
  CHECK(api->Reject(parcel, 1, 0, NULL) == IPCZ_RESULT_FAILED_PRECONDITION);
  CHECK(api->Close(parcel, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(api->Get(b, 0, NULL, text, &size, NULL, NULL, NULL) == IPCZ_RESULT_UNAVAILABLE);
  d = handles[0];

  size = 6;
  CHECK(api->BeginPut(c, 0, NULL, &room, &size, &transaction) == IPCZ_RESULT_OK && size == 6);
  size = 3;
  CHECK(api->BeginPut(c, 0, NULL, NULL, &size, &other) == IPCZ_RESULT_OK && other != transaction);
  memcpy((void*)room, "phase", 6);
  CHECK(api->EndPut(c, transaction, 7, NULL, 0, 0, NULL) == IPCZ_RESULT_INVALID_ARGUMENT);
  CHECK(api->EndPut(c, transaction, 6, NULL, 0, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(api->EndPut(c, transaction, 6, NULL, 0, 0, NULL) == IPCZ_RESULT_INVALID_ARGUMENT);
  CHECK(api->EndPut(c, other, 0, NULL, 0, IPCZ_END_PUT_ABORT, NULL) == IPCZ_RESULT_OK);
  CHECK(api->BeginGet(d, 0, NULL, &shown, &size, NULL, NULL, &transaction) == IPCZ_RESULT_OK);
  CHECK(size == 6 && memcmp((const void*)shown, "phase", 6) == 0);
  CHECK(api->EndGet(d, transaction, 0, NULL, NULL) == IPCZ_RESULT_OK);
  CHECK(api->EndGet(d, transaction, 0, NULL, NULL) == IPCZ_RESULT_INVALID_ARGUMENT);

  CHECK(api->MergePortals(b, c, 0, NULL) == IPCZ_RESULT_FAILED_PRECONDITION);
  CHECK(api->Close(a, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(api->Close(a, 0, NULL) == IPCZ_RESULT_INVALID_ARGUMENT);
  status.size = sizeof status + 100;
  CHECK(api->QueryPortalStatus(b, 0, NULL, &status) == IPCZ_RESULT_OK && status.size == sizeof status);
  CHECK(status.flags == (IPCZ_PORTAL_STATUS_PEER_CLOSED | IPCZ_PORTAL_STATUS_DEAD));
  status.size = sizeof status - 1;
  CHECK(api->QueryPortalStatus(b, 0, NULL, &status) == IPCZ_RESULT_INVALID_ARGUMENT);
  CHECK(api->QueryPortalStatus(b, 0, NULL, NULL) == IPCZ_RESULT_INVALID_ARGUMENT);
  CHECK(api->Put(b, "x", 1, NULL, 0, 0, NULL) == IPCZ_RESULT_NOT_FOUND);
  CHECK(api->Close(b, 0, NULL) == IPCZ_RESULT_OK);

  events = 0;
  current = api;
  inside = d;
  CHECK(api->Trap(d, &conditions, on_parcel, 0, 0, NULL, NULL, NULL) == IPCZ_RESULT_OK);
  conditions.flags = IPCZ_TRAP_PEER_CLOSED;
  CHECK(api->Trap(d, &conditions, on_trap, 0, 0, NULL, NULL, NULL) == IPCZ_RESULT_OK);
  CHECK(api->Put(c, "x", 1, NULL, 0, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(events == 2 && (last_event.condition_flags & IPCZ_TRAP_REMOVED) != 0);
  CHECK(api->Close(c, 0, NULL) == IPCZ_RESULT_OK);
  return NULL;
}

static const char* use_boxes(const IpczAPI* api, IpczHandle node) {
  IpczBoxContents contents = {sizeof contents, IPCZ_BOX_TYPE_APPLICATION_OBJECT, {0}, serialize, destroy};
  IpczBoxContents out = {sizeof out, 77, {0}, NULL, NULL};
  IpczHandle box;
  contents.object.application_object = UINTPTR_MAX - 4;
  destroyed = 0;
  CHECK(api->Box(node, &contents, 0, NULL, NULL) == IPCZ_RESULT_INVALID_ARGUMENT);
  CHECK(api->Box(node, &contents, 0, NULL, &box) == IPCZ_RESULT_OK);
  CHECK(api->Unbox(box, IPCZ_UNBOX_PEEK, NULL, &out) == IPCZ_RESULT_OK);
  CHECK(out.type == IPCZ_BOX_TYPE_APPLICATION_OBJECT && out.object.application_object == UINTPTR_MAX - 4);
  CHECK(out.serializer == serialize && out.destructor == destroy);
  CHECK(api->Unbox(box, 0, NULL, &out) == IPCZ_RESULT_OK && destroyed == 0);
  CHECK(api->Unbox(box, 0, NULL, &out) == IPCZ_RESULT_INVALID_ARGUMENT);
  CHECK(api->Box(node, &contents, 0, NULL, &box) == IPCZ_RESULT_OK);
  CHECK(api->Close(box, 0, NULL) == IPCZ_RESULT_OK && destroyed == 1);
  contents.type = IPCZ_BOX_TYPE_SUBPARCEL;
  CHECK(api->Box(node, &contents, 0, NULL, &box) == IPCZ_RESULT_UNIMPLEMENTED);
  contents.size--;
  CHECK(api->Box(node, &contents, 0, NULL, &box) == IPCZ_RESULT_INVALID_ARGUMENT);
  CHECK(api->Box(node, NULL, 0, NULL, &box) == IPCZ_RESULT_INVALID_ARGUMENT);
  return NULL;
}

/* Sends an application object to another node over a driver that delivers within the call. */
static const char* use_nodes(const IpczAPI* api, const IpczDriver* driver, IpczHandle node) {
  IpczCreateNodeOptions options = {sizeof options, 0, NULL, 0, NULL, 0};
  uint32_t feature = IPCZ_FEATURE_MEM_V2;
  IpczBoxContents contents = {sizeof contents, IPCZ_BOX_TYPE_APPLICATION_OBJECT, {0}, serialize, destroy};
  IpczDriver short_driver = *driver;
  IpczDriverHandle left, right;
  IpczHandle other, near, far, box, boxes[1];
  char text[8] = "";
  size_t size, count;
  options.enabled_features = &feature;
  options.num_enabled_features = 1;
  short_driver.size--;
  CHECK(api->CreateNode(&short_driver, 0, NULL, &other) == IPCZ_RESULT_INVALID_ARGUMENT);
  short_driver.size++;
  short_driver.Transmit = NULL;
  CHECK(api->CreateNode(&short_driver, 0, NULL, &other) == IPCZ_RESULT_INVALID_ARGUMENT);
  CHECK(api->CreateNode(NULL, 0, NULL, &other) == IPCZ_RESULT_INVALID_ARGUMENT);
  CHECK(api->CreateNode(driver, 0, NULL, NULL) == IPCZ_RESULT_INVALID_ARGUMENT);
  CHECK(api->CreateNode(driver, 0, &options, &other) == IPCZ_RESULT_OK);
  CHECK(driver->CreateTransports(0, 0, 0, NULL, &left, &right) == IPCZ_RESULT_OK);
  CHECK(api->ConnectNode(node, left, 1, 0, NULL, NULL) == IPCZ_RESULT_INVALID_ARGUMENT);
  CHECK(api->ConnectNode(node, left, 100, 0, NULL, &near) == IPCZ_RESULT_OUT_OF_RANGE);
  CHECK(api->ConnectNode(node, left, 1, 0, NULL, &near) == IPCZ_RESULT_OK);
  CHECK(api->ConnectNode(other, right, 1, IPCZ_CONNECT_NODE_TO_BROKER, NULL, &far) == IPCZ_RESULT_OK);
  contents.object.application_object = UINTPTR_MAX - 4;
  destroyed = 0;
  CHECK(api->Box(node, &contents, 0, NULL, &box) == IPCZ_RESULT_OK);
  CHECK(api->Put(near, NULL, 0, &box, 1, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(destroyed == 1);
  size = 0;
  count = 1;
  CHECK(api->Get(far, 0, NULL, NULL, &size, boxes, &count, NULL) == IPCZ_RESULT_OK && count == 1);
  CHECK(api->Unbox(boxes[0], 0, NULL, &contents) == IPCZ_RESULT_OK && contents.type == IPCZ_BOX_TYPE_SUBPARCEL);
  size = sizeof text;
  CHECK(api->Get(contents.object.subparcel, 0, NULL, text, &size, NULL, NULL, NULL) == IPCZ_RESULT_OK);
  CHECK(size == 4 && strcmp(text, "obj") == 0);
  CHECK(api->Close(contents.object.subparcel, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(api->Close(near, 0, NULL) == IPCZ_RESULT_OK && api->Close(far, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(api->Close(other, 0, NULL) == IPCZ_RESULT_OK);
  return NULL;
}

/* Does everything on this thread; null, or what went wrong. */
const char* use_everything(IpczGetAPIFunction get_api, const IpczDriver* driver);
const char* use_everything(IpczGetAPIFunction get_api, const IpczDriver* driver) {
  IpczAPI api = {0};
  IpczHandle node;
  const char* failure;
  CHECK(get_api(NULL) == IPCZ_RESULT_INVALID_ARGUMENT);
  api.size = sizeof api - 1;
  CHECK(get_api(&api) == IPCZ_RESULT_INVALID_ARGUMENT && api.Close == NULL);
  api.size = sizeof api + 8;
  CHECK(get_api(&api) == IPCZ_RESULT_OK && api.size == sizeof api);
  CHECK(api.CreateNode(driver, IPCZ_CREATE_NODE_AS_BROKER, NULL, &node) == IPCZ_RESULT_OK);
  failure = use_portals(&api, node);
  if (failure == NULL) failure = use_boxes(&api, node);
  if (failure == NULL) failure = use_nodes(&api, driver, node);
  CHECK(api.Close(node, 0, NULL) == IPCZ_RESULT_OK || failure != NULL);
  return failure;
}

/* Closes `handle` through a table, whatever becomes of it; for tables that were released. */
IpczResult close_through(const IpczAPI* api, IpczHandle handle);
IpczResult close_through(const IpczAPI* api, IpczHandle handle) { return api->Close(handle, 0, NULL); }

#define THREADS_MAX 16

struct worker {
  const IpczAPI* api;
  IpczHandle node;
  unsigned seed;
  uint64_t deadline;
  uint64_t rounds;
  uint64_t parcels;
  uint64_t traps;
  const char* failure;
  char text[256];
};

static struct worker workers[THREADS_MAX];
static int running;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static void IPCZ_API count_trap(const IpczTrapEvent* event) {
  __atomic_add_fetch(&((struct worker*)event->context)->traps, 1, __ATOMIC_SEQ_CST);
}

#undef CHECK
#define CHECK(condition)                                                                       \
  do {                                                                                         \
    if (!(condition)) {                                                                        \
      snprintf(own->text, sizeof own->text, "line %d, seed %u: %s", __LINE__, seed, #condition); \
      return own->text;                                                                        \
    }                                                                                          \
  } while (0)

/* One life of a pair: puts, gets, both in one and in two phases, traps, closes. */
static const char* one_round(struct worker* own, unsigned seed) {
  const IpczAPI* api = own->api;
  IpczTrapConditions conditions = {sizeof conditions, IPCZ_TRAP_PEER_CLOSED, 0, 0};
  IpczHandle left, right, spare, spare_peer;
  IpczTransaction transaction;
  volatile void* room;
  const volatile void* shown;
  uint64_t traps = __atomic_load_n(&own->traps, __ATOMIC_SEQ_CST);
  uint8_t sent[300], got[300];
  size_t size = 1 + seed % sizeof sent, count, i;
  for (i = 0; i < size; i++) sent[i] = (uint8_t)(seed * 31 + i * 7);
  CHECK(api->OpenPortals(own->node, 0, NULL, &left, &right) == IPCZ_RESULT_OK);
  CHECK(api->OpenPortals(own->node, 0, NULL, &spare, &spare_peer) == IPCZ_RESULT_OK);
  CHECK(api->Trap(right, &conditions, count_trap, (uintptr_t)own, 0, NULL, NULL, NULL) == IPCZ_RESULT_OK);
  conditions.flags = IPCZ_TRAP_NEW_LOCAL_PARCEL;
  CHECK(api->Trap(right, &conditions, count_trap, (uintptr_t)own, 0, NULL, NULL, NULL) == IPCZ_RESULT_OK);
  CHECK(api->Put(left, sent, size, &spare, 1, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(__atomic_load_n(&own->traps, __ATOMIC_SEQ_CST) == traps + 1);
  i = size;
  CHECK(api->BeginPut(left, 0, NULL, &room, &i, &transaction) == IPCZ_RESULT_OK && i == size);
  memcpy((void*)room, sent, size);
  CHECK(api->EndPut(left, transaction, size, NULL, 0, 0, NULL) == IPCZ_RESULT_OK);
  i = sizeof got;
  count = 1;
  CHECK(api->Get(right, 0, NULL, got, &i, &spare, &count, NULL) == IPCZ_RESULT_OK);
  CHECK(i == size && count == 1 && memcmp(sent, got, size) == 0);
  CHECK(api->BeginGet(right, 0, NULL, &shown, &i, NULL, NULL, &transaction) == IPCZ_RESULT_OK);
  CHECK(i == size && memcmp((const void*)shown, sent, size) == 0);
  CHECK(api->EndGet(right, transaction, 0, NULL, NULL) == IPCZ_RESULT_OK);
  CHECK(api->Close(left, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(__atomic_load_n(&own->traps, __ATOMIC_SEQ_CST) == traps + 2);
  CHECK(api->Get(right, 0, NULL, NULL, NULL, NULL, NULL, NULL) == IPCZ_RESULT_NOT_FOUND);
  CHECK(api->Close(right, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(api->Close(spare, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(api->Close(spare_peer, 0, NULL) == IPCZ_RESULT_OK);
  own->parcels += 2;
  return NULL;
}

static void* run_worker(void* argument) {
  struct worker* own = argument;
  while (own->failure == NULL && now() < own->deadline) {
    own->failure = one_round(own, own->seed++);
    own->rounds++;
  }
  __atomic_sub_fetch(&running, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

/* Lets `threads` threads use the table for some time; does not wait for them. */
void hammer(const IpczAPI* api, IpczHandle node, int threads, uint32_t milliseconds, uint32_t seed);
void hammer(const IpczAPI* api, IpczHandle node, int threads, uint32_t milliseconds, uint32_t seed) {
  int i;
  running = threads;
  for (i = 0; i < threads && i < THREADS_MAX; i++) {
    pthread_t thread;
    struct worker fresh = {0};
    fresh.api = api;
    fresh.node = node;
    fresh.seed = seed + (unsigned)i * 100003u;
    fresh.deadline = now() + milliseconds;
    workers[i] = fresh;
    pthread_create(&thread, NULL, run_worker, &workers[i]);
    pthread_detach(thread);
  }
}

/* How many of them still run. */
int still_running(void);
int still_running(void) { return __atomic_load_n(&running, __ATOMIC_SEQ_CST); }

/* What a thread has done; null, or what went wrong. */
const char* report(int thread, uint64_t* counts);
const char* report(int thread, uint64_t* counts) {
  counts[0] = workers[thread].rounds;
  counts[1] = workers[thread].parcels;
  counts[2] = workers[thread].traps;
  return workers[thread].failure;
}
