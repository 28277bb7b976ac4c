#include "abi.h"
#include "scheduler.h"

IMPORT("gust:kernel/scheduler", "init") void kernel_init(void);
IMPORT("gust:kernel/scheduler", "load") u32 kernel_load(const u8 *ids, u32 count);
IMPORT("gust:kernel/scheduler", "post") s32 kernel_post(u32 id, u32 event);
IMPORT("gust:kernel/scheduler", "poll") s32 kernel_poll(u32 ch);
IMPORT("gust:kernel/scheduler", "state-of") u32 kernel_state_of(u32 id);
IMPORT("gust:kernel/scheduler", "runs-of") u32 kernel_runs_of(u32 id);
IMPORT("gust:uart/console", "init") void console_init(u32 baud);
IMPORT("gust:uart/console", "write") void console_write(const u8 *text, u32 size);
IMPORT("gust:uart/console", "put") void console_put(u32 byte);
IMPORT("gust:uart/console", "flush") void console_flush(void);
IMPORT("pulse:hal/mmio", "write32") void write32(u32 address, u32 value);
IMPORT("pulse:hal/cpu", "wfi") void wfi(void);
IMPORT("pulse:hal/cpu", "dsb") void dsb(void);
IMPORT("pulse:hal/cpu", "isb") void isb(void);
IMPORT("pulse:hal/cpu", "enable-interrupts") void enable_interrupts(void);
IMPORT("pulse:hal/cpu", "disable-interrupts") void disable_interrupts(void);
IMPORT("pulse:hal/semihosting", "exit") void semihosting_exit(u32 status);

enum {
  SYST_CSR = 0xe000e010, SYST_STOP = 0, SYST_RUN = 7,
  SYST_RVR = 0xe000e014, TICK_CYCLES = 80000,
  SYST_CVR = 0xe000e018,
  TICKS = 20,
};

static volatile u32 ticks;
static u32 failures;

EXPORT("on-tick") void on_tick(void)
{
  ticks++;
}

// The only call of the scheduler's poll, so that the whole hot path can become this one function.
__attribute__((noinline)) EXPORT("gust-poll") s32 gust_poll(u32 ch)
{
  return kernel_poll(ch);
}

typedef struct {
  u8 text[56];
  u32 size;
} line;

static void letter(line *out, u32 c)
{
  if (out->size < sizeof out->text)
    out->text[out->size++] = c;
}

static void text(line *out, const char *s)
{
  while (*s)
    letter(out, *s++);
}

static void start(line *out, const char *s)
{
  out->size = 0;
  text(out, s);
}

static void number(line *out, s32 n)
{
  u32 rest = n, scale = 1;
  if (n < 0) {
    letter(out, '-');
    rest = -rest;
  }
  while (rest / scale >= 10)
    scale *= 10;
  for (; scale; scale /= 10)
    letter(out, '0' + rest / scale % 10);
}

static void end(line *out)
{
  console_write(out->text, out->size);
  console_put('\n');
}

static void say(const char *s)
{
  line out;
  start(&out, s);
  end(&out);
}

static void report(const char *what, s32 got, s32 wanted)
{
  line out;
  start(&out, what);
  text(&out, " -> ");
  number(&out, got);
  if (got != wanted) {
    text(&out, " WRONG");
    failures++;
  }
  end(&out);
}

static const struct { u16 ch, pulse; } MIXES[] = {
  { 1024, 1500 }, { 0, 1000 }, { 512, 1000 }, { 1536, 2000 }, { 2047, 2000 },
};

static void check_mixer(void)
{
  static const u8 one[] = { 3 };
  kernel_init();
  kernel_load(one, COUNT(one));
  for (u32 i = 0; i < COUNT(MIXES); i++) {
    line what;
    start(&what, "mix ");
    number(&what, MIXES[i].ch);
    letter(&what, 0);
    report((const char *)what.text, gust_poll(MIXES[i].ch), MIXES[i].pulse);
  }
}

