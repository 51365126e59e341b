/*
 * jit.h - machine code of programs, for x86-64 with AVX
 *
 * Translates the code of a Program template by template: values stay in
 * registers where they can, whatever is no instruction for numbers is called.
 * It computes what the VM computes, bit for bit, in the same order; products
 * and sums are not contracted.  Without it, or where the system gives no
 * memory that may be run, everything runs in the VM.
 */
#ifndef MLC_COMPILE_JIT_H
#define MLC_COMPILE_JIT_H

#include "compile/vm.h"

/* Is it in this build?  -DMLC_NO_JIT leaves it out, and that of loops
 * (eval/native.h). */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(ARENA_POISONS) &&     \
    !defined(MLC_NO_JIT)
#define JIT_HERE 1
#else
#define JIT_HERE 0
#endif

/* Sets Program.native, or leaves it NULL.  Raises ERR_MEMORY. */
void jit_make(Program *p);

#endif
