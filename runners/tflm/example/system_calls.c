/* What newlib asks of an operating system, for a firmware that has none: TFLM brings abort, vsnprintf and
 * operator delete with it. There is no heap: a call for memory fails. */
#include <stddef.h>
#include <stdint.h>

/* A fault, which the board records and reports after its reset. */
void _exit(int code) {
  (void)code;
  for (;;) __builtin_trap();
}
void* _sbrk(ptrdiff_t bytes) {
  (void)bytes;
  return (void*)(intptr_t)-1;
}
int _kill(int process, int signal) {
  (void)process;
  (void)signal;
  return -1;
}
int _getpid(void) { return 1; }
int _write(int file, const char* from, int count) {
  (void)file;
  (void)from;
  return count;
}
int _read(int file, char* to, int count) {
  (void)file;
  (void)to;
  (void)count;
  return 0;
}
int _close(int file) {
  (void)file;
  return -1;
}
int _fstat(int file, void* to) {
  (void)file;
  (void)to;
  return -1;
}
int _isatty(int file) {
  (void)file;
  return 0;
}
int _lseek(int file, int offset, int from) {
  (void)file;
  (void)offset;
  (void)from;
  return -1;
}
