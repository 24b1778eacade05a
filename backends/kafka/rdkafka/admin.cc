// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "rdkafka/admin.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <thread>
#include <utility>

#include "rdkafka/admin_options.h"
#include "rdkafka/error.h"
#include "rdkafka/handle.h"

namespace offsetstore::rdkafka {
namespace {

// So many calls of one handle are under way at once at most: enough to hide the round trips.
constexpr std::size_t kWindow = 64;

using Options = AdminOptions;

Error NoAnswer(std::string_view what, Effect effect) {
  return ToError(RD_KAFKA_RESP_ERR__TIMED_OUT, effect, what);
}

bool HasGroup(rd_kafka_t* handle) {
  return Queue::OfConsumer(handle).get() != nullptr;
}

Error NoGroup() {
  return MakeError(ErrorCode::kInternal,
                   "librdkafka crashes where a handle without group.id reads a group's positions");
}

Error NotSent(std::string_view what) {
  return MakeError(ErrorCode::kDeadlineExceeded,
                   std::string(what) + ": the deadline passed before it was sent");
}

/// The partitions of the one group of an answer, or the error of the event or of the group.
Result<PartitionList> ReadGroup(const rd_kafka_group_result_t* group,
                                std::string_view what,
                                Effect effect) {
  const rd_kafka_error_t* failed = rd_kafka_group_result_error(group);
  if (failed != nullptr) {
    return ToError(rd_kafka_error_code(failed), effect, what, rd_kafka_error_string(failed));
  }
  return PartitionList::CopyOf(rd_kafka_group_result_partitions(group));
}

using GroupsOf = const rd_kafka_group_result_t** (*)(const rd_kafka_event_t*, std::size_t*);

Result<PartitionList> ReadEvent(rd_kafka_event_t* event,
                                GroupsOf groups_of,
                                std::string_view what,
                                Effect effect) {
  if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return ToError(rd_kafka_event_error(event), effect, what, rd_kafka_event_error_string(event));
  }
  std::size_t count = 0;
  const rd_kafka_group_result_t** groups = groups_of(event, &count);
  if (count != 1) {
    return MakeError(ErrorCode::kInternal,
                     std::string(what) + ": the answer names " + std::to_string(count) + " groups");
  }
  return ReadGroup(groups[0], what, effect);
}

bool IsBusy(const Result<PartitionList>& answer) {
  if (!answer) return IsCoordinatorBusy(static_cast<rd_kafka_resp_err_t>(answer.error().native));
  const auto elements = answer->elements();
  return std::any_of(elements.begin(), elements.end(), [](const auto& element) {
    return IsCoordinatorBusy(element.err);
  });
}

using Listings = std::vector<GroupListing>;

bool IsBusy(const Result<Listings>& answer) {
  return !answer && IsCoordinatorBusy(static_cast<rd_kafka_resp_err_t>(answer.error().native));
}

/// Waits out a coordinator that starts or moves. Asking again for what was answered is harmless:
/// every call here is idempotent.
template <class Call>
auto Patiently(Call call, Deadline deadline) {
  while (true) {
    auto answer = call();
    if (!IsBusy(answer) || deadline.Remaining() <= kBusyPause) return answer;
    std::this_thread::sleep_for(kBusyPause);
  }
}

bool IsInDoubt(rd_kafka_resp_err_t native) {
  return native != RD_KAFKA_RESP_ERR_NO_ERROR &&
         ToError(native, Effect::kWrite, "").code == ErrorCode::kInDoubt;
}

bool MayBeApplied(const Result<PartitionList>& answer) {
  if (!answer) return answer.error().code == ErrorCode::kInDoubt;
  const auto elements = answer->elements();
  return std::any_of(
      elements.begin(), elements.end(), [](const auto& element) { return IsInDoubt(element.err); });
}

/// Waits as `Patiently`. What an attempt may have done stays in doubt, whatever a later one that
/// did not succeed is told.
template <class Call>
Result<PartitionList> PatientlyWrite(Call call, Deadline deadline) {
  bool earlier = false;
  bool last = false;
  const auto once = [&] {
    auto answer = call();
    earlier = earlier || last;
    last = MayBeApplied(answer);
    return answer;
  };
  auto answer = Patiently(once, deadline);
  if (!earlier) return answer;
  if (!answer) {
    Error error = MakeError(ErrorCode::kInDoubt,
                            answer.error().message + "; an earlier attempt may have been applied");
    error.native = answer.error().native;
    return error;
  }
  for (auto& element : answer->elements()) {
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      element.err = RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT;
    }
  }
  return answer;
}

