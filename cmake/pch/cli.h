// What the verbs include besides; see host.h.
#pragma once
#include <CLI/CLI.hpp>

#include "host.h"
