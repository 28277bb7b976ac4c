typedef unsigned u32;
#define IMPORT(m,n) __attribute__((import_module(m), import_name(n)))
#define EXPORT(n) __attribute__((export_name(n)))
IMPORT("pulse:hal/semihosting","exit") void hexit(u32 s);
static volatile u32 depth = DEPTH, mark = 7, zeros[40];
/* A frame in linear memory for each round, and a leaf below the last one. */
__attribute__((noinline)) static u32 leaf(u32 n){ volatile u32 b[20]; for(u32 i=0;i<20;i++) b[i]=n+i; return b[n%20]; }
__attribute__((noinline)) static u32 sum(u32 n){ volatile u32 b[12]; for(u32 i=0;i<12;i++) b[i]=n; return n ? b[n%12]+sum(n-1) : leaf(n); }
EXPORT("on-tick") void on_tick(void){ volatile u32 b[8]; for(u32 i=0;i<8;i++) b[i]=i; zeros[0]=0; }
EXPORT("run") void run(void){
  u32 s=sum(depth);
  for(u32 i=0;i<40;i++) if(zeros[i]) hexit(1);
  hexit(mark==7 && s==depth*(depth+1)/2 ? 0 : 2);
}
#ifdef ONFAULT
EXPORT("on-fault") void on_fault(u32 kind, u32 pc, u32 lr, u32 exception){
  volatile u32 b[16]; for(u32 i=0;i<16;i++) b[i]=i;
  hexit(!(kind == 2 && pc > 0x100 && pc < 0x2000 && exception == 6 && b[7] == 7 && mark == 7));
}
#endif
