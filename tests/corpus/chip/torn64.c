typedef unsigned u32; typedef unsigned long long u64;
#define IMPORT(m,n) __attribute__((import_module(m), import_name(n)))
#define EXPORT(n) __attribute__((export_name(n)))
IMPORT("pulse:hal/mmio","write32") void write32(u32 a,u32 v);
IMPORT("pulse:hal/cpu","dmb") void dmb(void);
IMPORT("pulse:hal/semihosting","exit") void hexit(u32 s);
#ifdef ATOMIC
static u64 t;
#define READ __atomic_load_n(&t, __ATOMIC_SEQ_CST)
#else
static volatile u64 t;
#define READ t
#endif
EXPORT("on-tick") void on_tick(void){ t += 0x100000001ull; }
EXPORT("run") void run(void){
  write32(0x40004008,1); write32(0xe000e014, 497-1); write32(0xe000e018,0); write32(0xe000e010,7);
  u32 bad=0; for(u32 i=0;i<3000000;i++){ dmb(); u64 v=READ; if((u32)v!=(u32)(v>>32)) bad++; }
  write32(0xe000e010,0);
  for (const char*p = bad? "torn 64-bit read\n":"ok\n"; *p; p++) write32(0x40004000,*p);
  hexit(bad!=0);
}
