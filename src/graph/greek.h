/*
 * greek.h - Greek letters and their names
 */
#ifndef MLC_GRAPH_GREEK_H
#define MLC_GRAPH_GREEK_H

#include <stddef.h>

/* The name of a letter that is spelt out or given as itself, or NULL. */
const char *greek_name(const char *text, size_t len);

/* The letter (UTF-8) of a name, or NULL. */
const char *greek_letter(const char *text, size_t len);

/* The names, one after the other; NULL past the last. */
const char *greek_row(size_t i);

#endif
