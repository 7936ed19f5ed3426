/** host/base/json.c: the exact text, and that digico's own YAML reader reads it back. */
#include "host/base/json.h"

#include "host/config/tree.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/** The object with the members that `write` writes; the caller frees it. */
static char *object_of(const char *indent, void (*write)(dg_json *json))
{
    char *text = NULL;
    size_t size = 0;
    dg_json json;
    FILE *file = open_memstream(&text, &size);
    dg_json_open(&json, file, indent);
    write(&json);
    dg_json_close(&json);
    cr_assert_eq(fclose(file), 0);
    return text;
}

static void expect_object(const char *indent, void (*write)(dg_json *json), const char *expected)
{
    char *text = object_of(indent, write);
    cr_expect_str_eq(text, expected);
    free(text);
}

static void no_members(dg_json *json)
{
    (void)json;
}

static void three_members(dg_json *json)
{
    dg_json_text(json, "state", "running");
    dg_json_integer(json, "least", INT64_MIN);
    dg_json_key(json, "list");
    fputs("[1, 2]", json->file);
}

Test(json, separates_members_and_indents_them)
{
    expect_object(NULL, no_members, "{}");
    expect_object("  ", no_members, "{}");
    expect_object(NULL, three_members,
                  "{\"state\": \"running\", \"least\": -9223372036854775808, \"list\": [1, 2]}");
    expect_object("  ", three_members,
                  "{\n  \"state\": \"running\",\n  \"least\": -9223372036854775808,\n"
                  "  \"list\": [1, 2]\n}");
}

static void numbers(dg_json *json)
{
    dg_json_real(json, "a", 0.5);
    dg_json_real(json, "b", (double)NAN);
    dg_json_real(json, "c", -(double)INFINITY);
    dg_json_real(json, "d", 1e300);
    dg_json_real(json, "e", -0.0);
}

Test(json, writes_null_for_numbers_that_are_not_finite)
{
    expect_object(NULL, numbers,
                  "{\"a\": 0.5, \"b\": null, \"c\": null, \"d\": 1e+300, \"e\": -0}");
}

/* every ASCII character but NUL; characters of several bytes are in texts() below */
static char every[128];

static void escapes(dg_json *json)
{
    for (int c = 1; c < 128; c++) every[c - 1] = (char)c;
    dg_json_text(json, every, every);
}

/** A character as it is written: RFC 8259, section 7, and DEL, which YAML readers reject. */
static const char *escaped(int c, char *text)
{
    if (c == '"' || c == '\\')
        sprintf(text, "\\%c", c);
    else if (c < 0x20 || c == 0x7f)
        sprintf(text, "\\u00%c%c", "01234567"[c / 16], "0123456789abcdef"[c % 16]);
    else
        sprintf(text, "%c", c);
    return text;
}

Test(json, escapes_what_a_string_may_not_contain)
{
    char once[1024] = "", expected[2200], one[8];
    for (int c = 1; c < 128; c++) strcat(once, escaped(c, one));
    snprintf(expected, sizeof expected, "{\"%s\": \"%s\"}", once, once);
    expect_object(NULL, escapes, expected);
}

/** Codes longer than need be, halves of pairs and codes beyond the last: U+FFFD for each of their bytes. */
static void no_utf8(dg_json *json)
{
    dg_json_text(json, "long", "\xe0\x80\xaf \xf0\x80\x80\xaf");
    dg_json_text(json, "half", "\xed\xa0\x80 \xed\xbf\xbf");
    dg_json_text(json, "beyond", "\xf4\x90\x80\x80");
    dg_json_text(json, "last", "\xf4\x8f\xbf\xbd \xe0\xa0\x80 \xf0\x90\x80\x80");
}

#define THREE "\\ufffd\\ufffd\\ufffd"

Test(json, marks_bytes_that_are_no_utf8)
{
    expect_object(NULL, no_utf8,
                  "{\"long\": \"" THREE " " THREE "\\ufffd\", \"half\": \"" THREE " " THREE
                  "\", \"beyond\": \"" THREE "\\ufffd\", "
                  "\"last\": \"\xf4\x8f\xbf\xbd \xe0\xa0\x80 \xf0\x90\x80\x80\"}");
}

static void texts(dg_json *json)
{
    dg_json_text(json, "path", "C:\\a \"b\"\n\tc: # d, [e] {f} é");
    dg_json_text(json, "yes", "no");
    dg_json_integer(json, "n", -5);
}

Test(json, is_read_back_as_yaml)
{
    dg_pool pool = {0};
    dg_node *root = NULL;
    char *text = object_of("  ", texts);
    cr_assert_eq(dg_tree_parse(&root, &pool, "a.json", 0, text, strlen(text)), DG_OK, "%s",
                 dg_error());
    cr_assert_eq(root->kind, DG_NODE_MAP);
    const dg_node *m = root->first;
    cr_expect_str_eq(m->key, "path");
    cr_expect_str_eq(m->text, "C:\\a \"b\"\n\tc: # d, [e] {f} é");
    m = m->next;
    cr_expect_str_eq(m->text, "no");
    m = m->next;
    cr_expect_str_eq(m->text, "-5");
    cr_expect_null(m->next);
    dg_pool_free(&pool);
    free(text);
}
