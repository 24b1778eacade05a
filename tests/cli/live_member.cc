// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "live_member.h"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>

#include "eventually.h"

namespace offsetstore::testing {
namespace {

Words Consume(const TempDir& folder,
              const std::string& brokers,
              const std::string& group,
              const std::string& topic) {
  const std::string config = (folder / "c.properties").string();
  WriteFile(config,
            "bootstrap.servers=" + brokers + "\ngroup.id=" + group + "\ntopics=" + topic +
                "\noffsetstore.uri=file://" + (folder / "positions").string() +
                "\noffsetstore.start=latest\n");
  return {"consume", "--config", config, "--verbose"};
}

}  // namespace

LiveMember::LiveMember(const std::string& brokers,
                       const std::string& group,
                       const std::string& topic)
    : member_(Consume(folder_, brokers, group, topic)) {
  const auto assigned = [this] { return member_.Err().find("assigned") != std::string::npos; };
  REQUIRE_MESSAGE(Eventually(assigned, std::chrono::seconds(60)), member_.Err());
}

LiveMember::~LiveMember() {
  member_.Signal(SIGTERM);
  CHECK(Eventually([this] { return member_.Over(); }));
}

}  // namespace offsetstore::testing
