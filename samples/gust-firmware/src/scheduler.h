// The numbers that gust:kernel/scheduler passes as u8 and s32.
#ifndef GUST_SCHEDULER_H
#define GUST_SCHEDULER_H

enum { TASKS = 10, RING = 6 };
enum state { DORMANT, READY, RUNNING, BLOCKED, STATES };
enum event { WAKE, BLOCK, RETIRE, POSTABLE, DISPATCH = POSTABLE, YIELD, EVENTS };
enum refusal { NO_TASK = -1, REJECTED = -2, RING_FULL = -3 };

#endif
