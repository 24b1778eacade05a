// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Decides from what processes wrote down, and from nothing else, whether their store forked or lost
// an update.
//
// Every position is written by one call only, and every write says which position it followed; a
// removal writes a tombstone. So the writes that took effect must form one chain from absent on, in
// which
//   - no position is followed twice: that would be a lost update, or two owners at once;
//   - what a call wrote stands behind what had ended before it began;
//   - what an answer shows is not older than what was acknowledged before the question;
//   - the claims only grow, and each was told the position that stands before its own first write
//     and behind the last one of every claim before it.
// Each counter belongs to one claim, each claim follows the one that it was told of. What was in
// doubt took effect exactly where somebody saw it; what was refused never did.
#pragma once

#include <string>
#include <vector>

#include "operation.h"

namespace offsetstore::testing {

/// What is wrong, each as a sentence that names the operations; empty: nothing. The operations of
/// all processes, in any order.
[[nodiscard]] std::vector<std::string> Violations(const std::vector<Operation>& operations);

}  // namespace offsetstore::testing
