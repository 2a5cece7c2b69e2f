// The shape of the Arduino core API that the example uses.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define OUTPUT 1
const uint8_t A0 = 14;

struct Stream {
  void begin(unsigned long baud);
  int available();
  int read();
  size_t write(const uint8_t* bytes, size_t count);
  size_t println(int value);
};
extern Stream Serial;

void pinMode(uint8_t pin, uint8_t mode);
void digitalWrite(uint8_t pin, uint8_t value);
int analogRead(uint8_t pin);
unsigned long micros();
void delay(unsigned long ms);
