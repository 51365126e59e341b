#include "io/json.h"

#include <math.h>
#include <string.h>

#include "num/number.h"

static void add_escaped(Str *s, uint32_t code)
{
    static const char names[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *p = code ? strchr(names, (int)code) : NULL;
    if (p)
        str_add_format(s, "\\%c", letters[p - names]);
    else
        str_add_format(s, "\\u%04x", (unsigned)code);
}

void json_add_text(Str *s, const char *text, size_t len)
{
    str_add_char(s, '"');
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t n = text_decode(text + i, len - i, &code);
        if (n == 0)
            str_add(s, "\\ufffd");
        else if (code < 0x20 || code == '"' || code == '\\' || code == 0x7f)
            add_escaped(s, code);
        else
            str_add_len(s, text + i, n);
        i += n ? n : 1;
    }
    str_add_char(s, '"');
}

void json_add_number(Str *s, double x)
{
    char buf[NUM_TEXT];
    size_t n = num_format_double(buf, x);
    if (isfinite(x))
        str_add_len(s, buf, n);
    else
        json_add_text(s, buf, n);
}

void json_add_bool(Str *s, bool x)
{
    str_add(s, x ? "true" : "false");
}

void json_add_key(Str *s, const char *name)
{
    json_add_text(s, name, strlen(name));
    str_add_char(s, ':');
}
