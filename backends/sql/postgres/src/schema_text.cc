// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "schema_text.h"

#include "shared/format.h"

namespace offsetstore::postgres {
namespace {

// Names compare and sort by bytes, whatever the database's own collation is.
std::string CreateMeta(const TableNames& names) {
  return "CREATE TABLE " + names.Quoted(names.meta) +
         " (\n"
         "  key text COLLATE \"C\" NOT NULL PRIMARY KEY,\n"
         "  value text COLLATE \"C\" NOT NULL\n"
         ")";
}

// The room that is left in each page lets a new version of a row stay in the page of the old one,
// so that a commit changes no index.
std::string CreatePositions(const TableNames& names) {
  return "CREATE TABLE " + names.Quoted(names.positions) +
         " (\n"
         "  space text COLLATE \"C\" NOT NULL,\n"
         "  grp text COLLATE \"C\" NOT NULL,\n"
         "  topic text COLLATE \"C\" NOT NULL,\n"
         "  part integer NOT NULL,\n"
         "  position bigint,\n"
         "  leader_epoch integer,\n"
         "  topic_id text COLLATE \"C\",\n"
         "  cluster_id text COLLATE \"C\",\n"
         "  metadata bytea,\n"
         "  commit_time bigint,\n"
         "  writer text COLLATE \"C\",\n"
         "  counter bigint NOT NULL,\n"
         "  nonce text COLLATE \"C\",\n"
         "  owner text COLLATE \"C\",\n"
         "  since bigint NOT NULL,\n"
         "  released smallint NOT NULL,\n"
         "  removed smallint NOT NULL,\n"
         "  PRIMARY KEY (space, grp, topic, part)\n"
         ") WITH (fillfactor = 60)";
}

// For people: what a fetch shows, with times that can be read.
std::string CreateReadable(const TableNames& names) {
  return "CREATE VIEW " + names.Quoted(names.readable) +
         " AS\n"
         "SELECT space, grp AS \"group\", topic, part AS partition, position,\n"
         "  encode(metadata, 'escape') AS metadata,\n"
         "  to_timestamp(commit_time / 1000.0) AS committed, writer,\n"
         "  CASE WHEN counter > 0 THEN counter END AS claim,\n"
         "  CASE WHEN counter > 0 AND released = 0 THEN split_part(owner, ' ', 1) || ' ' ||\n"
         "    split_part(owner, ' ', 2) || ' on ' || split_part(owner, ' ', 3) END AS holder,\n"
         "  CASE WHEN counter > 0 THEN to_timestamp(since / 1000.0) END AS claimed\n"
         "FROM " +
         names.Quoted(names.positions) +
         "\nWHERE removed = 0 AND (position IS NOT NULL OR counter > 0)";
}

}  // namespace

std::vector<Statement> SchemaStatements(const TableNames& names, std::string_view store_id) {
  const std::string insert = "INSERT INTO " + names.Quoted(names.meta) +
                             " (key, value) VALUES ('format', '" + std::to_string(sql::kFormat) +
                             "'), ('store-id', '" + std::string(store_id) + "')";
  std::vector<Statement> statements;
  for (std::string sql :
       {CreateMeta(names), insert, CreatePositions(names), CreateReadable(names)}) {
    statements.push_back({"", std::move(sql), {}});
  }
  return statements;
}

}  // namespace offsetstore::postgres
