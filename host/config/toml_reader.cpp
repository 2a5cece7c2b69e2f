#include "config/toml_reader.h"
