typedef unsigned u32;
#define IMPORT(m,n) __attribute__((import_module(m), import_name(n)))
#define EXPORT(n) __attribute__((export_name(n)))
IMPORT("pulse:hal/mmio","read32") u32 read32(u32 address);
IMPORT("pulse:hal/mmio","write32") void write32(u32 address, u32 value);
IMPORT("pulse:hal/cpu","wfi") void wfi(void);
IMPORT("pulse:hal/semihosting","exit") void hexit(u32 s);
/* What goes wrong is chosen by KIND; the line of each says so. */
static volatile u32 zero, far = 0xfffffff0;
static volatile int minus_one = -1, least = -2147483647 - 1;
static int other(int a, int b) { return a + b; }
static int (*volatile two)(int, int) = other;
static void (*volatile none)(void);
typedef void (*plain)(void);
static u32 word[2];
__attribute__((noinline)) static u32 wrong(u32 n) { /* 72 */
  switch (KIND) {
  case 65: __builtin_trap(); /* 65 */
  case 66: return *(volatile u32 *)far; /* 66 */
  case 67: return 7 / zero; /* 67 */
  case 68: return (u32)(least / minus_one); /* 68 */
  case 69: ((plain)(far))(); return 1; /* 69 */
  case 70: none(); return 2; /* 70 */
  case 71: ((plain)two)(); return 3; /* 71 */
  case 72: return wrong(n + 1) * n + wrong(n + zero);
  case 73: return __atomic_fetch_add((u32 *)((char *)word + 1 + zero), n, __ATOMIC_SEQ_CST); /* 73 */
  case 92: write32(0xe000ed04, 0x80000000); for (;;) wfi(); /* 92 */
  case 95: return read32(0x70000000); /* 95 */
  case 105: write32(0xe000e100, 1); write32(0xe000e200, 1); for (;;) wfi(); /* 105 */
  case 166: return *(volatile u32 *)far + /* 166 */
      *(volatile u32 *)(zero - 16); /* 167 */
  default: return 0;
  }
}
__attribute__((noinline)) static u32 report(u32 n) { return wrong(n) + 1; }
EXPORT("run") void run(void) {
  hexit(report(zero + 1) & 1);
}