void SendList(rd_kafka_t* handle,
              const std::string& group,
              const PartitionList* wanted,
              const Options& options,
              const Queue& queue) {
  rd_kafka_ListConsumerGroupOffsets_t* request = rd_kafka_ListConsumerGroupOffsets_new(
      group.c_str(), wanted == nullptr ? nullptr : wanted->get());
  rd_kafka_ListConsumerGroupOffsets(handle, &request, 1, options.get(), queue.get());
  rd_kafka_ListConsumerGroupOffsets_destroy(request);
}

Options ListOptions(rd_kafka_t* handle) {
  Options options = Options::OfCoordinator(handle, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
  // Positions of a transaction that may still be aborted are not stored yet: wait for its end.
  rd_kafka_error_t* refused = rd_kafka_AdminOptions_set_require_stable_offsets(options.get(), 1);
  if (refused != nullptr) rd_kafka_error_destroy(refused);  // Only for another kind of options.
  return options;
}

constexpr std::string_view kReadWhat = "read of the group's positions";

Result<PartitionList> AskOffsets(rd_kafka_t* handle,
                                 const std::string& group,
                                 const PartitionList* wanted,
                                 Deadline deadline) {
  if (deadline.Passed()) return NotSent(kReadWhat);
  Queue queue(handle);
  SendList(handle, group, wanted, ListOptions(handle), queue);
  const Event event = queue.PollUntil(deadline);
  if (event == nullptr) return NoAnswer(kReadWhat, Effect::kRead);
  return ReadEvent(
      event.get(), &rd_kafka_ListConsumerGroupOffsets_result_groups, kReadWhat, Effect::kRead);
}

Result<PartitionList> AskAlter(rd_kafka_t* handle,
                               const std::string& group,
                               const PartitionList& offsets,
                               Deadline deadline) {
  constexpr std::string_view kWhat = "commit";
  if (deadline.Passed()) return NotSent(kWhat);
  Queue queue(handle);
  const Options options =
      Options::OfCoordinator(handle, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS);
  rd_kafka_AlterConsumerGroupOffsets_t* request =
      rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), offsets.get());
  rd_kafka_AlterConsumerGroupOffsets(handle, &request, 1, options.get(), queue.get());
  rd_kafka_AlterConsumerGroupOffsets_destroy(request);
  const Event event = queue.PollUntil(deadline);
  if (event == nullptr) return NoAnswer(kWhat, Effect::kWrite);
  return ReadEvent(
      event.get(), &rd_kafka_AlterConsumerGroupOffsets_result_groups, kWhat, Effect::kWrite);
}

Result<PartitionList> AskDelete(rd_kafka_t* handle,
                                const std::string& group,
                                const PartitionList& partitions,
                                Deadline deadline) {
  constexpr std::string_view kWhat = "removal";
  if (deadline.Passed()) return NotSent(kWhat);
  Queue queue(handle);
  const Options options =
      Options::OfCoordinator(handle, RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS);
  rd_kafka_DeleteConsumerGroupOffsets_t* request =
      rd_kafka_DeleteConsumerGroupOffsets_new(group.c_str(), partitions.get());
  rd_kafka_DeleteConsumerGroupOffsets(handle, &request, 1, options.get(), queue.get());
  rd_kafka_DeleteConsumerGroupOffsets_destroy(request);
  const Event event = queue.PollUntil(deadline);
  if (event == nullptr) return NoAnswer(kWhat, Effect::kWrite);
  return ReadEvent(
      event.get(), &rd_kafka_DeleteConsumerGroupOffsets_result_groups, kWhat, Effect::kWrite);
}

GroupListing ToListing(const rd_kafka_ConsumerGroupListing_t* listed) {
  const rd_kafka_consumer_group_state_t state = rd_kafka_ConsumerGroupListing_state(listed);
  return GroupListing{.name = rd_kafka_ConsumerGroupListing_group_id(listed),
                      .state = rd_kafka_consumer_group_state_name(state),
                      .is_live = state != RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY &&
                                 state != RD_KAFKA_CONSUMER_GROUP_STATE_DEAD};
}

