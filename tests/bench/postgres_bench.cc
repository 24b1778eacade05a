// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <libpq-fe.h>

#include <cstdlib>

#include "sql/postgres/src/parameters.h"
#include "sql/postgres/src/statements.h"
#include "stores.h"

namespace offsetstore::bench {
namespace {

using postgres::ArrayBuilder;
using postgres::Statement;

constexpr const char* kServer = "OFFSETSTORE_TEST_POSTGRES";

OffsetStore& Store() {
  static const std::unique_ptr<OffsetStore> store = Open(ServerOf(kServer));
  return *store;
}

const postgres::Statements& Sql() {
  static const postgres::Statements all(postgres::TableNames("public", "offsetstore"));
  return all;
}

using PgResult = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// A connection in pipeline mode. All values are binary, as the store's are.
class Pipeline {
 public:
  Pipeline() : connection_(PQconnectdb(ServerOf(kServer).c_str())) {
    Require(PQstatus(connection_) == CONNECTION_OK, PQerrorMessage(connection_));
    Require(PQenterPipelineMode(connection_) == 1, "pipeline mode");
  }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  ~Pipeline() { PQfinish(connection_); }

  void Prepare(const Statement& statement) {
    const auto types = static_cast<int>(statement.types.size());
    PQsendPrepare(
        connection_, statement.name.c_str(), statement.sql.c_str(), types, statement.types.data());
    Sync();
    Receive();
    ReceiveSync();
  }
  void Send(const Statement& statement, const std::vector<std::string>& parameters) {
    values_.clear();
    lengths_.clear();
    for (const std::string& parameter : parameters) {
      values_.push_back(parameter.data());
      lengths_.push_back(static_cast<int>(parameter.size()));
    }
    formats_.assign(parameters.size(), 1);
    PQsendQueryPrepared(connection_,
                        statement.name.c_str(),
                        static_cast<int>(parameters.size()),
                        values_.data(),
                        lengths_.data(),
                        formats_.data(),
                        1);
  }
  void Sync() { Require(PQpipelineSync(connection_) == 1, "sync"); }
  PgResult Receive() {
    PgResult result(PQgetResult(connection_), &PQclear);
    const ExecStatusType status = PQresultStatus(result.get());
    Require(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, PQerrorMessage(connection_));
    Require(PQgetResult(connection_) == nullptr, "one result");
    return result;
  }
  void ReceiveSync() {
    const PgResult result(PQgetResult(connection_), &PQclear);
    Require(PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC, "sync");
  }

  /// `begin`, the bounds, `body`, `COMMIT` in one round trip; returns the result of `body`.
  PgResult Transaction(const Statement& begin,
                       const Statement& body,
                       const std::vector<std::string>& parameters) {
    Send(begin, {});
    Send(Sql().set_bounds, {"59750", "5000"});
    Send(body, parameters);
    Sync();
    Send(Sql().commit, {});
    Sync();
    Receive();
    Receive();
    PgResult result = Receive();
    ReceiveSync();
    Receive();
    ReceiveSync();
    return result;
  }

 private:
  PGconn* connection_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

std::string BigEndian(std::uint64_t value) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xffU);
  return bytes;
}

template <class Add>
std::string Array(Oid element, const std::vector<Move>& moves, Add add) {
  ArrayBuilder array(element, moves.size());
  for (const Move& move : moves) add(array, move);
  return std::move(array).Take();
}

/// The parameters of the UPDATE, of which positions and time change from call to call.
class ByHand {
 public:
  explicit ByHand(int count) : held_(Started(Store(), "raw-" + std::to_string(count), count)) {
    for (const Statement* statement :
         {&Sql().begin, &Sql().set_bounds, &Sql().advance, &Sql().commit}) {
      pipeline_.Prepare(*statement);
    }
    using postgres::kBool, postgres::kBytea, postgres::kInt4, postgres::kInt8, postgres::kText;
    const std::vector<Move>& moves = held_.moves;
    const auto null = [](ArrayBuilder& to, const Move&) { to.Null(); };
    parameters_ = {
        "",
        held_.group,
        Array(kText, moves, [](auto& to, const Move& m) { to.Bytes(m.at.topic); }),
        Array(kInt4, moves, [](auto& to, const Move& m) { to.Int4(m.at.partition); }),
        "",
        "member localhost (host localhost, pid 12345)",
        "",
        Array(kInt4, moves, null),
        Array(kText, moves, null),
        Array(kText, moves, null),
        Array(kBytea, moves, null),
        Array(
            kInt8,
            moves,
            [](auto& to, const Move& m) { to.Int8(static_cast<std::int64_t>(m.claim->counter)); }),
        Array(kText, moves, [](auto& to, const Move& m) { to.Bytes(m.claim->nonce.Hex()); }),
        Array(kBool, moves, [](auto& to, const Move&) { to.Bool(true); }),
        Array(kInt8, moves, null)};
  }

