/* CSV files, whole files, JSON texts. */
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "check.h"
#include "io/csv.h"
#include "io/file.h"
#include "io/json.h"

static Arena *arena;

static CsvTable *parse_len(const char *text, size_t len, const CsvOptions *o)
{
    return csv_parse(arena, "f.csv", arena_copy(arena, text, len), len, o);
}

static CsvTable *parse(const char *text, const CsvOptions *o)
{
    return parse_len(text, strlen(text), o);
}

/* The message of the error that the text gives, or "". */
static const char *message_of(const char *text, size_t len, const CsvOptions *o)
{
    Protect p;
    if (PROTECT(&p)) {
        parse_len(text, len, o);
        protect_end(&p);
        return "";
    }
    CHECK(context_error()->code == ERR_CSV);
    return context_error()->message;
}

#define MESSAGE(text, want)                                                    \
    CHECK_TEXT(message_of(text, strlen(text), NULL), want)

static void plain_table(void)
{
    CsvTable *t = parse("a,b,c\n1,x,true\n2.5,y,false\n-3e2,,true\n", NULL);
    CHECK(t->rows == 3 && t->ncols == 3);
    CHECK_TEXT(t->column[1].name, "b");
    CHECK(t->column[0].kind == CSV_NUMBER && t->column[0].number[2] == -300);
    CHECK(t->column[1].kind == CSV_TEXT && t->column[2].kind == CSV_BOOL);
    CHECK_TEXT(t->column[1].text[1], "y");
    CHECK(t->column[1].text[2] == NULL && csv_is_missing(&t->column[1], 2));
    CHECK(!csv_is_missing(&t->column[1], 1) && t->column[1].nmissing == 1);
    CHECK(t->column[2].number[1] == 0 && t->column[2].number[2] == 1);
    CHECK(t->column[0].missing == NULL);
}

static void quotes_and_line_ends(void)
{
    CsvTable *t = parse("\xef\xbb\xbfname,\"a \"\"b\"\", c\"\r\n"
                        "\"two\r\nlines\", 1 \r\n"
                        "\"say \"\"hi\"\"\" ,2\r\n"
                        "\r\n"
                        "5'10\",3",
                        NULL);
    CHECK(t->rows == 3 && t->ncols == 2);
    CHECK_TEXT(t->column[0].name, "name");
    CHECK_TEXT(t->column[1].name, "a \"b\", c");
    CHECK_TEXT(t->column[0].text[0], "two\r\nlines");
    CHECK_TEXT(t->column[0].text[1], "say \"hi\"");
    CHECK_TEXT(t->column[0].text[2], "5'10\"");
    CHECK(t->column[1].kind == CSV_NUMBER && t->column[1].number[2] == 3);
    t = parse("a\rb\r\"\"\r", NULL);
    CHECK(t->rows == 2 && t->column[0].nmissing == 1);
}

static void missing_values(void)
{
    const char *tokens[] = {"NA", "-999"};
    CsvOptions o = {.missing = tokens, .nmissing = 2};
    CsvTable *t = parse("a,b\n1,NA\n NA ,-999\n,4\n", &o);
    CHECK(t->column[0].kind == CSV_NUMBER && t->column[0].nmissing == 2);
    CHECK(t->column[1].nmissing == 2 && t->column[1].number[2] == 4);
    CHECK(isnan(t->column[1].number[1]) && csv_is_missing(&t->column[1], 1));
    t = parse("a\n1\n\n3\n\n\n", NULL);
    CHECK(t->rows == 3 && csv_is_missing(&t->column[0], 1));
    t = parse("a,b\n", NULL);
    CHECK(t->rows == 0 && t->ncols == 2);
}

static void headers(void)
{
    CsvOptions no = {.header = CSV_HEADER_NO}, yes = {.header = CSV_HEADER_YES};
    CsvTable *t = parse("1,2\n3,4", &no);
    CHECK(t->rows == 2 && t->column[1].number[1] == 4);
    CHECK_TEXT(t->column[1].name, "x2");
    t = parse("2019,2020\n3,4", &yes);
    CHECK(t->rows == 1);
    CHECK_TEXT(t->column[0].name, "2019");
    t = parse(" a ,,a,a\n1,2,3,4", NULL);
    CHECK_TEXT(t->column[0].name, "a");
    CHECK_TEXT(t->column[1].name, "x2");
    CHECK_TEXT(t->column[2].name, "a_2");
    CHECK_TEXT(t->column[3].name, "a_3");
    MESSAGE("1,2\n3,4", "f.csv:1: the first row has numbers where the header "
                        "should have names");
    CHECK_TEXT(context_error()->help,
               "read(\"f.csv\"; header = false) reads it as data");
}

