/** host/base/utf8.c: any bytes become one line that shows what they are. */
#include "host/base/utf8.h"

#include "host/base/error.h"

#include <criterion/criterion.h>

#include <string.h>

Test(utf8, printable_text_is_kept_and_the_rest_is_escaped)
{
    static const char *const texts[][2] = {
        {"", ""},
        {"plain: a\\b \"c\"", "plain: a\\b \"c\""},
        {"\xc3\xbc \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80", "\xc3\xbc \xe6\x97\xa5\xe6\x9c\xac "
                                                               "\xf0\x9f\x98\x80"},
        {"a\nb\tc\rd", "a\\nb\\tc\\rd"},
        {"\x1b[31mred\x07\x7f", "\\x1b[31mred\\x07\\x7f"},
        {"\xc2\x9b"
         "31m",
         "\\u009b31m"}, /* control in two bytes */
        {"\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6\xef\xbb\xbf", "\\u2028\\u202e\\u2066\\ufeff"},
        {"\xff\xc3(\xe2\x82", "\\xff\\xc3(\\xe2\\x82"},        /* invalid, cut off */
        {"\xed\xa0\x80\xc0\xaf", "\\xed\\xa0\\x80\\xc0\\xaf"}, /* surrogate, too long */
    };
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        char shown[256];
        cr_expect_str_eq(dg_printable(shown, sizeof shown, texts[k][0]), texts[k][1]);
        char again[256];
        cr_expect_str_eq(dg_printable(again, sizeof again, shown), shown, "nothing is left");
    }
}

Test(utf8, a_text_too_long_is_cut_between_characters)
{
    for (size_t size = 1; size < 12; size++) {
        char shown[16];
        memset(shown, '!', sizeof shown);
        dg_printable(shown, size, "a\xc3\xbc\n\xe6\x97\xa5");
        const size_t length = strlen(shown);
        cr_expect_lt(length, size);
        cr_expect(length == 0 || length == 1 || length == 3 || length == 5 || length == 8, "%zu",
                  length);
        cr_expect_eq(shown[size], '!', "nothing beyond is written");
    }
}

Test(utf8, every_error_is_one_printable_line)
{
    cr_assert_eq(dg_fail(DG_ERR_IO, "%s: %s", "a\nb", "\x1b[0m\xc3\xbc"), DG_ERR_IO);
    cr_expect_str_eq(dg_error(), "a\\nb: \\x1b[0m\xc3\xbc");
    cr_assert_eq(dg_fail(DG_ERR_IO, "%s", dg_error()), DG_ERR_IO);
    cr_expect_str_eq(dg_error(), "a\\nb: \\x1b[0m\xc3\xbc");
    char longer[4096];
    memset(longer, '\n', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    cr_assert_eq(dg_fail(DG_ERR_IO, "%s", longer), DG_ERR_IO);
    cr_expect_eq(strlen(dg_error()), 1022);
}
