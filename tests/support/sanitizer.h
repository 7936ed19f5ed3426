/** SHADOWED: a sanitizer takes memory of its own, so that limits of memory and peaks say nothing. */
#ifndef DG_TEST_SANITIZER_H
#define DG_TEST_SANITIZER_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SHADOWED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SHADOWED 1
#endif
#endif

#endif
