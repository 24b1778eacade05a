// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "backing.h"
#include "offsetstore/deadline.h"
#include "offsetstore/result.h"
#include "offsetstore/store.h"
#include "transaction.h"

namespace offsetstore::postgres {

/// The calls that only read. Each sees one moment of the database, in one round trip.
class Reader {
 public:
  explicit Reader(Backing& backing) noexcept : backing_(backing) {}

  [[nodiscard]] Answers<Read> Fetch(std::string_view group,
                                    const Selection& selection,
                                    Deadline deadline);
  [[nodiscard]] Result<GroupPage> ListGroups(const PageRequest& page, Deadline deadline);

 private:
  [[nodiscard]] Result<std::vector<PgResult>> Run(std::vector<Command> commands, Deadline deadline);

  Backing& backing_;
};

}  // namespace offsetstore::postgres
