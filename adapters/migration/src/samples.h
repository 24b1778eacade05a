// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "offsetstore/migration/decide.h"
#include "offsetstore/migration/plan.h"

namespace offsetstore::migration {

/// What groups held at an earlier look, as a few bytes each.
class Samples {
 public:
  void Take(const GroupPlan& group);
  /// Adds to `evidence` the sides that hold something else now than when the sample was taken.
  void Compare(const GroupPlan& group, Evidence& evidence) const;

 private:
  struct Sample {
    std::uint64_t source = 0;
    std::uint64_t target = 0;
  };
  static Sample Of(const GroupPlan& group);

  std::unordered_map<std::string, Sample> samples_;
};

}  // namespace offsetstore::migration
