// Nothing but a source for assay_catch to precompile its header with: catch_main.cpp cannot, and without one
// CMake makes none.
