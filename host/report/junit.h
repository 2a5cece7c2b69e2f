// junit.xml: the run as continuous-integration servers read it (GitLab, Jenkins, GitHub actions).
//
// One test case for the run and one per gate, so that a reader sees which rule broke. A gate that fails is a
// <failure>; a board, a probe or a tool that fails is an <error>, so that a dead board never looks like a bad
// model; what cannot be decided is <skipped> with the reason. Figures are <properties>. GitLab shows
// classname as the suite and drops duplicate names: classname is "assay.<profile>.<board>", a gate's name is
// its metric (with a number when repeated).
#pragma once

#include <string>

#include "report/view.h"

namespace assay::report {

std::string junit_xml(const View& view);

}  // namespace assay::report
