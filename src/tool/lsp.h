/*
 * lsp.h - `mlc lsp`
 */
#ifndef MLC_TOOL_LSP_H
#define MLC_TOOL_LSP_H

/* Serves an editor on standard input and output until it says `exit`; 1 if it
 * never said `shutdown`. */
int tool_lsp(int argc, char **argv);

#endif
