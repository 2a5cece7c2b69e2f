// Every figure of a run as CSV, one a line, for spreadsheets: figure,value,unit,kind,n,lo,hi,validity.
//
// Figures are those of results/figures.h, then the recall of each class. Shares are 0..1; absent fields are
// empty.
#pragma once

#include <string>

#include "report/view.h"

namespace assay::report {

std::string csv_figures(const View& view);

}  // namespace assay::report
