#include "abi.h"

IMPORT("pulse:hal/mmio", "read32") u32 read32(u32 address);
IMPORT("pulse:hal/mmio", "write32") void write32(u32 address, u32 value);

enum {
  RCC_APB2ENR = 0x40021018, GPIOA_ON = 1 << 2, USART1_ON = 1 << 14,
  GPIOA_CRH = 0x40010804, PA9_MASK = 0xf << 4, PA9_ALTERNATE_50MHZ = 0xb << 4,
  USART1_SR = 0x40013800, TC = 1 << 6, TXE = 1 << 7,
  USART1_DR = 0x40013804,
  USART1_BRR = 0x40013808,
  USART1_CR1 = 0x4001380c, TE = 1 << 3, UE = 1 << 13,
  RESET_CLOCK_HZ = 8000000,
};

ARGUMENT_ARENA(96)

EXPORT("gust:uart/console#init") void init(u32 baud)
{
  write32(RCC_APB2ENR, read32(RCC_APB2ENR) | GPIOA_ON | USART1_ON);
  write32(GPIOA_CRH, (read32(GPIOA_CRH) & ~PA9_MASK) | PA9_ALTERNATE_50MHZ);
  write32(USART1_BRR, (RESET_CLOCK_HZ + baud / 2) / baud);
  write32(USART1_CR1, UE | TE);
}

EXPORT("gust:uart/console#put") void put(u32 byte)
{
  while (!(read32(USART1_SR) & TXE))
    ;
  write32(USART1_DR, byte);
}

EXPORT("gust:uart/console#write") void write(const u8 *text, u32 size)
{
  for (u32 i = 0; i < size; i++)
    put(text[i]);
  release_arguments();
}

EXPORT("gust:uart/console#flush") void flush(void)
{
  while (!(read32(USART1_SR) & TC))
    ;
}
