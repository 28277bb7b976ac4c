/* A program of two objects. It exits with 0, or with the number of the first check that fails. */
#include "counter.h"
#include "log-book.h"

static int32_t semihosting(int32_t operation, const void *argument) {
  register int32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

static void leave(uint32_t status) {
  const uint32_t block[2] = {0x20026u, status};
  semihosting(0x20, block);
  for (;;) {
  }
}

static void check(uint32_t number, int holds) {
  if (!holds) {
    leave(number);
  }
}

static const char *line;

int64_t host_log(int32_t a, int64_t b, int32_t c, int64_t d) {
  check(1, ((uintptr_t)__builtin_frame_address(0) & 7u) == 0);
  return a + b + c + d;
}

void write_line(int32_t offset, int32_t length) {
  check(2, length == 5);
  line = (const char *)log_book_address((uint32_t)offset);
}

int main(void) {
  counter_init();
  log_book_init();
  check(3, count_up() == 41 && count_up() == 42);
  check(4, demo_book_api_1_0_0_add_line(8) == 101 && line[0] == 'w' && line[4] == 'd');
  check(5, count_up() == 43);
  check(6, call_host(10) == 0x1122334455667788 + 13);
  check(7, peek(8) == 'h' && *(const char *)counter_address(12) == 'o');
  *(uint8_t *)counter_address(COUNTER_MEMORY_SIZE / 2 - 1) = 77;
  check(8, peek(65535) == 77 && COUNTER_MEMORY_SIZE == sizeof counter_memory && LOG_BOOK_MEMORY_SIZE == 65536);
  check(9, counter_memory_size == 65536 && grow() == 1 && pages() == 2 && counter_memory_size == 131072);
  const union { double number; uint64_t bits; } result = {_register(1.0f, 2.5)};
  check(10, result.bits == 0x4004000000000000);
  check(11, step(0, 7) == 14 && step(1, 7) == 21);
  check(12, divide(-0x100000000000, 0x1000000) == -0x100000);
  _class();
  leave(0);
  return 0;
}

extern uint32_t data_load, data_start, data_end, bss_start, bss_end, stack_top;

void reset(void);
void reset(void) {
  const uint32_t *from = &data_load;
  for (volatile uint32_t *to = &data_start; to < &data_end; to++) {
    *to = *from++;
  }
  for (volatile uint32_t *to = &bss_start; to < &bss_end; to++) {
    *to = 0;
  }
  main();
}

static void fault(void) { leave(99); }

static const struct {
  uint32_t *stack;
  void (*handlers[15])(void);
} vectors __attribute__((section(".vectors"), used)) = {&stack_top, {reset, fault, fault, fault, fault, fault}};
