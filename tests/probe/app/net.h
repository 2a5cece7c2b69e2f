/* A small int8 network in plain C, 24 -> 16 -> 4: what an application might ship. Built for the target and
 * for the host, so that a test knows every output. Weights are made by a generator: their values do not
 * matter. */
#ifndef NET_H
#define NET_H

#include <stdint.h>

enum { kNetInputs = 24, kNetHidden = 16, kNetOutputs = 4 };

static int8_t net_weight(uint32_t index) { return (int8_t)((index * 2654435761u) >> 24); }

static int8_t net_clamp(int32_t x) { return (int8_t)(x > 127 ? 127 : x < -128 ? -128 : x); }

static void net_run(const int8_t* in, int8_t* out) {
  int8_t hidden[kNetHidden];
  uint32_t w = 1;
  for (int h = 0; h < kNetHidden; ++h) {
    int32_t sum = h * 40;
    for (int i = 0; i < kNetInputs; ++i) sum += in[i] * net_weight(w++);
    hidden[h] = net_clamp(sum > 0 ? sum >> 8 : 0); /* ReLU: some inputs take other paths than others */
  }
  for (int o = 0; o < kNetOutputs; ++o) {
    int32_t sum = o * -100;
    for (int h = 0; h < kNetHidden; ++h) sum += hidden[h] * net_weight(w++);
    out[o] = net_clamp(sum >> 7);
  }
}

#endif