  void CommitNext() {
    const std::int64_t position = held_.moves.front().to.value() + 1;
    held_.moves.front().to = Position(position);
    parameters_[kTime] = BigEndian(static_cast<std::uint64_t>(Now().time_since_epoch().count()));
    parameters_[kPositions] =
        Array(postgres::kInt8, held_.moves, [=](auto& to, const Move&) { to.Int8(position); });
    const PgResult moved = pipeline_.Transaction(Sql().begin, Sql().advance, parameters_);
    Require(PQntuples(moved.get()) == static_cast<int>(held_.moves.size()), "commit");
  }

 private:
  static constexpr std::size_t kTime = 4;
  static constexpr std::size_t kPositions = 6;

  Held held_;
  Pipeline pipeline_;
  std::vector<std::string> parameters_;
};

/// What a user keeps of a row.
struct Copied {
  std::string topic;
  std::int64_t partition = 0;
  std::int64_t position = 0;
  std::string metadata;
  std::int64_t time = 0;
  std::string writer;
  std::int64_t counter = 0;
  std::string nonce;
  std::string owner;
};

std::string TextAt(const PGresult* rows, int row, int column) {
  return {PQgetvalue(rows, row, column), static_cast<std::size_t>(PQgetlength(rows, row, column))};
}

/// Of numbers that are not negative.
std::int64_t NumberAt(const PGresult* rows, int row, int column) {
  const char* bytes = PQgetvalue(rows, row, column);
  std::uint64_t value = 0;
  for (int i = 0; i < PQgetlength(rows, row, column); ++i) {
    value = value << 8U | static_cast<unsigned char>(bytes[i]);
  }
  return static_cast<std::int64_t>(value);
}

/// By the order of columns in the store's SELECT.
Copied ToCopied(const PGresult* rows, int row) {
  return {.topic = TextAt(rows, row, 1),
          .partition = NumberAt(rows, row, 2),
          .position = NumberAt(rows, row, 3),
          .metadata = TextAt(rows, row, 7),
          .time = NumberAt(rows, row, 8),
          .writer = TextAt(rows, row, 9),
          .counter = NumberAt(rows, row, 10),
          .nonce = TextAt(rows, row, 11),
          .owner = TextAt(rows, row, 12)};
}

void RawFetch(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  const Held& held = ToRead(Store(), count);
  Pipeline pipeline;
  for (const Statement* statement :
       {&Sql().begin_read, &Sql().set_bounds, &Sql().read_group, &Sql().commit}) {
    pipeline.Prepare(*statement);
  }
  for (auto _ : state) {
    const PgResult rows =
        pipeline.Transaction(Sql().begin_read, Sql().read_group, {"", held.group});
    std::vector<Copied> kept;
    for (int row = 0; row < PQntuples(rows.get()); ++row) kept.push_back(ToCopied(rows.get(), row));
    Require(kept.size() == static_cast<std::size_t>(count) && kept.back().position > 0, "fetch");
  }
  state.SetItemsProcessed(state.iterations() * count);
}

void OurFetch(benchmark::State& state) {
  FetchLoop(state, Store(), false);
}

constexpr const char* kByHand =
    "libpq, one pipeline: `BEGIN`, the timeouts by `set_config(.., true)`, the same `UPDATE … FROM "
    "unnest … RETURNING`, sync, `COMMIT`, sync; all prepared, all values binary";
const PairOf kOne(Commits<ByHand, Store>("postgresql: commit of 1", 1, kByHand, kServer));
const PairOf kThousand(
    Commits<ByHand, Store>("postgresql: commit of 1,000", 1000, kByHand, kServer));
const PairOf kFetch({.name = "postgresql: fetch all of 10,000",
                     .items = "positions",
                     .raw_does = "libpq, one pipeline: `BEGIN … READ ONLY`, the timeouts, the same "
                                 "`SELECT`, `COMMIT`; each row's nine columns of use copied",
                     .raw = RawFetch,
                     .ours = OurFetch,
                     .argument = 10'000,
                     .server = kServer});

}  // namespace
}  // namespace offsetstore::bench