static void separators(void)
{
    CsvTable *t = parse("a;b\n1;2", NULL);
    CHECK(t->ncols == 2 && t->column[1].number[0] == 2);
    t = parse("a\tb\n1\tx y", NULL);
    CHECK(t->ncols == 2);
    CHECK_TEXT(t->column[1].text[0], "x y");
    CsvOptions o = {.separator = '|'};
    t = parse("a|b\n1|2", &o);
    CHECK(t->ncols == 2);
}

static void kinds(void)
{
    CsvTable *t = parse("a,b,c\n\"1\",inf,\"2\"\n2,nan,\"x\"\n3,-inf,3", NULL);
    CHECK(t->column[0].kind == CSV_NUMBER);
    CHECK(t->column[1].kind == CSV_NUMBER && isnan(t->column[1].number[1]));
    CHECK(!t->column[1].missing && t->column[2].kind == CSV_TEXT);
    t = parse("a,b\n1,5\nx,1\ny,2", NULL);
    CHECK(t->column[0].kind == CSV_TEXT);
    CHECK_TEXT(t->column[0].text[0], "1");
    const char *names[] = {"b"};
    CsvOptions o = {.text = names, .ntext = 1};
    t = parse("a,b\n1,007\n2,008\n3,x", &o);
    CHECK(t->column[1].kind == CSV_TEXT);
    CHECK_TEXT(t->column[1].text[0], "007");
}

static void wrong_numbers(void)
{
    MESSAGE("a,b\n1,2\n2,oops\n3,4\n",
            "f.csv:3: column 2 (b): `oops` is not a number, but most of the "
            "column is");
    CHECK_TEXT(context_error()->help,
               "read(\"f.csv\"; missing = {\"oops\"}) reads it as a missing "
               "value; in quotes it makes the column text");
    MESSAGE("a,b\n1,2\n2,true\n3,4\n",
            "f.csv:3: column 2 (b): `true` is not a number, but most of the "
            "column is");
    MESSAGE("a;b\n1;3,14\n",
            "f.csv:2: column 2 (b): `3,14` is a number with a comma");
    MESSAGE("a,b\n1,\"1,234\"\n2,7",
            "f.csv:2: column 2 (b): `1,234` is a number with a comma");
}

static void damage(void)
{
    MESSAGE("", "f.csv: the file is empty");
    MESSAGE("\n\n", "f.csv: the file is empty");
    MESSAGE("a,b\n1,2\n3\n", "f.csv:3: 1 field, where the first row has 2");
    MESSAGE("a,b\n1,2,3,4\n", "f.csv:2: 4 fields, where the first row has 2");
    MESSAGE("a,b\n1,\"x\n2,y\n",
            "f.csv:2: the quote that opens a field here is never closed");
    MESSAGE("a,b\n1,\"x\"y\n", "f.csv:2: text follows the closing quote of a "
                               "field");
    MESSAGE("a,b\n\"x\ny\",\"z\"z\n", "f.csv:3: text follows the closing "
                                      "quote of a field");
    MESSAGE("a,b\n1,\xe9t\xe9\n", "f.csv:2: the byte 0xe9 is not UTF-8");
    CHECK_TEXT(message_of("a\n\0", 3, NULL),
               "f.csv:2: a NUL byte: this is no text file in UTF-8");
    CHECK_TEXT(message_of("\xff\xfe"
                          "a\0",
                          4, NULL),
               "f.csv:1: the file is UTF-16, not UTF-8");
}

/* No input may do more than raise ERR_CSV. */
static void damaged_at_random(void)
{
    static const char alphabet[] = "a1,;\"\n\r\t .-e\xc3\xa9";
    unsigned long seed = 1;
    for (int i = 0; i < 20000; i++) {
        char text[32];
        size_t n = 0;
        while (n < sizeof text) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[n++] = alphabet[(seed >> 33) % (sizeof alphabet - 1)];
        }
        ArenaMark mark = arena_mark(arena);
        message_of(text, (seed >> 40) % sizeof text, NULL);
        arena_reset(arena, mark);
    }
}

