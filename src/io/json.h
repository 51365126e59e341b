/*
 * json.h - JSON (RFC 8259), written and read
 *
 * Written is to a Str; who builds objects and arrays puts the brackets and
 * commas.  Read is a whole text, as a tree in an arena.
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

/* ---- reading ---- */

typedef enum JsonKind {
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_TEXT,
    JSON_ARRAY,
    JSON_OBJECT
} JsonKind;

typedef struct Json {
    JsonKind kind;
    bool truth;
    bool whole;          /* a number without point and exponent */
    double number;
    const char *text;    /* of a text, or of a number as it stands */
    size_t len;
    size_t count;        /* elements, members */
    struct Json *at;
    const char **name;   /* of members */
} Json;

/*
 * The tree of a text.  Raises ERR_CSV with the line and column where it is no
 * JSON; `name` is the file's.
 */
Json *json_read(Arena *a, const char *name, const char *text, size_t len);

/* The member of that name; NULL of what has none, or of NULL. */
const Json *json_member(const Json *object, const char *name);

/* What a member says where it is of that kind; `other` where it is not. */
const char *json_text(const Json *object, const char *name, const char *other);
bool json_truth(const Json *object, const char *name, bool other);
double json_number(const Json *object, const char *name, double other);

/* The value itself, written as JSON; numbers as they were read. */
void json_add(Str *s, const Json *value);

#endif
