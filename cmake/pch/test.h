// What most test files include; see host.h.
#pragma once
#include <catch2/catch.hpp>

#include "host.h"
