// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "eventually.h"
#include "fake_client.h"
#include "offsetstore/backends/memory.h"
#include "offsetstore/session.h"

namespace offsetstore::testing {

class FaultStore;

/// Keeps every event.
class EventLog final : public Listener {
 public:
  void On(const Event& event) noexcept override;
  [[nodiscard]] std::size_t Count(EventKind kind) const;
  [[nodiscard]] std::optional<Event> Last(EventKind kind) const;

 private:
  mutable std::mutex mutex_;
  std::vector<Event> events_;
};

/// The poll thread of a consumer, with the test as its broker: one session over a memory world that
/// several drivers may share.
class Driver {
 public:
  struct Setup {
    std::shared_ptr<MemoryWorld> world = NewMemoryWorld();
    std::shared_ptr<FakeClient> client = std::make_shared<FakeClient>();
    SessionOptions options = Fast();
    std::shared_ptr<OffsetStore> store;  ///< Null = a memory store on `world`.
  };
  /// Short times, so that a test need not wait.
  [[nodiscard]] static SessionOptions Fast();

  explicit Driver(Setup setup);

  Session& session() { return *session_; }
  FakeClient& client() { return *client_; }
  EventLog& events() { return *events_; }
  OffsetStore& store() { return *store_; }

  /// Assigns, and keeps what was added. Returns all actions.
  std::vector<Action> Assign(const Partitions& partitions);
  /// Takes actions until one of type `T` came, or fails after a bound; keeps all it took.
  template <class T>
  std::optional<T> WaitFor() {
    std::optional<T> found;
    const auto match = [&](const Action& action) {
      if (const T* one = std::get_if<T>(&action)) found = *one;
      return found.has_value();
    };
    static_cast<void>(Eventually([&] { return TakeUntil(match); }));
    return found;
  }
  /// The same, where it may have come with what was taken before.
  template <class T>
  [[nodiscard]] bool SawOrSees() {
    const auto match = [](const Action& action) { return std::holds_alternative<T>(action); };
    return std::any_of(seen.begin(), seen.end(), match) || WaitFor<T>();
  }
  /// Reads the next `count` records of `at` (offsets without gaps).
  std::vector<Ticket> Read(const TopicPartition& at, int count);
  /// Reads and finishes them.
  void Process(const TopicPartition& at, int count);
  /// Waits until the store holds `position`.
  [[nodiscard]] bool Stored(const TopicPartition& at, std::int64_t position);
  [[nodiscard]] std::optional<std::int64_t> StoredNow(const TopicPartition& at);
  std::vector<Outcome> Revoke(const Partitions& partitions);

  /// Where the client reads next, by what it was told.
  std::map<TopicPartition, Position> reading;
  /// Actions seen so far.
  std::vector<Action> seen;

 private:
  bool TakeUntil(const std::function<bool(const Action&)>& match);
  void Obey(const Action& action);

  std::shared_ptr<FakeClient> client_;
  std::shared_ptr<EventLog> events_;
  std::shared_ptr<OffsetStore> store_;
  std::string group_;
  std::unique_ptr<Session> session_;
};

/// The partition of most tests.
inline const TopicPartition kAt{"orders", 0};

/// A client that knows `kAt`, whose log holds [0, 1000).
[[nodiscard]] inline Driver::Setup OnePartition() {
  Driver::Setup setup;
  setup.client->SetRange(kAt, 0, 1000);
  return setup;
}

/// Records in the window of `Driver::Fast`.
inline constexpr int kWindow = 64;

/// Reads a whole window and finishes it from its end, so that one commit is of all of it.
void ProcessWindow(Driver& driver, const TopicPartition& at);

/// Whether a window that is full of records in doubt opens again once that is settled. `stored`:
/// where the driver stands.
void CheckOpensAfterDoubt(Driver& driver,
                          FaultStore& faults,
                          const TopicPartition& at,
                          std::int64_t stored);

/// An operator's `offsetctl set`.
Outcome Set(OffsetStore& store,
            const std::string& group,
            const TopicPartition& at,
            std::int64_t position);

}  // namespace offsetstore::testing
