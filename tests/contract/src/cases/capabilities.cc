// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules C45 and C46: what a store says about itself. The other direction of each capability is
// checked where the capability is used.
#include "gates.h"

#include <string>

namespace offsetstore::testing::cases {

void C45Capabilities(Subject& subject) {
  const Capabilities& can = subject.can();
  CHECK(Fences(subject) == can.fenced_commits);
  CHECK(ChecksPositions(subject) == can.conditional_commits);
  CHECK(IsAtomic(subject) == can.atomic_batch);
  CHECK(can.atomic_batch == (subject.limits().atomic_batch > 0));
  CHECK(can.keeps_metadata == (subject.limits().metadata_bytes > 0));
  // A fence without an atomic check would be none.
  if (can.fenced_commits) CHECK(can.conditional_commits);
}

void C46Info(Subject& subject) {
  const StoreInfo before = subject.store->Info();
  CHECK_FALSE(before.scheme.empty());
  CHECK_FALSE(before.endpoint.empty());
  CHECK_FALSE(before.store_id.empty());
  CHECK_FALSE(before.durability_note.empty());
  CHECK(before.space.empty());
  REQUIRE(subject.Group().Commit(Advance(subject.Partition(), 1)).Ok());
  CHECK(subject.store->Info().store_id == before.store_id);
  subject.Reopen();
  const StoreInfo& after = subject.store->Info();
  CHECK(after.scheme == before.scheme);
  CHECK(after.endpoint == before.endpoint);
  CHECK(after.store_id == before.store_id);
  CHECK((after.capabilities == before.capabilities));
  CHECK((after.limits == before.limits));
  CHECK((after.durability == before.durability));
}

void C46Errors(Subject& subject) {
  const TestGroup group = subject.Group();
  const Answer refused = group.Commit(Advance({"contract", -1}, 1));
  REQUIRE(refused.error.has_value());
  CHECK(refused.error->scheme == subject.store->Info().scheme);
  CHECK(refused.error->operation == "commit");
  CHECK_FALSE(refused.error->message.empty());
}

}  // namespace offsetstore::testing::cases
