// An 8x8 light sensor array behind a multiplexer, and the digit it sees, ten times a second.
extern "C" {
#include "digits.h"
}

const int kFirstSelectPin = 2;  // six pins choose one of 64 sensors

void setup() {
  Serial.begin(115200);
  for (int bit = 0; bit < 6; ++bit) pinMode(kFirstSelectPin + bit, OUTPUT);
}

void read_picture() {
  for (int i = 0; i < DIGITS_PIXELS; ++i) {
    for (int bit = 0; bit < 6; ++bit) digitalWrite(kFirstSelectPin + bit, i >> bit & 1);
    digits_input[i] = analogRead(A0) / 64;  // 0..1023 becomes 0..15
  }
}

void loop() {
  read_picture();
  digits_run();
  Serial.println(digits_answer());
  delay(100);
}
