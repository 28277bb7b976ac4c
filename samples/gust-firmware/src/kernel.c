#include "abi.h"
#include "scheduler.h"

IMPORT("gust:mixer/mixing", "mix") u32 mix(u32 ch);

typedef struct {
  u8 id;
  u8 state;
  u8 queued;
  u8 spare;
  u16 runs;
  u16 pulse;
} task;

static task tasks[TASKS];
static u8 ring[RING];
static u32 head, used;

ARGUMENT_ARENA(16)

#define NONE 0xff
static const u8 NEXT[STATES][EVENTS] = {
  //            WAKE   BLOCK    RETIRE   DISPATCH YIELD
  [DORMANT] = { READY, NONE,    NONE,    NONE,    NONE  },
  [READY]   = { NONE,  BLOCKED, DORMANT, RUNNING, NONE  },
  [RUNNING] = { NONE,  BLOCKED, DORMANT, NONE,    READY },
  [BLOCKED] = { READY, NONE,    DORMANT, NONE,    NONE  },
};

// The only place where a state is written after init. Not static, so that clang leaves it a function with all its
// parameters: to remove the calls is the firmware build's work.
__attribute__((noinline)) s32 transition(task *table, u32 id, u32 event)
{
  if (id >= TASKS || table[id].state >= STATES)
    return NO_TASK;
  u32 next = NEXT[table[id].state][event];
  if (next == NONE)
    return REJECTED;
  table[id].state = next;
  return next;
}

static void enqueue(u32 id)
{
  u32 at = head + used++;
  ring[at >= RING ? at - RING : at] = id;
}

static u32 dequeue(void)
{
  u32 id = ring[head];
  head = head + 1 == RING ? 0 : head + 1;
  used--;
  return id;
}

EXPORT("gust:kernel/scheduler#init") void init(void)
{
  __builtin_memset(tasks, DORMANT, sizeof tasks);
  for (u32 id = 0; id < TASKS; id++)
    tasks[id].id = id;
  head = used = 0;
}

EXPORT("gust:kernel/scheduler#post") s32 post(u32 id, u32 event)
{
  if (event >= POSTABLE)
    return REJECTED;
  // A task that was blocked while it waited still has its place; it must not get a second one.
  u32 needs_place = event == WAKE && id < TASKS && !tasks[id].queued;
  if (needs_place && used == RING)
    return RING_FULL;
  s32 state = transition(tasks, id, event);
  if (needs_place && state >= 0) {
    tasks[id].queued = 1;
    enqueue(id);
  }
  return state;
}

EXPORT("gust:kernel/scheduler#load") u32 load(const u8 *ids, u32 count)
{
  for (u32 i = 0; i < count && used < RING; i++)
    if (post(ids[i], WAKE) == NO_TASK)
      enqueue(ids[i]);
  release_arguments();
  return used;
}

EXPORT("gust:kernel/scheduler#poll") s32 poll(u32 ch)
{
  while (used) {
    u32 id = dequeue();
    s32 state = transition(tasks, id, DISPATCH);
    if (state == NO_TASK)
      return -1;
    tasks[id].queued = 0;
    if (state == REJECTED)
      continue;
    u32 pulse = mix(ch);
    tasks[id].pulse = pulse;
    tasks[id].runs++;
    if (transition(tasks, id, YIELD) < 0)
      return -1;
    tasks[id].queued = 1;
    enqueue(id);
    return pulse;
  }
  return 0;
}

EXPORT("gust:kernel/scheduler#state-of") u32 state_of(u32 id)
{
  return id < TASKS ? tasks[id].state : 255;
}

EXPORT("gust:kernel/scheduler#runs-of") u32 runs_of(u32 id)
{
  return id < TASKS ? tasks[id].runs : 0;
}
