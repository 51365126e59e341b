/*
 * json.h - texts and numbers as JSON (RFC 8259)
 *
 * Appends to a Str; who builds objects and arrays puts the brackets and
 * commas.
 */
#ifndef MLC_IO_JSON_H
#define MLC_IO_JSON_H

#include "base/str.h"

/* In quotes; bytes that are not UTF-8 become U+FFFD. */
void json_add_text(Str *s, const char *text, size_t len);

/*
 * The shortest number that reads back as x.  JSON has no infinities and no
 * NaN: these are written as the strings "inf", "-inf", "nan".
 */
void json_add_number(Str *s, double x);

void json_add_bool(Str *s, bool x);

/* `"name":` */
void json_add_key(Str *s, const char *name);

#endif
