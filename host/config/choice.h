/** What is made of a list of choices, X(enumerator, word, further columns): see kernels/science/choices.h. */
#ifndef DG_CHOICE_H
#define DG_CHOICE_H

#include "kernels/science/choices.h"

/* for X: the word; the enumerator and the number of rows are made in choices.h */
#define DG_CHOICE_WORD(code, ...)  DG_CHOICE_FIRST(__VA_ARGS__, )
#define DG_CHOICE_FIRST(word, ...) word,

/** Elements of an array, a constant. */
#define DG_LENGTH(array) ((int)(sizeof(array) / sizeof *(array)))

#endif
