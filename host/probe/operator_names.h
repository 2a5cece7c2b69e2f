// Which operator of a model a function of a firmware serves, by the names that engines give their functions.
//
// To teach it another engine: rows in the table of operator_names.cpp, the narrower pattern first; a test
// shows one function of each.
#pragma once

#include <string>
#include <string_view>

namespace assay::probe {

// Code that serves several operators or none: the interpreter, the C library, the application.
inline constexpr std::string_view kSharedCode = "shared";
// Weights and plans that lie in the image as constants.
inline constexpr std::string_view kModelData = "model data";

// "CONV_2D"; "CONV_2D/FULLY_CONNECTED" where two operators have one kernel; kSharedCode; kModelData. `name`
// as of readable_name(), `file` without folders, empty where it is not known.
std::string operator_of_symbol(std::string_view name, std::string_view file);

// Does "CONV_2D/FULLY_CONNECTED" name `op`?
bool names_operator(std::string_view operators, std::string_view op);

}  // namespace assay::probe
