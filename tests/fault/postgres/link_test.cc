// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What a network may do to a write and to its answer: applied, not applied or in doubt, never
// wrong.
#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "eventually.h"
#include "postgres_support.h"
#include "tcp_proxy.h"

namespace offsetstore::testing {
namespace {

using namespace std::chrono_literals;
using Fault = TcpProxy::Fault;

constexpr auto kShort = 400ms;

/// One store behind a network of the test's own, another one that reaches the server directly, and
/// a claim of the first with position 5.
struct Link {
  Tables tables;
  TcpProxy proxy{ServerPort(tables.server)};
  std::unique_ptr<OffsetStore> store = MustOpen(WithPort(tables.uri(), proxy.port()));
  std::unique_ptr<OffsetStore> direct = MustOpen(tables.uri());
  TestGroup group{*store, "g"};
  TestGroup seen{*direct, "g"};
  TopicPartition at = Orders(0);
  ClaimToken claim = group.MustClaim(at);

  Link() { REQUIRE(group.Commit(Advance(at, 5, claim)).Ok()); }

  /// A commit of 6 with a short deadline.
  [[nodiscard]] Outcome CommitSix() const {
    const std::vector<Move> moves = {Advance(at, 6, claim)};
    return OutcomeOf(store->Commit("g", moves, Member(), Atomicity::kEach, In(kShort)));
  }
  [[nodiscard]] Outcome ClaimShortly(const ClaimRequest& request) const {
    const std::vector<ClaimRequest> requests = {request};
    const auto answers = store->Claim("g", requests, Member(), In(kShort));
    REQUIRE(answers);
    return answers->front().outcome;
  }
  [[nodiscard]] static Outcome OutcomeOf(const Answers<Outcome>& answers) {
    REQUIRE(answers);
    return answers->front();
  }
};

bool IsInDoubt(const Outcome& outcome) {
  return outcome.code == OutcomeCode::kFailed && outcome.error &&
         outcome.error->code == ErrorCode::kInDoubt;
}

TEST_CASE("a commit that was done and whose answer is lost is in doubt; its claim tells") {
  Link link;
  link.proxy.Set(Fault::kHoldReplies);
  CHECK(IsInDoubt(link.CommitSix()));
  link.proxy.Set(Fault::kNone);
  const ClaimResult settled = link.group.Claim(link.at, link.claim);
  REQUIRE(settled == OutcomeCode::kApplied);
  CHECK(PositionIn(settled.slot) == 6);
  CHECK(link.group.Commit(Advance(link.at, 7, settled.token)).Ok());
}

/// Lets the held request of the client that gave up arrive now, and waits until the server is done
/// with it.
void ReleaseOriginal(Link& link) {
  PostgresClient client(link.tables.server);
  const std::string before = client.Ask("SELECT clock_timestamp()");
  // It is late only once the network knows that its client has gone.
  REQUIRE(Eventually([&link] { return link.proxy.ReleaseLate() == 1; }));
  link.proxy.Set(Fault::kNone);
  REQUIRE(Eventually([&] {
    return client.Ask(
               "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'offsetstore'"
               " AND query = 'COMMIT' AND state = 'idle' AND query_start > '" +
               before + "'") == "1";
  }));
}

TEST_CASE("a late original changes nothing once the claim was settled") {
  Link link;
  link.proxy.Set(Fault::kHoldRequests);
  CHECK(IsInDoubt(link.CommitSix()));
  const ClaimResult settled = link.seen.Claim(link.at, link.claim);
  REQUIRE(settled == OutcomeCode::kApplied);
  CHECK(PositionIn(settled.slot) == 5);
  ReleaseOriginal(link);
  CHECK(link.seen.PositionOf(link.at) == 5);
  CHECK(link.group.Commit(Advance(link.at, 6, settled.token)).Ok());
}

TEST_CASE("an original that arrives before the claim is settled is found by it") {
  Link link;
  link.proxy.Set(Fault::kHoldRequests);
  CHECK(IsInDoubt(link.CommitSix()));
  ReleaseOriginal(link);
  CHECK(link.seen.PositionOf(link.at) == 6);
  const ClaimResult settled = link.group.Claim(link.at, link.claim);
  REQUIRE(settled == OutcomeCode::kApplied);
  CHECK(PositionIn(settled.slot) == 6);
}

TEST_CASE("a writer in doubt that slept through a takeover does not steal") {
  Link link;
  link.proxy.Set(Fault::kHoldRequests);
  CHECK(IsInDoubt(link.CommitSix()));
  const ClaimToken taken = link.seen.MustClaim(link.at, Member("member-2"));
  ReleaseOriginal(link);
  const ClaimResult late = link.group.Claim(link.at, link.claim);
  CHECK(late == OutcomeCode::kFenced);
  CHECK(link.seen.ClaimOf(link.at)->token == taken);
  CHECK(link.seen.PositionOf(link.at) == 5);
  CHECK(link.seen.Commit(Advance(link.at, 9, taken)).Ok());
}

TEST_CASE("a cut before or behind a commit is in doubt, and never half a commit") {
  for (const Fault fault : {Fault::kCutRequest, Fault::kCutReply, Fault::kHalfClose}) {
    CAPTURE(static_cast<int>(fault));
    Link link;
    link.proxy.Set(fault);
    CHECK(IsInDoubt(link.CommitSix()));
    CHECK(link.proxy.AwaitDone());
    const ClaimResult settled = link.group.Claim(link.at, link.claim);
    REQUIRE(settled == OutcomeCode::kApplied);
    const std::int64_t position = PositionIn(settled.slot).value_or(-1);
    CHECK((position == 5 || position == 6));
    CHECK(link.seen.PositionOf(link.at) == position);
    CHECK(link.group.Commit(Advance(link.at, 6, link.claim)) == OutcomeCode::kFenced);
  }
}

TEST_CASE("a claim that is cut before its commit was sent was surely not taken") {
  for (const Fault fault : {Fault::kCutRequest, Fault::kCutReply, Fault::kHalfClose}) {
    CAPTURE(static_cast<int>(fault));
    Link link;
    link.proxy.Set(fault);
    const std::vector<ClaimRequest> requests = {Request(link.at)};
    const auto answers = link.store->Claim("g", requests, Member(), Soon());
    REQUIRE_FALSE(answers);
    CHECK(answers.error().code == ErrorCode::kUnavailable);
    CHECK(answers.error().retry == Retry::kSafe);
    CHECK(link.seen.ClaimOf(link.at)->token == link.claim);
  }
}

/// While it lives, a commit that changed rows waits inside its COMMIT, and can be seen there.
class SlowCommit {
 public:
  explicit SlowCommit(const Tables& tables) : tables_(tables), client_(tables.server) {
    client_.Run("SELECT pg_advisory_lock(hashtext('" + tables.stem + "'))");
    client_.Run("CREATE FUNCTION " + Function() +
                "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " PERFORM pg_advisory_xact_lock_shared(hashtext('" +
                tables.stem +
                "'));"
                " RETURN NEW; END $$");
    client_.Run("CREATE CONSTRAINT TRIGGER slow AFTER UPDATE ON " + tables.positions() +
                " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION " + Function() +
                "()");
  }
  SlowCommit(const SlowCommit&) = delete;
  SlowCommit& operator=(const SlowCommit&) = delete;
  ~SlowCommit() {
    DropTables(tables_.server, tables_.stem);
    client_.Run("DROP FUNCTION " + Function());
  }

  [[nodiscard]] bool AwaitWaiter() {
    return Eventually([this] {
      return client_.Ask(
                 "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                 " AND NOT granted AND objid = hashtext('" +
                 tables_.stem + "')::bit(32)::bigint") == "1";
    });
  }
  void LetGo() { client_.Run("SELECT pg_advisory_unlock(hashtext('" + tables_.stem + "'))"); }

 private:
  [[nodiscard]] std::string Function() const { return tables_.stem + "_slow"; }

  const Tables& tables_;
  PostgresClient client_;
};

TEST_CASE("a claim whose commit is not answered is in doubt, and is adopted by its nonce") {
  Link link;
  SlowCommit slow(link.tables);
  const ClaimRequest request = Request(link.at);
  auto claiming = std::async(std::launch::async, [&] {
    const std::vector<ClaimRequest> requests = {request};
    return link.store->Claim("g", requests, Member(), In(3s));
  });
  CHECK(slow.AwaitWaiter());
  link.proxy.Set(Fault::kHoldReplies);
  slow.LetGo();
  const auto lost = claiming.get();
  REQUIRE(lost);
  CHECK(IsInDoubt(lost->front().outcome));
  link.proxy.Set(Fault::kNone);
  const ClaimResult again = link.group.Claim(link.at, link.claim);
  REQUIRE(again == OutcomeCode::kFenced);
  REQUIRE(again.outcome.holder);
  CHECK(again.outcome.holder->token.nonce == request.nonce);
  CHECK(link.group.Commit(Advance(link.at, 6, again.outcome.holder->token)).Ok());
}

TEST_CASE("a commit that the server gives up at the deadline is surely not applied") {
  Link link;
  {
    SlowCommit slow(link.tables);
    const Outcome outcome = [&] {
      const std::vector<Move> moves = {Advance(link.at, 6, link.claim)};
      const auto answers = link.store->Commit("g", moves, Member(), Atomicity::kEach, In(kShort));
      return answers ? answers->front()
                     : Outcome{.at = link.at,
                               .code = OutcomeCode::kFailed,
                               .holder = {},
                               .conflict = {},
                               .error = answers.error()};
    }();
    REQUIRE(outcome.error);
    CHECK(outcome.error->code == ErrorCode::kDeadlineExceeded);
    CHECK(link.seen.PositionOf(link.at) == 5);
    slow.LetGo();
    CHECK(link.group.Commit(Advance(link.at, 6, link.claim)).Ok());
  }
}

TEST_CASE("a read that is cut is unavailable and the next one works") {
  Link link;
  for (const Fault fault : {Fault::kCutRequest, Fault::kCutReply, Fault::kHalfClose}) {
    CAPTURE(static_cast<int>(fault));
    link.proxy.Set(fault);
    const auto read = link.store->Fetch("g", Selection{}, Soon());
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::kUnavailable);
    CHECK(link.group.PositionOf(link.at) == 5);
  }
}

TEST_CASE("connections that ended while they were idle cost no call an answer") {
  Link link;
  link.proxy.Set(Fault::kRefuse);
  CHECK(Eventually([&link] {
    const auto read = link.store->Fetch("g", Selection{}, Soon());
    return !read && read.error().code == ErrorCode::kUnavailable;
  }));
  link.proxy.Set(Fault::kNone);
  CHECK(link.group.Commit(Advance(link.at, 6, link.claim)).Ok());
}

TEST_CASE("rows that a lost client holds are free again long before its deadline") {
  Link link;
  link.proxy.Set(Fault::kHoldReplies);
  auto claiming = std::async(std::launch::async, [&] {
    const std::vector<ClaimRequest> requests = {Request(link.at)};
    return link.store->Claim("g", requests, Member(), In(60s));
  });
  // Now it is inside its transaction, and knows nothing of it.
  CHECK(link.proxy.AwaitHeld());
  const auto start = Deadline::Clock::now();
  const ClaimToken taken = link.seen.MustClaim(link.at, Member("member-2"));
  CHECK(Deadline::Clock::now() - start < 15s);
  link.proxy.Set(Fault::kNone);
  const auto lost = claiming.get();
  REQUIRE_FALSE(lost);
  CHECK(lost.error().code == ErrorCode::kUnavailable);
  CHECK(link.seen.ClaimOf(link.at)->token == taken);
}

}  // namespace
}  // namespace offsetstore::testing
