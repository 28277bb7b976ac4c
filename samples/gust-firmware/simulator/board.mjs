// The parts of an STM32F100 that the firmware touches: USART1, SysTick, and the clock and pin registers that USART1 needs.
// Anything else, a wrong width or order, is an error: silicon would not forgive it either.
const RCC_APB2ENR = 0x40021018, GPIOA_CRH = 0x40010804;
const USART1_SR = 0x40013800, USART1_DR = 0x40013804, USART1_BRR = 0x40013808, USART1_CR1 = 0x4001380c;
const SYST_CSR = 0xe000e010, SYST_RVR = 0xe000e014, SYST_CVR = 0xe000e018;

export class Exit extends Error {
  constructor(status) { super(`exit ${status}`); this.status = status; }
}

export class Board {
  // onByte: what leaves the pin. tickEvery: besides ending a sleep, a tick comes after every so many accesses (0: never).
  constructor({ onByte, tickEvery = 0 }) {
    Object.assign(this, { onByte, tickEvery, accesses: 0, onTick: null, masked: false, pending: false, inHandler: false });
    this.registers = new Map([[RCC_APB2ENR, 0], [GPIOA_CRH, 0x44444444], [USART1_SR, 0xc0], [USART1_DR, 0], [USART1_BRR, 0], [USART1_CR1, 0],
      [SYST_CSR, 0], [SYST_RVR, 0], [SYST_CVR, 0]]);
  }

  get ticking() { return (this.registers.get(SYST_CSR) & 3) === 3 && this.registers.get(SYST_RVR) > 0; }

  deliver() {
    if (!this.pending || this.masked || this.inHandler) return;
    this.pending = false;
    this.inHandler = true;
    this.onTick();
    this.inHandler = false;
  }

  access(address, width) {
    if (width !== 4 || !this.registers.has(address)) throw new Error(`no ${width}-byte register at 0x${address.toString(16)}`);
    if (this.tickEvery && ++this.accesses % this.tickEvery === 0 && this.ticking) this.pending = true;
    this.deliver();
  }

  read(address, width) {
    this.access(address, width);
    return this.registers.get(address);
  }

  write(address, value, width) {
    this.access(address, width);
    if (address === USART1_DR) this.transmit(value);
    else this.registers.set(address, value);
  }

  transmit(value) {
    const on = (address, mask) => (this.registers.get(address) & mask) === mask;
    if (!on(RCC_APB2ENR, 0x4004) || (this.registers.get(GPIOA_CRH) >>> 4 & 0xf) !== 0xb) throw new Error('USART1 or its pin is off');
    if (!on(USART1_CR1, 0x2008) || this.registers.get(USART1_BRR) === 0) throw new Error('USART1 transmits before it is set up');
    this.onByte(value & 0xff);
  }

  sleep() {
    if (this.ticking) this.pending = true;
    if (!this.pending) throw new Error('wfi with no interrupt to come');
    this.deliver();
  }

  // What a core module imports: module = interface, field = function.
  get imports() {
    const barrier = () => {};
    const load = (width) => (address) => this.read(address >>> 0, width);
    const store = (width) => (address, value) => this.write(address >>> 0, value >>> 0, width);
    return {
      'pulse:hal/mmio': {
        read8: load(1), read16: load(2), read32: load(4), write8: store(1), write16: store(2), write32: store(4),
      },
      'pulse:hal/cpu': {
        wfi: () => this.sleep(), wfe: () => this.sleep(), dmb: barrier, dsb: barrier, isb: barrier,
        'enable-interrupts': () => { this.masked = false; this.deliver(); },
        'disable-interrupts': () => { this.masked = true; },
        disable: () => { const was = this.masked; this.masked = true; return Number(was); },
        restore: (mask) => { this.masked = (mask & 1) === 1; this.deliver(); },
        sev: barrier, nop: barrier, reset: () => { throw new Error('reset'); },
      },
      'pulse:hal/systick': {
        start: (reload) => { this.write(SYST_RVR, reload, 4); this.write(SYST_CVR, 0, 4); this.write(SYST_CSR, 7, 4); },
        stop: () => this.write(SYST_CSR, 0, 4),
        current: () => this.read(SYST_CVR, 4),
      },
      'pulse:hal/semihosting': {
        call: (op) => { throw new Error(`semihosting operation ${op}`); },
        exit: (status) => { throw new Exit(status >>> 0); },
      },
    };
  }
}
