#include "abi.h"

// Q8 failsafe mixer: whatever the channel says, the servo gets a pulse that it can follow.
EXPORT("gust:mixer/mixing#mix") u32 mix(u32 ch)
{
  s32 pulse = 1500 + ((256 * ((s32)ch - 1024)) >> 8);
  return pulse < 1000 ? 1000 : pulse > 2000 ? 2000 : pulse;
}
