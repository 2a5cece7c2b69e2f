// An 8x8 light sensor array behind a multiplexer, and the digit it sees, ten times a second.
#include <assay.h>
extern "C" {
#include "digits.h"
}

const int kFirstSelectPin = 2;  // six pins choose one of 64 sensors

static size_t line_read(uint8_t* to, size_t room) {
  size_t count = 0;
  while (count < room && Serial.available()) to[count++] = Serial.read();
  return count;
}
static void line_write(const uint8_t* bytes, size_t count) { Serial.write(bytes, count); }
static uint32_t ticks() { return micros(); }
static int run(void*) { return digits_run(), 0; }

static assay_tensor pixels = {"pixels", digits_input, 64, ASSAY_INT8, 4, {1, 8, 8, 1}, 1 / 16.0f, 0};
static assay_tensor scores = {"scores", digits_output, 10, ASSAY_INT8, 2, {1, 10}, DIGITS_SCALE, 0};
static assay_model model;
static assay_port port;

void setup() {
  Serial.begin(115200);
  for (int bit = 0; bit < 6; ++bit) pinMode(kFirstSelectPin + bit, OUTPUT);
  model.name = "digits", model.engine = "plain C", model.run = run;
  model.inputs = &pixels, model.outputs = &scores, model.input_count = model.output_count = 1;
  port.board = "arduino", port.clock = ASSAY_CLOCK_TIMER, port.tick_hz = 1000000;
  port.tick = ticks, port.rx = line_read, port.tx = line_write;
  assay_init(&port, &model, 1);
}

void read_picture() {
  for (int i = 0; i < DIGITS_PIXELS; ++i) {
    for (int bit = 0; bit < 6; ++bit) digitalWrite(kFirstSelectPin + bit, i >> bit & 1);
    digits_input[i] = analogRead(A0) / 64;  // 0..1023 becomes 0..15
  }
}

void loop() {
  assay_poll();
  if (assay_session()) return;  // once a host has come, the buffers and the line are its own
  read_picture();
  digits_run();
  Serial.println(digits_answer());
  delay(100);
}
