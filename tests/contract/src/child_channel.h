// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace offsetstore::testing {

// How a child process is told what to do: its store's URI in the environment, orders and answers
// on two descriptors. Standard input and output stay free: the test runner writes to one of them.
inline constexpr const char* kChildVariable = "OFFSETSTORE_CONTRACT_CHILD";
inline constexpr int kChildOrders = 3;
inline constexpr int kChildAnswers = 4;

}  // namespace offsetstore::testing
