// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/migration/fetch_groups.h"

#include "parallel.h"

namespace offsetstore::migration {

std::vector<Answers<Read>> FetchGroups(OffsetStore& store,
                                       std::span<const std::string> groups,
                                       const Selection& selection,
                                       std::size_t parallel,
                                       Duration timeout) {
  std::vector<Answers<Read>> answers(groups.size(), std::vector<Read>());
  ForEachIndex(groups.size(), parallel, [&](std::size_t, std::size_t i) {
    answers[i] = store.Fetch(groups[i], selection, Deadline::After(timeout));
  });
  return answers;
}

}  // namespace offsetstore::migration
