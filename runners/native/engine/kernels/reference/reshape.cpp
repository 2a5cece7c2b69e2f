#include "reshape.h"

#include <string.h>

namespace assay::engine::reference {

bool check_reshape(const OpContext& op) { return op.input_tensor(0).bytes == op.output_tensor().bytes; }

void run_reshape(const OpContext& op) {
  if (op.input(0) != op.output()) memmove(op.output(), op.input(0), op.output_tensor().bytes);
}

}  // namespace assay::engine::reference