static void files(void)
{
    char path[] = "/tmp/mlc_test_XXXXXX", inner[64];
    CHECK(mkdtemp(path) != NULL);
    snprintf(inner, sizeof inner, "%s/cars.csv", path);
    CHECK(!file_exists(inner));
    file_write(inner, "a\n1\n", 4);
    chmod(inner, 0640);
    file_write(inner, "a\n2\n", 4);
    struct stat st;
    CHECK(stat(inner, &st) == 0 && (st.st_mode & 0777) == 0640);
    size_t len;
    CHECK_TEXT(file_read(arena, inner, &len), "a\n2\n");
    CHECK(len == 4);
    CsvTable *t = csv_read(arena, inner, NULL);
    CHECK(t->rows == 1 && t->column[0].number[0] == 2);
    Protect p;
    char wrong[64];
    snprintf(wrong, sizeof wrong, "%s/car.csv", path);
    if (PROTECT(&p)) {
        file_read(arena, wrong, &len);
        protect_end(&p);
        CHECK_FAIL("read a file that is not there");
    } else {
        CHECK(context_error()->code == ERR_FILE);
        CHECK(strstr(context_error()->message, "No such file"));
        CHECK(strstr(context_error()->help, "cars.csv"));
    }
    if (PROTECT(&p)) {
        file_read(arena, path, &len);
        protect_end(&p);
        CHECK_FAIL("read a directory");
    } else {
        CHECK(strstr(context_error()->message, "is a directory"));
    }
    if (PROTECT(&p)) {
        file_write(path, "", 0);
        protect_end(&p);
        CHECK_FAIL("wrote a directory");
    } else {
        CHECK(context_error()->code == ERR_OUTPUT);
    }
    int ends[2];
    CHECK(pipe(ends) == 0 && write(ends[1], "piped", 5) == 5);
    close(ends[1]);
    CHECK_TEXT(file_read_from(arena, ends[0], "pipe", &len), "piped");
    close(ends[0]);
    unlink(inner);
    rmdir(path);
}

static void json(void)
{
    Str s = {0};
    json_add_key(&s, "a\"b");
    json_add_text(&s, "\n\x01\\λ\xff", 6);
    json_add_text(&s, "\0", 1);
    json_add_number(&s, 0.1);
    json_add_number(&s, -INFINITY);
    json_add_bool(&s, true);
    CHECK_TEXT(str_text(&s), "\"a\\\"b\":\"\\n\\u0001\\\\λ\\ufffd\""
                             "\"\\u0000\"0.1\"-inf\"true");
    str_free(&s);
}

static void json_that_was_read(void)
{
    static const char text[] =
        "{\"a\": [1.50, -2e9, {}], \"b\": {\"t\": true, \"n\": null,"
        "\"s\": \"\\u03bb\\n\"}, \"a\": [], \"c\": 7}";
    const Json *j = json_read(arena, "t", text, sizeof text - 1);
    const Json *b = json_member(j, "b");
    CHECK(json_member(j, "a")->count == 0);     /* the last one counts */
    CHECK(!json_member(j, "d") && !json_member(NULL, "a"));
    CHECK(json_truth(b, "t", false) && !json_truth(b, "s", false));
    CHECK(json_number(j, "c", 0) == 7 && json_number(b, "c", 3) == 3);
    CHECK_TEXT(json_text(b, "s", ""), "λ\n");
    CHECK_TEXT(json_text(j, "c", "other"), "other");
    Str s = str_in(arena);
    json_add(&s, j);
    CHECK_TEXT(str_text(&s),
               "{\"a\":[1.50,-2e9,{}],\"b\":{\"t\":true,\"n\":null,"
               "\"s\":\"λ\\n\"},\"a\":[],\"c\":7}");
}

int main(void)
{
    Context *c = context_new();
    context_enter(c);
    arena = arena_new();
    RUN(plain_table);
    RUN(quotes_and_line_ends);
    RUN(missing_values);
    RUN(headers);
    RUN(separators);
    RUN(kinds);
    RUN(wrong_numbers);
    RUN(damage);
    RUN(damaged_at_random);
    RUN(files);
    RUN(json);
    RUN(json_that_was_read);
    arena_free(arena);
    context_free(c);
    return check_result();
}
