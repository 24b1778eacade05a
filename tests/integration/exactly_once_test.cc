// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Exactly once through the consumer: what handlers may do wrong, and what operators may do
// meanwhile.
#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <set>
#include <stdexcept>
#include <utility>

#include "offsetstore/backends/sqlite.h"
#include "transactor.h"

namespace offsetstore::testing {
namespace {

/// Does something else, once, in the third batch; before or after its results.
class Once {
 public:
  [[nodiscard]] bool Now() { return ++batches_ == 3; }

 private:
  std::atomic<int> batches_ = 0;
};

/// The run ended by itself; the next consumer finishes, and every effect is there once.
void CheckFinishedByNext(const OnceTopic& topic) {
  CHECK(topic.Number("SELECT count(*) FROM results") ==
        topic.Number("SELECT sum(position) FROM offsetstore_positions"));
  Transactor next(topic);
  CHECK_MESSAGE(Eventually([&] { return topic.IsDoneOnce(); }), next.events().Text());
  CHECK(next.Stop());
  CHECK(topic.IsDoneOnce());
}

TEST_CASE("results and positions move together, in batches of all partitions") {
  const OnceTopic topic(3);
  std::atomic<std::size_t> largest = 0;
  Transactor consumer(topic, [&](Database& db, std::span<Record* const> records) {
    largest = std::max<std::size_t>(largest, records.size());
    return WriteResults(db, records);
  });
  Database db(topic.path());
  const auto done = [&] {
    // One statement sees one state of both.
    CHECK(db.Number("SELECT (SELECT count(*) FROM results) - (SELECT coalesce(sum(position), 0) "
                    "FROM offsetstore_positions)") == 0);
    return topic.IsDoneOnce();
  };
  CHECK_MESSAGE(Eventually(done), consumer.events().Text());
  CHECK(consumer.Stop());
  CHECK(largest == 64);
  CHECK(consumer.events().Count(EventKind::kRolledBack) == 0);
  CHECK(consumer.events().Wait(EventKind::kGuarantee)->text.find("exactly-once") !=
        std::string::npos);
}

TEST_CASE("a handler that fails ends the run, and its transaction is rolled back") {
  const OnceTopic topic(2);
  Once once;
  bool throws = false;
  SUBCASE("by an error") {}
  SUBCASE("by an exception") {
    throws = true;
  }
  std::atomic<std::int64_t> before = 0;  // A batch is as large as what had come by then.
  Transactor consumer(topic, [&](Database& db, std::span<Record* const> records) -> Status {
    Status inserted = WriteResults(db, records);
    if (!once.Now()) {
      before += std::ssize(records);
      return inserted;
    }
    if (throws) throw std::runtime_error("boom");
    return MakeError(ErrorCode::kInternal, "no such customer");
  });
  const auto ended = consumer.Ended();
  REQUIRE(ended);
  REQUIRE_FALSE(*ended);
  CHECK(ended->error().message == (throws ? "the handler threw: boom" : "no such customer"));
  CHECK(before > 0);
  CHECK(topic.Number("SELECT count(*) FROM results") == before);
  CheckFinishedByNext(topic);
}

TEST_CASE("what opens the database may throw: the run ends, and says so") {
  const OnceTopic topic(1);
  std::string said;
  SUBCASE("an exception") {
    said = "opening threw: no route to the database";
  }
  SUBCASE("nothing was opened") {
    said = "the database was opened without its positions";
  }
  using Opened = Result<std::unique_ptr<TransactionalPositions>>;
  const auto open = [&](const StoreInfo&, const std::string&, Deadline) -> Opened {
    if (said.starts_with("opening threw")) throw std::runtime_error("no route to the database");
    return std::unique_ptr<TransactionalPositions>();
  };
  ConsumerThread run(topic.config, [&](Consumer& consumer, std::stop_token stop) {
    return consumer.RunTransactions(
        open, [](std::span<Record* const>) { return Status(); }, std::move(stop));
  });
  const auto ended = run.Ended();
  REQUIRE(ended);
  REQUIRE_FALSE(*ended);
  CHECK(ended->error().message.starts_with(said));
}

TEST_CASE("a handler that is tried again gets the same records, and they count once") {
  OnceTopic topic(2);
  topic.config["offsetstore.on.error"] = "retry";
  std::atomic<int> batches = 0;
  Transactor consumer(topic, [&](Database& db, std::span<Record* const> records) -> Status {
    Status inserted = WriteResults(db, records);
    return ++batches % 3 == 0 ? MakeError(ErrorCode::kInternal, "try again") : inserted;
  });
  CHECK_MESSAGE(Eventually([&] { return topic.IsDoneOnce(); }), consumer.events().Text());
  CHECK(consumer.Stop());
  CHECK(topic.IsDoneOnce());
  CHECK(consumer.events().Count(EventKind::kRolledBack) > 0);
}

/// A handler that ends the transaction itself is told, and neither loses nor doubles anything.
void CheckEndedByHandler(const std::function<void(Database&)>& meddle) {
  const OnceTopic topic(2);
  Once once;
  Transactor consumer(topic, [&](Database& db, std::span<Record* const> records) -> Status {
    Status inserted = WriteResults(db, records);
    if (once.Now()) meddle(db);
    return inserted;
  });
  const auto ended = consumer.Ended();
  REQUIRE_MESSAGE(ended, consumer.events().Text());
  REQUIRE_FALSE(*ended);
  CHECK(ended->error().code == ErrorCode::kInvalidArgument);
  CheckFinishedByNext(topic);
}

std::function<void(Database&)> Running(std::string sql) {
  return [sql = std::move(sql)](Database& db) { static_cast<void>(db.Run(sql)); };
}

TEST_CASE("a handler that commits by itself loses no record") {
  CheckEndedByHandler(Running("COMMIT"));
  CheckEndedByHandler(Running("COMMIT; BEGIN IMMEDIATE"));
}

TEST_CASE("a handler that rolls back by itself ends the run") {
  CheckEndedByHandler(Running("ROLLBACK"));
  CheckEndedByHandler(Running("ROLLBACK; BEGIN IMMEDIATE"));
}

TEST_CASE("a savepoint that is left open is committed with the rest") {
  const OnceTopic topic(2);
  Transactor consumer(topic, [&](Database& db, std::span<Record* const> records) -> Status {
    static_cast<void>(db.Run("SAVEPOINT work"));
    return WriteResults(db, records);
  });
  CHECK_MESSAGE(Eventually([&] { return topic.IsDoneOnce(); }), consumer.events().Text());
  CHECK(consumer.Stop());
  CHECK(topic.IsDoneOnce());
}

TEST_CASE("a handler that closes the connection ends the run") {
  // SQLite refuses while statements are left, and drops our guard all the same.
  CheckEndedByHandler([](Database& db) { CHECK(sqlite3_close(db.get()) == SQLITE_BUSY); });
}

TEST_CASE("E06 an operator's set between two batches: it goes on from there") {
  const OnceTopic topic(1);
  std::atomic<bool> hold = true;
  Once once;
  Transactor consumer(topic, [&](Database& db, std::span<Record* const> records) -> Status {
    if (once.Now()) hold = false;
    return WriteResults(db, records);
  });
  REQUIRE(Eventually([&] { return !hold; }));
  const auto store = OpenBeside("sqlite://" + topic.path());
  REQUIRE(Eventually([&] { return OperatorSet(*store, "g", {"orders", 0}, 400).Ok(); }));
  const auto at_end = [&] { return Stored(*store, "g", {"orders", 0}) == OnceTopic::kRecords; };
  CHECK_MESSAGE(Eventually(at_end), consumer.events().Text());
  CHECK(consumer.events().Wait(EventKind::kMoved));
  CHECK(consumer.Stop());
  // It may have been beyond 400 already: then the operator asked for those a second time.
  CHECK(topic.Number("SELECT count(DISTINCT pos) FROM results WHERE pos >= 400") == 100);
}

TEST_CASE("E06 an operator's removal: it starts anew by its policy, every record once more") {
  const OnceTopic topic(1);
  Transactor consumer(topic);
  REQUIRE_MESSAGE(Eventually([&] { return topic.IsDoneOnce(); }), consumer.events().Text());
  const auto store = OpenBeside("sqlite://" + topic.path());
  const std::vector<Removal> removals = {{.at = {"orders", 0}, .expect = Any{}, .from = {}}};
  const auto remove = [&] {
    const auto outcomes = store->Remove("g",
                                        removals,
                                        ThisProcess(Owner::Kind::kOperator, "ops"),
                                        Deadline::After(std::chrono::seconds(5)));
    return outcomes && outcomes->front().Ok();
  };
  REQUIRE(Eventually(remove));
  CHECK(consumer.events().Wait(EventKind::kMoved));
  const auto twice = [&] {
    return topic.Number("SELECT count(*) FROM results") == 2 * OnceTopic::kRecords;
  };
  CHECK_MESSAGE(Eventually(twice), consumer.events().Text());
  CHECK(consumer.Stop());
  CHECK(topic.Number("SELECT count(DISTINCT pos) FROM results") == OnceTopic::kRecords);
  CHECK(Stored(*store, "g", {"orders", 0}) == OnceTopic::kRecords);
}

TEST_CASE("a position that somebody edits by hand is followed back, with a word") {
  const OnceTopic topic(1);
  Once once;
  std::atomic<bool> edited = false;
  Transactor consumer(topic, [&](Database& db, std::span<Record* const> records) -> Status {
    if (once.Now()) {
      // In the transaction itself, after the lock.
      edited = db.Run("UPDATE offsetstore_positions SET position = 10") == SQLITE_OK;
    }
    return WriteResults(db, records);
  });
  CHECK_MESSAGE(Eventually([&] { return topic.IsDoneOnce(); }), consumer.events().Text());
  CHECK(consumer.Stop());
  CHECK(edited);
  CHECK(topic.IsDoneOnce());
  CHECK(consumer.events().Count(EventKind::kRolledBack) == 1);
}

TEST_CASE("E11 a position beyond the end of the log: from its first record on, every one once") {
  OnceTopic topic(2);
  topic.config["offsetstore.out.of.range"] = "earliest";
  int runs = 2;
  SUBCASE("static assignment") {}
  SUBCASE("a group") {
    topic.config.erase("assign");
    topic.config["topics"] = "orders";
    runs = 1;  // The mock cluster keeps a group's next member waiting.
  }
  const auto store = OpenBeside("sqlite://" + topic.path());
  // The topic was longer before it was made anew. The other partition stands at its first record.
  REQUIRE(OperatorSet(*store, "g", {"orders", 0}, 10 * OnceTopic::kRecords).Ok());
  REQUIRE(OperatorSet(*store, "g", {"orders", 1}, 0).Ok());
  for (int run = 0; run < runs; ++run) {
    CAPTURE(run);
    Transactor consumer(topic);
    // The second run starts from what the first one stored, and finds nothing left.
    const auto done = [&] {
      return consumer.events().Count(EventKind::kRestored) >= 2 && topic.IsDoneOnce();
    };
    CHECK_MESSAGE(Eventually(done), consumer.events().Text());
    const Status ended = consumer.Stop();
    CHECK_MESSAGE(ended, ToString(ended.error()));
    CHECK(consumer.events().Count(EventKind::kOutOfRange) == (run == 0 ? 1 : 0));
    CHECK(consumer.events().Count(EventKind::kRolledBack) == 0);
  }
  CHECK(topic.IsDoneOnce());
  for (int i = 0; i < 2; ++i) CHECK(Stored(*store, "g", {"orders", i}) == OnceTopic::kRecords);
}

/// A copy of the database as a power cut leaves it that took the end of the log.
void CopyWithLogOf(const std::string& from, const std::string& to, std::uintmax_t bytes) {
  using std::filesystem::copy_options;
  std::filesystem::copy_file(from, to, copy_options::overwrite_existing);
  std::filesystem::copy_file(from + "-wal", to + "-wal", copy_options::overwrite_existing);
  std::filesystem::resize_file(to + "-wal", bytes);
}

TEST_CASE("E08 wherever a power cut ends the log, results and positions go back together") {
  OnceTopic topic(2);
  const std::string cut = (topic.dir / "cut").string();
  constexpr const char* kSum = "SELECT coalesce(sum(position), 0) FROM offsetstore_positions";
  std::set<std::int64_t> found;
  {
    Transactor consumer(topic);
    // Keeps the log from being worked into the database.
    Database reader(topic.path());
    REQUIRE(Eventually([&] { return reader.Number("SELECT count(*) FROM results") >= 64; }));
    REQUIRE(reader.Run("BEGIN; SELECT count(*) FROM results") == SQLITE_OK);
    REQUIRE(Eventually([&] { return topic.IsDoneOnce(); }));
    CHECK(consumer.Stop());
    const auto log = std::filesystem::file_size(topic.path() + "-wal");
    constexpr std::uintmax_t kCuts = 40;
    for (std::uintmax_t i = 0; i <= kCuts; ++i) {
      CopyWithLogOf(topic.path(), cut, log * i / kCuts);
      Database left(cut);
      const std::int64_t results = left.Number("SELECT count(*) FROM results");
      CAPTURE(i);
      // The first cuts take the tables of the positions too.
      const bool any =
          left.Number("SELECT count(*) FROM sqlite_master WHERE name LIKE '%positions'") > 0;
      CHECK(results == (any ? left.Number(kSum) : 0));
      found.insert(results);
    }
    CopyWithLogOf(topic.path(), cut, log / 2);
  }
  CHECK(found.size() > 3);
  // The next consumer does what was lost once more, and all is there once.
  std::filesystem::rename(cut, topic.path());
  std::filesystem::rename(cut + "-wal", topic.path() + "-wal");
  CHECK_FALSE(topic.IsDoneOnce());
  // The claim came back too, and its holder, this process, lives on.
  topic.config["offsetstore.takeover"] = "true";
  Transactor next(topic);
  CHECK_MESSAGE(Eventually([&] { return topic.IsDoneOnce(); }), next.events().Text());
  CHECK(next.Stop());
  CHECK(topic.IsDoneOnce());
}

TEST_CASE("a database that is not the store's ends the run before anything is written") {
  const OnceTopic topic(1);
  const OnceTopic other(1);
  auto consumer = Consumer::Open(ToProperties(topic.config), {});
  REQUIRE(consumer);
  Database db(other.path());
  const Status status = (*consumer)->RunTransactions(
      [&](const StoreInfo& store, const std::string& group, Deadline deadline) {
        return OpenSqliteTransactional(db.get(), store, group, deadline);
      },
      [&](std::span<Record* const> records) { return WriteResults(db, records); },
      {});
  REQUIRE_FALSE(status);
  CHECK(status.error().code == ErrorCode::kConfigInvalid);
  CHECK(other.Number("SELECT count(*) FROM results") == 0);
}

}  // namespace
}  // namespace offsetstore::testing
