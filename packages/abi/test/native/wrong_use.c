/*
 * A program in C that does everything wrong that it can, and must be told so each time.
 */
#include <ipcz.h>
#include <stdio.h>
#include <string.h>

static char wrong[256];

#define CHECK(condition)                                                  \
  do {                                                                    \
    if (!(condition)) {                                                   \
      snprintf(wrong, sizeof wrong, "line %d: %s", __LINE__, #condition); \
      return wrong;                                                       \
    }                                                                     \
  } while (0)

#define REFUSED(call) CHECK((call) == IPCZ_RESULT_INVALID_ARGUMENT)

static void IPCZ_API ignore(const IpczTrapEvent* event) { (void)event; }

static IpczResult IPCZ_API hear(IpczHandle listener, const void* data, size_t num_bytes,
                                const IpczDriverHandle* handles, size_t num_handles, uint32_t flags,
                                const IpczTransportActivityOptions* options) {
  (void)listener;
  (void)data;
  (void)num_bytes;
  (void)handles;
  (void)num_handles;
  (void)flags;
  (void)options;
  return IPCZ_RESULT_OK;
}

/* A node with a pair of portals. */
struct stage {
  IpczHandle node, left, right;
};

static const char* set_up(const IpczAPI* api, const IpczDriver* driver, struct stage* stage) {
  CHECK(api->CreateNode(driver, IPCZ_CREATE_NODE_AS_BROKER, NULL, &stage->node) == IPCZ_RESULT_OK);
  CHECK(api->OpenPortals(stage->node, 0, NULL, &stage->left, &stage->right) == IPCZ_RESULT_OK);
  return NULL;
}

/* Whatever was refused has changed nothing: a parcel still passes, and it is the only one. */
static const char* take_down(const IpczAPI* api, const struct stage* stage) {
  char text[8];
  size_t size = sizeof text;
  CHECK(api->Put(stage->left, "whole", 5, NULL, 0, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(api->Get(stage->right, 0, NULL, text, &size, NULL, NULL, NULL) == IPCZ_RESULT_OK);
  CHECK(size == 5 && memcmp(text, "whole", 5) == 0);
  CHECK(api->Get(stage->right, 0, NULL, text, &size, NULL, NULL, NULL) == IPCZ_RESULT_UNAVAILABLE);
  CHECK(api->Close(stage->left, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(api->Close(stage->right, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(api->Close(stage->node, 0, NULL) == IPCZ_RESULT_OK);
  return NULL;
}

/* Every struct with a size of one byte too few. */
static const char* short_structs(const IpczAPI* api, const IpczDriver* driver, const struct stage* stage) {
  IpczDriver short_driver = *driver;
  IpczCreateNodeOptions options = {sizeof options - 1, 0, NULL, 0, NULL, 0};
  IpczPortalStatus status = {sizeof status - 1, 7, 7, 7};
  IpczTrapConditions conditions = {sizeof conditions - 1, IPCZ_TRAP_DEAD, 0, 0};
  IpczBoxContents contents = {sizeof contents - 1, IPCZ_BOX_TYPE_APPLICATION_OBJECT, {0}, NULL, NULL};
  IpczHandle out = 77;
  short_driver.size--;
  REFUSED(api->CreateNode(&short_driver, 0, NULL, &out));
  REFUSED(api->CreateNode(driver, 0, &options, &out));
  REFUSED(api->QueryPortalStatus(stage->left, 0, NULL, &status));
  REFUSED(api->Trap(stage->left, &conditions, ignore, 0, 0, NULL, NULL, NULL));
  conditions.size++;
  REFUSED(api->Trap(stage->left, &conditions, ignore, 0, 0, NULL, NULL, &status));
  CHECK(status.size == sizeof status - 1 && status.flags == 7 && status.num_local_bytes == 7);
  REFUSED(api->Box(stage->node, &contents, 0, NULL, &out));
  CHECK(out == 77);
  contents.size++;
  CHECK(api->Box(stage->node, &contents, 0, NULL, &out) == IPCZ_RESULT_OK);
  contents.size--;
  contents.type = 77;
  REFUSED(api->Unbox(out, 0, NULL, &contents));
  CHECK(contents.type == 77);
  CHECK(api->Close(out, 0, NULL) == IPCZ_RESULT_OK);
  return NULL;
}

/* Null for every pointer that must not be. */
static const char* null_pointers(const IpczAPI* api, const IpczDriver* driver, const struct stage* stage) {
  IpczBoxContents contents = {sizeof contents, IPCZ_BOX_TYPE_APPLICATION_OBJECT, {0}, NULL, NULL};
  IpczTrapConditions conditions = {sizeof conditions, IPCZ_TRAP_DEAD, 0, 0};
  IpczDriver hollow = *driver;
  IpczDriverHandle left, right;
  IpczHandle out, box;
  IpczTransaction transaction;
  size_t size = 3, count = 1;
  hollow.MapSharedMemory = NULL;
  REFUSED(api->CreateNode(NULL, 0, NULL, &out));
  REFUSED(api->CreateNode(&hollow, 0, NULL, &out));
  REFUSED(api->CreateNode(driver, 0, NULL, NULL));
  CHECK(driver->CreateTransports(0, 0, 0, NULL, &left, &right) == IPCZ_RESULT_OK);
  REFUSED(api->ConnectNode(stage->node, left, 1, 0, NULL, NULL));
  CHECK(driver->Close(left, 0, NULL) == IPCZ_RESULT_OK && driver->Close(right, 0, NULL) == IPCZ_RESULT_OK);
  REFUSED(api->OpenPortals(stage->node, 0, NULL, NULL, &out));
  REFUSED(api->OpenPortals(stage->node, 0, NULL, &out, NULL));
  REFUSED(api->QueryPortalStatus(stage->left, 0, NULL, NULL));
  REFUSED(api->Put(stage->left, NULL, 1, NULL, 0, 0, NULL));
  REFUSED(api->Put(stage->left, NULL, 0, NULL, 1, 0, NULL));
  REFUSED(api->BeginPut(stage->left, 0, NULL, NULL, &size, NULL));
  CHECK(api->Put(stage->left, "abc", 3, NULL, 0, 0, NULL) == IPCZ_RESULT_OK);
  REFUSED(api->Get(stage->right, 0, NULL, NULL, &size, NULL, NULL, NULL));
  REFUSED(api->Get(stage->right, 0, NULL, &out, &size, NULL, &count, NULL));
  REFUSED(api->BeginGet(stage->right, 0, NULL, NULL, &size, NULL, NULL, NULL));
  CHECK(api->Get(stage->right, 0, NULL, &out, &size, NULL, NULL, NULL) == IPCZ_RESULT_OK && size == 3);
  REFUSED(api->Trap(stage->left, NULL, ignore, 0, 0, NULL, NULL, NULL));
  REFUSED(api->Trap(stage->left, &conditions, NULL, 0, 0, NULL, NULL, NULL));
  REFUSED(api->Box(stage->node, NULL, 0, NULL, &out));
  REFUSED(api->Box(stage->node, &contents, 0, NULL, NULL));
  CHECK(api->Box(stage->node, &contents, 0, NULL, &box) == IPCZ_RESULT_OK);
  REFUSED(api->Unbox(box, 0, NULL, NULL));
  CHECK(api->Close(box, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(api->BeginPut(stage->left, 0, NULL, NULL, NULL, &transaction) == IPCZ_RESULT_OK);
  REFUSED(api->EndPut(stage->left, transaction, 0, NULL, 1, 0, NULL));
  CHECK(api->EndPut(stage->left, transaction, 0, NULL, 0, IPCZ_END_PUT_ABORT, NULL) == IPCZ_RESULT_OK);
  return NULL;
}

/* Counts that cannot be true. */
static const char* false_counts(const IpczAPI* api, const IpczDriver* driver, const struct stage* stage) {
  static const size_t counts[] = {SIZE_MAX, SIZE_MAX / 2, (size_t)1 << 53, (size_t)1 << 40};
  IpczCreateNodeOptions options = {sizeof options, 0, NULL, 0, NULL, 0};
  uint32_t feature = IPCZ_FEATURE_MEM_V2;
  IpczHandle handle = 1;
  IpczTransaction transaction;
  volatile void* room;
  char byte = 0;
  size_t each, size;
  for (each = 0; each < sizeof counts / sizeof *counts; each++) {
    REFUSED(api->Put(stage->left, &byte, counts[each], NULL, 0, 0, NULL));
    REFUSED(api->Put(stage->left, &byte, 1, &handle, counts[each], 0, NULL));
    size = counts[each];
    REFUSED(api->BeginPut(stage->left, 0, NULL, &room, &size, &transaction));
    size = 1;
    CHECK(api->BeginPut(stage->left, 0, NULL, &room, &size, &transaction) == IPCZ_RESULT_OK);
    REFUSED(api->EndPut(stage->left, transaction, counts[each], NULL, 0, 0, NULL));
    REFUSED(api->EndPut(stage->left, transaction, 1, &handle, counts[each], 0, NULL));
    CHECK(api->EndPut(stage->left, transaction, 0, NULL, 0, IPCZ_END_PUT_ABORT, NULL) == IPCZ_RESULT_OK);
    options.enabled_features = &feature;
    options.num_enabled_features = counts[each];
    REFUSED(api->CreateNode(driver, 0, &options, &handle));
    options.num_enabled_features = 0;
    options.disabled_features = &feature;
    options.num_disabled_features = counts[each];
    REFUSED(api->CreateNode(driver, 0, &options, &handle));
    options.num_disabled_features = 0;
  }
  return NULL;
}

typedef const char* (*Part)(const IpczAPI* api, const IpczDriver* driver, const struct stage* stage);

static const char* run(const IpczAPI* api, const IpczDriver* driver, Part part) {
  struct stage stage;
  const char* failure = set_up(api, driver, &stage);
  if (failure == NULL) failure = part(api, driver, &stage);
  return failure == NULL ? take_down(api, &stage) : failure;
}

/* Null, or what went wrong. */
const char* give_short_structs(const IpczAPI* api, const IpczDriver* driver);
const char* give_short_structs(const IpczAPI* api, const IpczDriver* driver) {
  return run(api, driver, short_structs);
}
const char* give_null_pointers(const IpczAPI* api, const IpczDriver* driver);
const char* give_null_pointers(const IpczAPI* api, const IpczDriver* driver) {
  return run(api, driver, null_pointers);
}
const char* give_false_counts(const IpczAPI* api, const IpczDriver* driver);
const char* give_false_counts(const IpczAPI* api, const IpczDriver* driver) {
  return run(api, driver, false_counts);
}

/* The same with a driver. */
const char* use_driver_wrongly(const IpczDriver* driver);
const char* use_driver_wrongly(const IpczDriver* driver) {
  static const size_t counts[] = {SIZE_MAX, SIZE_MAX / 2, (size_t)1 << 53, (size_t)1 << 40};
  IpczSharedMemoryInfo info = {sizeof info - 1, 77};
  IpczDriverHandle left, right, memory, out, handle = 1;
  volatile void* address;
  char byte = 0;
  size_t each, size = 0, count = 0;
  REFUSED(driver->CreateTransports(0, 0, 0, NULL, NULL, &right));
  REFUSED(driver->CreateTransports(0, 0, 0, NULL, &left, NULL));
  CHECK(driver->CreateTransports(0, 0, 0, NULL, &left, &right) == IPCZ_RESULT_OK);
  REFUSED(driver->ActivateTransport(left, 1, NULL, 0, NULL));
  REFUSED(driver->AllocateSharedMemory(64, 0, NULL, NULL));
  CHECK(driver->AllocateSharedMemory(64, 0, NULL, &memory) == IPCZ_RESULT_OK);
  REFUSED(driver->GetSharedMemoryInfo(memory, 0, NULL, NULL));
  REFUSED(driver->GetSharedMemoryInfo(memory, 0, NULL, &info));
  CHECK(info.region_num_bytes == 77);
  REFUSED(driver->DuplicateSharedMemory(memory, 0, NULL, NULL));
  REFUSED(driver->MapSharedMemory(memory, 0, NULL, NULL, &out));
  REFUSED(driver->MapSharedMemory(memory, 0, NULL, &address, NULL));
  REFUSED(driver->GenerateRandomBytes(4, 0, NULL, NULL));
  REFUSED(driver->Deserialize(NULL, 4, NULL, 0, left, 0, NULL, &out));
  REFUSED(driver->Deserialize(&byte, 1, NULL, 0, left, 0, NULL, NULL));
  CHECK(driver->ActivateTransport(left, 1, hear, 0, NULL) == IPCZ_RESULT_OK);
  REFUSED(driver->Transmit(left, NULL, 1, NULL, 0, 0, NULL));
  REFUSED(driver->Transmit(left, &byte, 1, NULL, 1, 0, NULL));
  for (each = 0; each < sizeof counts / sizeof *counts; each++) {
    REFUSED(driver->Transmit(left, &byte, counts[each], NULL, 0, 0, NULL));
    REFUSED(driver->Transmit(left, &byte, 1, &handle, counts[each], 0, NULL));
    REFUSED(driver->Deserialize(&byte, counts[each], NULL, 0, left, 0, NULL, &out));
    REFUSED(driver->Deserialize(&byte, 1, &handle, counts[each], left, 0, NULL, &out));
    REFUSED(driver->GenerateRandomBytes(counts[each], 0, NULL, &byte));
  }
  CHECK(driver->Serialize(memory, left, 0, NULL, NULL, &size, NULL, &count) == IPCZ_RESULT_RESOURCE_EXHAUSTED);
  CHECK(driver->DeactivateTransport(left, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(driver->Close(memory, 0, NULL) == IPCZ_RESULT_OK);
  CHECK(driver->Close(left, 0, NULL) == IPCZ_RESULT_OK && driver->Close(right, 0, NULL) == IPCZ_RESULT_OK);
  return NULL;
}