static void check_scheduler(void)
{
  static const u8 illegal[] = { 12 }, five[] = { 0, 1, 2, 3, 4 };
  kernel_init();
  report("poll, no task ready", gust_poll(1024), 0);
  kernel_load(illegal, COUNT(illegal));
  report("poll, no such task", gust_poll(1024), -1);
  kernel_load(five, COUNT(five));
  for (u32 id = 0; id < 4; id++)
    kernel_post(id, BLOCK);
  report("poll, four stale entries", gust_poll(1024), 1500);
  report("wake a ready task", kernel_post(4, WAKE), REJECTED);
}

// What happens to the tasks while the firmware runs: at `tick`, `event` is posted to task `id`.
static const struct { u8 tick, id, event; } SCRIPT[] = {
  { 3, 9, WAKE },  { 5, 4, BLOCK },  { 7, 2, WAKE },  { 8, 4, WAKE },   { 10, 0, WAKE },  { 11, 5, WAKE },
  { 12, 6, WAKE }, { 13, 1, RETIRE }, { 16, 9, BLOCK }, { 18, 6, WAKE }, { 18, 9, RETIRE }, { 19, 8, BLOCK },
};
static const char *const EVENT_NAMES[] = { [WAKE] = "wake", [BLOCK] = "block", [RETIRE] = "retire" };

static void post_script(u32 tick)
{
  for (u32 i = 0; i < COUNT(SCRIPT); i++)
    if (SCRIPT[i].tick == tick) {
      line out;
      start(&out, EVENT_NAMES[SCRIPT[i].event]);
      letter(&out, ' ');
      number(&out, SCRIPT[i].id);
      s32 state = kernel_post(SCRIPT[i].id, SCRIPT[i].event);
      text(&out, state == RING_FULL ? ": ring full" : state < 0 ? ": rejected" : "");
      end(&out);
    }
}

// The stick of the transmitter, swept from end to end and back.
static u32 read_channel(u32 tick)
{
  u32 at = tick * 256 % 4096;
  return at < 2048 ? at : 4095 - at;
}

static void trace(u32 tick, u32 ch, s32 pulse)
{
  line out;
  start(&out, "tick ");
  number(&out, tick);
  text(&out, " ch ");
  number(&out, ch);
  text(&out, " -> ");
  number(&out, pulse);
  letter(&out, ' ');
  for (u32 id = 0; id < TASKS; id++)
    letter(&out, "-rRb"[kernel_state_of(id) & 3]);
  end(&out);
}

// Interrupts are disabled between the test and wfi: a tick that comes there stays pending and ends the sleep.
static void wait_for_tick_after(u32 handled)
{
  disable_interrupts();
  while (ticks == handled) {
    dsb();
    wfi();
    enable_interrupts();
    isb();
    disable_interrupts();
  }
  enable_interrupts();
}

static void control_loop(void)
{
  static const u8 first[] = { 1, 4, 7 };
  kernel_init();
  kernel_load(first, COUNT(first));
  write32(SYST_RVR, TICK_CYCLES - 1);
  write32(SYST_CVR, 0);
  write32(SYST_CSR, SYST_RUN);
  for (u32 tick = 1; tick <= TICKS; tick++) {
    wait_for_tick_after(tick - 1);
    post_script(tick);
    u32 ch = read_channel(tick);
    s32 pulse = gust_poll(ch);
    if (pulse < 1000 || pulse > 2000)
      failures++;
    trace(tick, ch, pulse);
  }
  write32(SYST_CSR, SYST_STOP);
}

static void summary(void)
{
  line out;
  u32 all = 0;
  start(&out, "runs");
  for (u32 id = 0; id < TASKS; id++) {
    u32 runs = kernel_runs_of(id);
    letter(&out, ' ');
    number(&out, runs);
    all += runs;
  }
  end(&out);
  report("runs in all", all, TICKS);
  report("failures", failures, 0);
}

EXPORT("run") void run(void)
{
  console_init(115200);
  say("gust on pulse: 10 tasks, ring of 6");
  check_mixer();
  check_scheduler();
  control_loop();
  summary();
  console_flush();
  semihosting_exit(failures != 0);
  for (;;)
    wfi();
}
