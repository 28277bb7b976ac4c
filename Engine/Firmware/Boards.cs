using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Engine.Firmware;

/// <summary>The boards that firmware can be linked for.</summary>
internal static class Boards
{
    /// <summary>All boards, by name.</summary>
    public static readonly Board[] Table =
    [
        //   name                chip           core         flash                     RAM                       UART                   priority bits
        new("lm3s6965evb",      "LM3S6965",    "cortex-m3", new(0x0000_0000, 256 << 10), new(0x2000_0000, 64 << 10), "UART0 at 0x4000C000", 3, Names(
            "GPIOA GPIOB GPIOC GPIOD GPIOE UART0 UART1 SSI0 I2C0 PWM_FAULT PWM0 PWM1 PWM2 QEI0 ADC0 ADC1 ADC2 ADC3 WATCHDOG TIMER0A TIMER0B",
            "TIMER1A TIMER1B TIMER2A TIMER2B COMP0 COMP1 - SYSCTL FLASH GPIOF GPIOG - UART2 - TIMER3A TIMER3B I2C1 QEI1 - - - ETH HIBERNATE")),
        new("mps2-an385",       "CMSDK CM3",   "cortex-m3", new(0x0000_0000, 4 << 20),   new(0x2000_0000, 4 << 20),  "UART0 at 0x40004000", 3, Names(
            "UART0RX UART0TX UART1RX UART1TX UART2RX UART2TX GPIO0 GPIO1 TIMER0 TIMER1 DUALTIMER SPI UARTOVF ETHERNET I2S TSC",
            "GPIO0_0 GPIO0_1 GPIO0_2 GPIO0_3 GPIO0_4 GPIO0_5 GPIO0_6 GPIO0_7 GPIO0_8 GPIO0_9 GPIO0_10 GPIO0_11 GPIO0_12 GPIO0_13 GPIO0_14 GPIO0_15")),
        new("stm32vldiscovery", "STM32F100RB", "cortex-m3", new(0x0800_0000, 128 << 10), new(0x2000_0000, 8 << 10),  "USART1 at 0x40013800", 4, Names(
            "WWDG PVD TAMPER RTC FLASH RCC EXTI0 EXTI1 EXTI2 EXTI3 EXTI4 DMA1_Channel1 DMA1_Channel2 DMA1_Channel3 DMA1_Channel4 DMA1_Channel5",
            "DMA1_Channel6 DMA1_Channel7 ADC1 - - - - EXTI9_5 TIM1_BRK_TIM15 TIM1_UP_TIM16 TIM1_TRG_COM_TIM17 TIM1_CC TIM2 TIM3 TIM4 I2C1_EV I2C1_ER",
            "I2C2_EV I2C2_ER SPI1 SPI2 USART1 USART2 USART3 EXTI15_10 RTC_Alarm CEC - - - - - - - - - - - TIM6_DAC TIM7")),
    ];

    /// <summary>The board of that name; PULSE4040 when there is none.</summary>
    public static Board Find(string name) => Array.Find(Table, board => board.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new DiagnosticException(DiagnosticId.PULSE4040, Location.None, name, string.Join(", ", Table.Select(board => board.Name)));

    private static string[] Names(params string[] lines) => [.. lines.SelectMany(line => line.Split(' '))];
}