Result<Listings> ReadListings(rd_kafka_event_t* event) {
  constexpr std::string_view kWhat = "list of the groups";
  if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return ToError(
        rd_kafka_event_error(event), Effect::kRead, kWhat, rd_kafka_event_error_string(event));
  }
  std::size_t count = 0;
  const rd_kafka_error_t** failed = rd_kafka_ListConsumerGroups_result_errors(event, &count);
  if (count > 0) {
    return ToError(rd_kafka_error_code(failed[0]),
                   Effect::kRead,
                   "list of the groups (a broker did not answer)",
                   rd_kafka_error_string(failed[0]));
  }
  const rd_kafka_ConsumerGroupListing_t** valid =
      rd_kafka_ListConsumerGroups_result_valid(event, &count);
  Listings listings;
  for (std::size_t i = 0; i < count; ++i) listings.push_back(ToListing(valid[i]));
  std::sort(listings.begin(), listings.end(), [](const auto& a, const auto& b) {
    return a.name < b.name;
  });
  return listings;
}

}  // namespace

Result<Listings> ListGroups(rd_kafka_t* handle, Deadline deadline) {
  const auto ask = [&]() -> Result<Listings> {
    if (deadline.Passed()) return NotSent("list of the groups");
    Queue queue(handle);
    const Options options(handle, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, deadline);
    rd_kafka_ListConsumerGroups(handle, options.get(), queue.get());
    const Event event = queue.PollUntil(deadline);
    if (event == nullptr) return NoAnswer("list of the groups", Effect::kRead);
    return ReadListings(event.get());
  };
  return Patiently(ask, deadline);
}

Result<PartitionList> GroupOffsets(rd_kafka_t* handle,
                                   const std::string& group,
                                   const PartitionList* wanted,
                                   Deadline deadline) {
  if (!HasGroup(handle)) return NoGroup();
  return Patiently([&] { return AskOffsets(handle, group, wanted, deadline); }, deadline);
}

Result<std::vector<PartitionList>> OffsetsOfGroups(rd_kafka_t* handle,
                                                   std::span<const std::string> groups,
                                                   Deadline deadline) {
  if (!HasGroup(handle)) return NoGroup();
  const Error silence = NoAnswer(kReadWhat, Effect::kRead);
  std::vector<Result<PartitionList>> answers;
  answers.reserve(groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) answers.emplace_back(silence);
  Queue queue(handle);
  std::size_t sent = 0;
  for (std::size_t answered = 0; answered < groups.size(); ++answered) {
    for (; sent < groups.size() && sent < answered + kWindow; ++sent) {
      Options options = ListOptions(handle);
      options.SetOpaque(&answers[sent]);
      SendList(handle, groups[sent], nullptr, options, queue);
    }
    const Event event = queue.PollUntil(deadline);
    if (event == nullptr) break;
    *static_cast<Result<PartitionList>*>(rd_kafka_event_opaque(event.get())) = ReadEvent(
        event.get(), &rd_kafka_ListConsumerGroupOffsets_result_groups, kReadWhat, Effect::kRead);
  }
  std::vector<PartitionList> offsets;
  offsets.reserve(groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (IsBusy(answers[i])) answers[i] = GroupOffsets(handle, groups[i], nullptr, deadline);
    if (!answers[i]) return std::move(answers[i]).error().With("group", groups[i]);
    offsets.push_back(*std::move(answers[i]));
  }
  return offsets;
}

Result<PartitionList> AlterGroupOffsets(rd_kafka_t* handle,
                                        const std::string& group,
                                        const PartitionList& offsets,
                                        Deadline deadline) {
  return PatientlyWrite([&] { return AskAlter(handle, group, offsets, deadline); }, deadline);
}

Result<PartitionList> DeleteGroupOffsets(rd_kafka_t* handle,
                                         const std::string& group,
                                         const PartitionList& partitions,
                                         Deadline deadline) {
  return PatientlyWrite([&] { return AskDelete(handle, group, partitions, deadline); }, deadline);
}

}  // namespace offsetstore::rdkafka
