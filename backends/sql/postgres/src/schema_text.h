// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "statements.h"

namespace offsetstore::postgres {

/// The columns of our tables, in the words in which the server describes them.
inline constexpr std::string_view kMetaColumns = "key text not null C, value text not null C";
inline constexpr std::string_view kPositionsColumns =
    "space text not null C, grp text not null C, topic text not null C, part integer not null, "
    "position bigint, leader_epoch integer, topic_id text C, cluster_id text C, metadata bytea, "
    "commit_time bigint, writer text C, counter bigint not null, nonce text C, owner text C, "
    "since bigint not null, released smallint not null, removed smallint not null";

/// What makes our tables, what stands in them from the start, and the view, one statement each.
[[nodiscard]] std::vector<Statement> SchemaStatements(const TableNames& names,
                                                      std::string_view store_id);

}  // namespace offsetstore::postgres
