/*
 * json_lines.h - results and errors for other programs (`mlc --json`)
 *
 * One object of JSON a line on standard output, in order of what happens:
 *
 *   {"type":"result","text":...,"latex":...,"value":...,"shape":...}
 *       what a statement shows: as the terminal shows it; LaTeX of a formula,
 *       else null; the value as json(v) gives it; sides of an array or formula,
 *       integers, or texts where they are named, [] of a number, else null
 *   {"type":"error","code":"E203","message":...,"file":...,"line":...,
 *    "column":...,"detail":...,"help":...,"calls":[...]}
 *       a missing part is null; calls are the functions that the error left,
 *       innermost first, each with function, file, line, column
 *   {"type":"warning",...}   with the same members as an error
 *   {"type":"output","text":...}    what `print` and reports wrote
 *   {"type":"picture","text":...,"svg":...}
 */
#ifndef MLC_TOOL_JSON_LINES_H
#define MLC_TOOL_JSON_LINES_H

#include "eval/interp.h"

/* Sends what the session shows and reports to stdout in this form. */
void json_lines_begin(Interp *in);

/* Appends the object of an error or warning, without a newline. */
void json_add_error(Str *s, const Error *e, bool warning);

#endif
