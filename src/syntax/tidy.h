/*
 * tidy.h - the canonical layout of source text (`mlc fmt`)
 *
 * Only blanks change: those between tokens, those at the beginnings and ends
 * of lines, and the number of empty lines in a row.
 *
 *   Line breaks stay where they are; one empty line at most stands between
 *   lines that are not empty, none at the beginning and the end.
 *
 *   A line is indented by 2 for every block around it; the lines in a bracket
 *   begin below what follows the bracket, or 2 further in than its line if
 *   nothing follows it there; a line that goes on another one is 2 further in.
 *
 *   No blanks around * / \ ^ .* ./ .^ : and after a sign; one around + - and
 *   relations, = += -> and words; one after `,` and `;`.  In an index, A[i,j]
 * or A[i, j], the first `,` tells whether blanks follow the others; they do if
 *   something else in the brackets needs one: `A[i + 1, j]`.
 *
 *   In a model what follows `data`, `param`, `loss`, ... begins in the column
 *   that the first of these lines gives it, where the word is short enough.
 *
 *   A comment stays behind its line in its column, pushed on if need be, at
 *   least 2 blanks away; a comment of its own line is indented as what it
 *   stands among, or stays below the comment that it continues.
 */
#ifndef MLC_SYNTAX_TIDY_H
#define MLC_SYNTAX_TIDY_H

#include "base/error.h"
#include "base/str.h"

/*
 * Appends the source in canonical layout.  Raises the first mistake of the
 * source; and ERR_INTERNAL if the new text would not have the same tree and
 * the same characters, blanks apart: then nothing may be written.
 */
void tidy_source(uint32_t source, Str *out);

#endif
