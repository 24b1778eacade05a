// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What `offsetctl doctor` and `offsetctl schema` rest on.
#include <algorithm>
#include <filesystem>
#include <string>

#include "examined.h"
#include "sqlite_support.h"
#include "temp_dir.h"

namespace offsetstore::testing {
namespace {

const Examiner& Examine() {
  static const Examiner examiner(&RegisterSqliteBackend);
  return examiner;
}

std::ptrdiff_t FilesIn(const TempDir& folder) {
  return std::distance(std::filesystem::directory_iterator(folder.path()), {});
}

TEST_CASE("a store opens with create=false on the tables that were made from the printed schema") {
  const TempDir folder;
  const auto path = folder / "made.db";
  const std::string uri = "sqlite://" + path.string();
  Connect(path).exec(Examine().Schema(uri));
  const Examined found = Examine()(uri);
  CHECK(found.Healthy());
  CHECK(FilesIn(folder) == 1);
  CHECK(Ask(path, "PRAGMA journal_mode") == "delete");
  SqliteOptions options = At(path);
  options.create = false;
  const auto store = MustOpen(options);
  CHECK(store->Info().store_id == found.info().store_id);
  CHECK(store->Info().durability == found.info().durability);
  CHECK(TestGroup(*store, "g").Commit(Advance({"orders", 0}, 5)).Ok());
}

TEST_CASE("a rollback journal of the application's own database is a warning, and stays") {
  const TempDir folder;
  const auto path = folder / "app.db";
  Connect(path).exec("CREATE TABLE mine (x)");
  const std::string uri = "sqlite://" + path.string();
  REQUIRE_FALSE(Examine().Try(uri));
  Connect(path).exec(Examine().Schema(uri));
  const Examined found = Examine()(uri);
  CHECK(found["journal"] == Grade::kWarning);
  CHECK(found["rights"] == Grade::kOk);
  CHECK(Ask(path, "PRAGMA journal_mode") == "delete");
  CHECK(FilesIn(folder) == 1);
}

TEST_CASE("an open store can be looked at") {
  const TempDir folder;
  const auto path = folder / "used.db";
  const auto store = MustOpen(At(path));
  CHECK(TestGroup(*store, "g").Commit(Advance({"orders", 0}, 5)).Ok());
  const Examined found = Examine()("sqlite://" + path.string());
  CHECK(found.Healthy());
  CHECK(found["journal"] == Grade::kOk);
  CHECK(TestGroup(*store, "g").Commit(Advance({"orders", 0}, 6)).Ok());
}

}  // namespace
}  // namespace offsetstore::testing
