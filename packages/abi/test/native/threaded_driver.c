/*
 * A driver inside one process, with a thread for each active transport: messages are delivered there and nowhere else.
 *
 * Any object may travel: it is its own handle on the way. Objects are counted, so that one left over is seen.
 */
#include <ipcz.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum kind { TRANSPORT = 1, MEMORY, MAPPING };

struct message {
  struct message* next;
  size_t num_bytes;
  size_t num_handles;
  IpczDriverHandle* handles;
  uint8_t bytes[];
};

struct region {
  size_t references;
  size_t size;
  uint64_t bytes[];
};

struct object {
  enum kind kind;
  struct region* region; /* memory and mappings */
  /* transports; all of it under the one lock below */
  struct object* peer;
  struct message* first;
  struct message** last;
  IpczHandle listener;
  IpczTransportActivityHandler handler;
  pthread_t thread;
  int active;
  int stopping;
  int closed;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int live;
static uint64_t random_state = 88172645463325252u;

/* How many objects exist. */
int live_objects(void);
int live_objects(void) {
  int count;
  pthread_mutex_lock(&lock);
  count = live;
  pthread_mutex_unlock(&lock);
  return count;
}

static struct object* new_object(enum kind kind) {
  struct object* object = calloc(1, sizeof *object);
  object->kind = kind;
  object->last = &object->first;
  live++;
  return object;
}

static IpczResult IPCZ_API Close(IpczDriverHandle handle, uint32_t flags, const void* options);

/* Closes each object once, whatever is in the list. */
static void close_all(const IpczDriverHandle* handles, size_t count) {
  size_t i, before;
  for (i = 0; i < count; i++) {
    for (before = 0; before < i && handles[before] != handles[i]; before++) continue;
    if (before == i && handles[i] != IPCZ_INVALID_DRIVER_HANDLE) Close(handles[i], 0, NULL);
  }
}

static void free_message(struct message* message) {
  free(message->handles);
  free(message);
}

static void drop_region(struct region* region) {
  if (region != NULL && --region->references == 0) free(region);
}

static void free_object(struct object* object) {
  drop_region(object->region);
  free(object);
  live--;
}

static void tell(struct object* transport, uint32_t flags) {
  transport->handler(transport->listener, NULL, 0, NULL, 0, flags, NULL);
}

/* Delivers what arrives until the transport is stopped or its peer is gone. */
static void* run_transport(void* argument) {
  struct object* own = argument;
  int failed = 0;
  pthread_mutex_lock(&lock);
  while (!own->stopping) {
    struct message* message = own->first;
    if (message != NULL && !failed) {
      IpczResult result;
      own->first = message->next;
      if (own->first == NULL) own->last = &own->first;
      pthread_mutex_unlock(&lock);
      result = own->handler(own->listener, message->bytes, message->num_bytes, message->handles, message->num_handles,
                            0, NULL);
      memset(message->bytes, 0xdd, message->num_bytes);
      free_message(message);
      failed = result != IPCZ_RESULT_OK && result != IPCZ_RESULT_UNIMPLEMENTED;
      if (failed) tell(own, IPCZ_TRANSPORT_ACTIVITY_ERROR);
      pthread_mutex_lock(&lock);
    } else if (own->peer == NULL && !failed) {
      failed = 1;
      pthread_mutex_unlock(&lock);
      tell(own, IPCZ_TRANSPORT_ACTIVITY_ERROR);
      pthread_mutex_lock(&lock);
    } else {
      pthread_cond_wait(&changed, &lock);
    }
  }
  pthread_mutex_unlock(&lock);
  tell(own, IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED);
  pthread_mutex_lock(&lock);
  own->active = 0;
  pthread_cond_broadcast(&changed);
  if (own->closed) free_object(own);
  pthread_mutex_unlock(&lock);
  return NULL;
}

static IpczResult IPCZ_API Close(IpczDriverHandle handle, uint32_t flags, const void* options) {
  struct object* object = (struct object*)handle;
  struct message* left;
  (void)flags;
  (void)options;
  pthread_mutex_lock(&lock);
  left = object->first;
  object->first = NULL;
  object->last = &object->first;
  if (object->peer != NULL) {
    object->peer->peer = NULL;
    object->peer = NULL;
    pthread_cond_broadcast(&changed);
  }
  if (object->active) object->closed = 1;
  else free_object(object);
  pthread_mutex_unlock(&lock);
  while (left != NULL) {
    struct message* next = left->next;
    close_all(left->handles, left->num_handles);
    free_message(left);
    left = next;
  }
  return IPCZ_RESULT_OK;
}

static IpczResult IPCZ_API Serialize(IpczDriverHandle handle, IpczDriverHandle transport, uint32_t flags,
                                     const void* options, volatile void* data, size_t* num_bytes,
                                     IpczDriverHandle* handles, size_t* num_handles) {
  struct object* object = (struct object*)handle;
  size_t room_bytes = num_bytes ? *num_bytes : 0;
  size_t room_handles = num_handles ? *num_handles : 0;
  (void)flags;
  (void)options;
  if (object->kind == MAPPING) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (transport == IPCZ_INVALID_DRIVER_HANDLE) return IPCZ_RESULT_ABORTED;
  if (num_bytes) *num_bytes = 1;
  if (num_handles) *num_handles = 1;
  if (room_bytes < 1 || room_handles < 1) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  *(volatile uint8_t*)data = (uint8_t)object->kind;
  handles[0] = handle;
  return IPCZ_RESULT_OK;
}

static IpczResult IPCZ_API Deserialize(const volatile void* data, size_t num_bytes, const IpczDriverHandle* handles,
                                       size_t num_handles, IpczDriverHandle transport, uint32_t flags,
                                       const void* options, IpczDriverHandle* handle) {
  (void)transport;
  (void)flags;
  (void)options;
  if (num_bytes != 1 || num_handles != 1 || handles[0] == IPCZ_INVALID_DRIVER_HANDLE ||
      *(const volatile uint8_t*)data != (uint8_t)((struct object*)handles[0])->kind) {
    close_all(handles, num_handles);
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  *handle = handles[0];
  return IPCZ_RESULT_OK;
}

static IpczResult IPCZ_API CreateTransports(IpczDriverHandle transport0, IpczDriverHandle transport1, uint32_t flags,
                                            const void* options, IpczDriverHandle* new_transport0,
                                            IpczDriverHandle* new_transport1) {
  struct object *left, *right;
  (void)transport0;
  (void)transport1;
  (void)flags;
  (void)options;
  pthread_mutex_lock(&lock);
  left = new_object(TRANSPORT);
  right = new_object(TRANSPORT);
  left->peer = right;
  right->peer = left;
  pthread_mutex_unlock(&lock);
  *new_transport0 = (IpczDriverHandle)left;
  *new_transport1 = (IpczDriverHandle)right;
  return IPCZ_RESULT_OK;
}

static IpczResult IPCZ_API ActivateTransport(IpczDriverHandle transport, IpczHandle listener,
                                             IpczTransportActivityHandler handler, uint32_t flags,
                                             const void* options) {
  struct object* own = (struct object*)transport;
  (void)flags;
  (void)options;
  pthread_mutex_lock(&lock);
  own->listener = listener;
  own->handler = handler;
  own->active = 1;
  pthread_create(&own->thread, NULL, run_transport, own);
  pthread_detach(own->thread);
  pthread_mutex_unlock(&lock);
  return IPCZ_RESULT_OK;
}

/* Waits until the transport's thread has ended, unless it is that thread. */
static IpczResult IPCZ_API DeactivateTransport(IpczDriverHandle transport, uint32_t flags, const void* options) {
  struct object* own = (struct object*)transport;
  (void)flags;
  (void)options;
  pthread_mutex_lock(&lock);
  own->stopping = 1;
  pthread_cond_broadcast(&changed);
  if (!pthread_equal(own->thread, pthread_self())) {
    while (own->active) pthread_cond_wait(&changed, &lock);
  }
  pthread_mutex_unlock(&lock);
  return IPCZ_RESULT_OK;
}

static IpczResult IPCZ_API Transmit(IpczDriverHandle transport, const void* data, size_t num_bytes,
                                    const IpczDriverHandle* handles, size_t num_handles, uint32_t flags,
                                    const void* options) {
  struct message* message = malloc(sizeof *message + num_bytes);
  struct object* own = (struct object*)transport;
  (void)flags;
  (void)options;
  message->next = NULL;
  message->num_bytes = num_bytes;
  message->num_handles = num_handles;
  message->handles = malloc(num_handles * sizeof *handles + 1);
  if (num_bytes > 0) memcpy(message->bytes, data, num_bytes);
  if (num_handles > 0) memcpy(message->handles, handles, num_handles * sizeof *handles);
  pthread_mutex_lock(&lock);
  if (own->peer != NULL && !own->peer->stopping && !own->stopping) {
    *own->peer->last = message;
    own->peer->last = &message->next;
    message = NULL;
    pthread_cond_broadcast(&changed);
  }
  pthread_mutex_unlock(&lock);
  if (message != NULL) {
    close_all(handles, num_handles);
    free_message(message);
  }
  return IPCZ_RESULT_OK;
}

static IpczResult IPCZ_API ReportBadTransportActivity(IpczDriverHandle transport, uintptr_t context, uint32_t flags,
                                                      const void* options) {
  (void)transport;
  (void)context;
  (void)flags;
  (void)options;
  return IPCZ_RESULT_OK;
}

static int is_memory(IpczDriverHandle handle) { return ((struct object*)handle)->kind == MEMORY; }

static IpczDriverHandle new_reference(enum kind kind, struct region* region) {
  struct object* object;
  pthread_mutex_lock(&lock);
  object = new_object(kind);
  object->region = region;
  region->references++;
  pthread_mutex_unlock(&lock);
  return (IpczDriverHandle)object;
}

static IpczResult IPCZ_API AllocateSharedMemory(size_t num_bytes, uint32_t flags, const void* options,
                                                IpczDriverHandle* memory) {
  struct region* region = calloc(1, sizeof *region + num_bytes + 8);
  (void)flags;
  (void)options;
  region->size = num_bytes;
  *memory = new_reference(MEMORY, region);
  return IPCZ_RESULT_OK;
}

static IpczResult IPCZ_API GetSharedMemoryInfo(IpczDriverHandle memory, uint32_t flags, const void* options,
                                               IpczSharedMemoryInfo* info) {
  (void)flags;
  (void)options;
  if (!is_memory(memory) || info == NULL || info->size < sizeof *info) return IPCZ_RESULT_INVALID_ARGUMENT;
  info->region_num_bytes = ((struct object*)memory)->region->size;
  return IPCZ_RESULT_OK;
}

static IpczResult IPCZ_API DuplicateSharedMemory(IpczDriverHandle memory, uint32_t flags, const void* options,
                                                 IpczDriverHandle* duplicate) {
  (void)flags;
  (void)options;
  if (!is_memory(memory)) return IPCZ_RESULT_INVALID_ARGUMENT;
  *duplicate = new_reference(MEMORY, ((struct object*)memory)->region);
  return IPCZ_RESULT_OK;
}

static IpczResult IPCZ_API MapSharedMemory(IpczDriverHandle memory, uint32_t flags, const void* options,
                                           volatile void** address, IpczDriverHandle* mapping) {
  struct region* region = ((struct object*)memory)->region;
  (void)flags;
  (void)options;
  if (!is_memory(memory)) return IPCZ_RESULT_INVALID_ARGUMENT;
  *mapping = new_reference(MAPPING, region);
  *address = region->bytes;
  return IPCZ_RESULT_OK;
}

static IpczResult IPCZ_API GenerateRandomBytes(size_t num_bytes, uint32_t flags, const void* options, void* buffer) {
  size_t i;
  (void)flags;
  (void)options;
  pthread_mutex_lock(&lock);
  for (i = 0; i < num_bytes; i++) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    ((uint8_t*)buffer)[i] = (uint8_t)(random_state >> 32);
  }
  pthread_mutex_unlock(&lock);
  return IPCZ_RESULT_OK;
}

static const IpczDriver driver = {
    sizeof driver, Close, Serialize, Deserialize, CreateTransports, ActivateTransport, DeactivateTransport, Transmit,
    ReportBadTransportActivity, AllocateSharedMemory, GetSharedMemoryInfo, DuplicateSharedMemory, MapSharedMemory,
    GenerateRandomBytes};

/* The driver. */
const IpczDriver* threaded_driver(void);
const IpczDriver* threaded_driver(void) { return &driver; }
