/* Runs protocol/vectors/vectors.txt against the agent's codecs, on whatever core it is built for. Not in the
 * product. */
#ifndef ASSAY_VECTORS_SELFTEST_H
#define ASSAY_VECTORS_SELFTEST_H

#ifdef __cplusplus
extern "C" {
#endif

/* The number of vectors that failed; 0 is good. Needs about 2 KB of .bss. */
int assay_vectors_selftest(void);
/* How many there are: a table that came out empty is no success. */
int assay_vectors_count(void);

#ifdef __cplusplus
}
#endif
#endif
