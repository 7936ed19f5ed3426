/** What is made of a list of choices, X(enumerator, word, further columns): see kernels/science/choices.h. */
#ifndef DG_CHOICE_H
#define DG_CHOICE_H

/* for X: the enumerator, the word */
#define DG_CHOICE_CODE(code, ...)  code,
#define DG_CHOICE_WORD(code, ...)  DG_CHOICE_FIRST(__VA_ARGS__, )
#define DG_CHOICE_FIRST(word, ...) word,
#define DG_CHOICE_ONE(...)         +1

/** Rows of a list, a constant. */
#define DG_CHOICES(list) (0 list(DG_CHOICE_ONE))

/** Elements of an array, a constant. */
#define DG_LENGTH(array) ((int)(sizeof(array) / sizeof *(array)))

#endif
