// The canonical ABI by hand: how C names what a component imports and exports, and where a callee receives a string
// or a list. Included once by each component, which is one C file.
#ifndef GUST_ABI_H
#define GUST_ABI_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int s32;

#define IMPORT(interface, function) __attribute__((import_module(interface), import_name(function)))
#define EXPORT(name) __attribute__((export_name(name)))
#define COUNT(array) (sizeof(array) / sizeof *(array))

// An arena of fixed size for the arguments of one call; the export that received them empties it before it returns.
// The linear memory never grows, and a caller that passes too much traps.
#define ARGUMENT_ARENA(bytes)                                                            \
  static _Alignas(8) u8 arena[bytes];                                                    \
  static u32 arena_used;                                                                 \
  EXPORT("cabi_realloc") void *cabi_realloc(u8 *old, u32 old_size, u32 align, u32 size)  \
  {                                                                                      \
    u32 at = ((u32)arena + arena_used + align - 1 & -align) - (u32)arena;                \
    if (at > sizeof arena || size > sizeof arena - at)                                   \
      __builtin_trap();                                                                  \
    arena_used = at + size;                                                              \
    __builtin_memcpy(arena + at, old, old_size < size ? old_size : size);                \
    return arena + at;                                                                   \
  }                                                                                      \
  static void release_arguments(void) { arena_used = 0; }

#endif
